"""Real mails and hand-trimmed replies that others collected; they lie beside the project, not in it."""

import json
from pathlib import Path

import pytest

from supportmax.domain.errors import InvalidInput
from supportmax.services.mail import parse_mail, split_reply

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "mail"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/mail")
NO_MAILS = {"flanker__big.eml", "talon__iphone_reply_text", "talon__sparrow_reply_text"}


@needs_data
def test_every_message_parses_or_says_that_it_is_none() -> None:
    refused = set()
    for path in sorted((DATA / "messages").iterdir()):
        try:
            json.dumps(parse_mail(path.read_bytes()).to_json_dict(), ensure_ascii=False).encode()
        except InvalidInput:
            refused.add(path.name)
    assert refused == NO_MAILS


@needs_data
def test_bounces_are_bounces_and_people_are_people() -> None:
    for path in sorted((DATA / "messages").glob("flanker-bounce__*.eml")):
        assert parse_mail(path.read_bytes()).auto_kind == "bounce", path.name
    for path in sorted((DATA / "messages").glob("talon__*.eml")):
        assert parse_mail(path.read_bytes()).auto_submitted is None, path.name


@needs_data
def test_replies_are_trimmed_as_people_trim_them() -> None:
    pairs = sorted((DATA / "reply_trimming").glob("*.email.txt"))
    exact = 0
    for path in pairs:
        wanted = path.with_name(path.name.replace(".email.", ".trimmed.")).read_text(encoding="utf-8")
        exact += split_reply(path.read_text(encoding="utf-8")).reply.split() == wanted.split()
    assert exact / len(pairs) >= 0.95
