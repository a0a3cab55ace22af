"""`supportmax mail parse`: one object a line and file; only a file that cannot be read is a failure."""

import json
from pathlib import Path
from typing import Any

import pytest

from supportmax.services.mail import parse
from tests.unit.cli.run import Ran, run

ROOT = Path(__file__).parents[3]
EVENTS = ROOT / "events" / "emails"
KEYS = ["file", "message_id", "from", "to", "subject", "date", "text", "reply_text", "attachments", "auto_submitted"]


def _lines(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def test_every_mail_is_one_line_with_all_keys() -> None:
    files = sorted(EVENTS.glob("*.eml"))
    ran = run("mail", "parse", *files, "--json")
    assert ran.code == 0
    lines = _lines(ran)
    assert [line["file"] for line in lines] == [str(file) for file in files]
    assert all(list(line) == [*KEYS, "error"] for line in lines)
    assert all(line["error"] is None for line in lines)
    assert [Path(line["file"]).name for line in lines if line["auto_submitted"]] == [
        "10-out-of-office.eml",
        "11-bounce-dsn.eml",
        "12-newsletter-list-id.eml",
    ]


def test_what_is_no_mail_is_reported_in_its_line_beside_the_others(tmp_path: Path) -> None:
    empty = tmp_path / "empty.eml"
    empty.write_bytes(b"")
    good = EVENTS / "01-plain-card-swallowed.eml"
    ran = run("mail", "parse", empty, good, "--json")
    assert ran.code == 0
    refused, parsed = _lines(ran)
    assert refused == {**dict.fromkeys(KEYS), "file": str(empty), "error": "Not a mail: the file is empty."}
    assert parsed["subject"] == "The machine kept my card"


def test_a_missing_file_fails_and_the_others_are_parsed(tmp_path: Path) -> None:
    ran = run("mail", "parse", tmp_path / "missing.eml", tmp_path, EVENTS / "10-out-of-office.eml", "--json")
    assert ran.code == 1
    errors = [line["error"] for line in _lines(ran)]
    assert errors == [f"{tmp_path / 'missing.eml'}: no such file or directory", f"{tmp_path}: is a directory", None]


def test_a_defect_of_the_parser_is_one_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(raw: bytes) -> None:
        raise KeyError("an unforeseen mail")

    monkeypatch.setattr(parse, "parse_mail", broken)
    ran = run("mail", "parse", EVENTS / "10-out-of-office.eml", "--json")
    assert ran.code == 0
    assert _lines(ran)[0]["error"] == "cannot be parsed: KeyError: 'an unforeseen mail'"


def test_for_people_it_shows_the_reply() -> None:
    ran = run("mail", "parse", EVENTS / "07-attachments-source-of-funds.eml")
    assert ran.code == 0
    assert "  subject  " in ran.out
    assert "application/pdf" in ran.out
