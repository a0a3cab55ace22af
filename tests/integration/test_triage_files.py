"""`supportmax triage`: labels and examples as files, through the functions."""

import json
from pathlib import Path

import pytest

from tests.cloud import Cloud
from tests.integration.test_command_line import AT, answer_of
from tests.unit.cli.run import run

DEFINITIONS = "name,description,priority,group,is_spam\ncard_lost,A lost card.,high,,false\njunk,,,,yes\n"
EXAMPLES = 'text,label\n"I lost it, and ""quickly""",card_lost\nWin a million,junk\nHow do I pay?,paying\n'


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_what_goes_in_comes_out(desk_at_work: Cloud, tmp_path: Path) -> None:
    files = _write(tmp_path, "labels.csv", DEFINITIONS), _write(tmp_path, "examples.csv", EXAMPLES)
    assert answer_of(run("triage", "import", *files, "--json", *AT)) == {"labels": 3, "added": 3, "waiting": 0}
    again = answer_of(run("triage", "import", *files, "--json", *AT))
    assert (again["labels"], again["added"]) == (2, 0)
    exported = run("triage", "export", *AT)
    assert sorted(exported.out.splitlines()) == sorted(EXAMPLES.splitlines())
    labels = run("triage", "export", "--labels", *AT).out.splitlines()
    assert labels[1:] == ["card_lost,A lost card.,high,,false", "junk,,normal,,true", "paying,,normal,,false"]


def test_a_report_names_the_weak_labels(desk_at_work: Cloud, tmp_path: Path) -> None:
    assert "not fitted yet" in run("triage", "report", *AT).err
    rows = [f"The card number {n} is lost,card_lost" for n in range(12)]
    rows += [f"Payment {n} is late,paying" for n in range(12)]
    file = _write(tmp_path, "e.csv", "\n".join(["text,label", *rows, "The card number 99 is lost,paying"]))
    run("triage", "import", file, *AT)
    assert run("triage", "fit", *AT).code == 0
    desk_at_work.drain()
    report = answer_of(run("triage", "report", "--json", *AT))
    assert report["suspects"][0]["text"] == "The card number 99 is lost"
    assert report["confusions"] == [{"label": "paying", "taken_for": "card_lost", "count": 1}]
    shown = run("triage", "report", *AT).out
    assert "Look mislabelled" in shown
    assert run("triage", "retire", report["suspects"][0]["id"], *AT).out == "Taken back.\n"
    assert "number 99" not in run("triage", "export", *AT).out
    assert json.loads(run("triage", "waiting", "--json", *AT).out) == []


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("text,label\nhello,greeting\nlost,\n", 3, "no label"),
        ("text,label\n,greeting\n", 2, "no text"),
        ("name,priority\na,asap\n", 2, "priority 'asap' is none of low, normal, high, urgent"),
        ("name,is_spam\na,perhaps\n", 2, "is_spam 'perhaps' is neither true nor false"),
        ("name,group\na,Nobody\n", 2, "there is no group 'Nobody'"),
        ("words,kind\na,b\n", 1, "no column"),
        ('text,label\n"open,b\n', 2, "malformed CSV"),
        (f"text,label\n{'x' * 2001},b\n", 2, "the limit is 2,000"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_imported(
    text: str,
    line: int,
    what: str,
    desk_at_work: Cloud,
    tmp_path: Path,
) -> None:
    good = _write(tmp_path, "good.csv", EXAMPLES)
    ran = run("triage", "import", good, _write(tmp_path, "bad.csv", text), *AT)
    assert ran.code != 0
    assert f"bad.csv:{line}: " in ran.err
    assert what in ran.err
    assert run("triage", "export", *AT).out == "text,label\n"
