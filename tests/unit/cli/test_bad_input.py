"""Bad input: an exit code and one clear line on standard error; nothing on standard output, never a trace."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.cli.run import run

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _no_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs, whatever the developer's machine does."""
    monkeypatch.setattr("infra.local.stack.Stack.status", lambda _: SimpleNamespace(running=False))
    for name in ("API_URL", "AGENT_EMAIL", "AGENT_PASSWORD", "DATABASE_URL", "MIGRATION_DATABASE_URL"):
        monkeypatch.delenv(f"SUPPORTMAX_{name}", raising=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.csv").write_text("text,label\nhello,greeting\n")
    (tmp_path / "no-label.csv").write_text("text\nhello\n")
    (tmp_path / "empty-label.csv").write_text("text,label\nhello,\n")
    (tmp_path / "empty.csv").write_text("text,label\n")
    (tmp_path / "kb.jsonl").write_text('{"id": "a", "title": "A", "body": "b"}\n')
    (tmp_path / "broken.jsonl").write_text('{"id": "a", "title": "A", "body": "b"}\n{"id": \n')
    (tmp_path / "queries.jsonl").write_text('{"query": "x", "relevant": []}\n')
    (tmp_path / "wrong.jsonl").write_text('{"query": "x", "relevant": "a"}\n')
    (tmp_path / "binary.csv").write_bytes(b"text,label\n\xff\xfe,x\n")
    (tmp_path / "blank.jsonl").write_text('{"question": "x", "relevant": []}\n{"question": " ", "relevant": []}\n')
    (tmp_path / "broken2.jsonl").write_text('{"question": "x" "relevant": []}\n')
    (tmp_path / "empty-text.csv").write_text("text,label\nhello,x\n,x\n")
    (tmp_path / "unclosed.csv").write_text('text,label\n"hello,x\n')
    return tmp_path


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("frobnicate", "No such command 'frobnicate'"),
        ("ask", "Missing argument 'question'"),
        ("ask hello --loud", "No such option: --loud"),
        ("ask hello", "no stack is running: start it with `make dev`"),
        ("ask hello --api-url nonsense", "'nonsense' is not an address"),
        ("ask hello --api-url http://[", "is not an address"),
        ("ask hello --api-url http://127.0.0.1:1", "no answer from http://127.0.0.1:1"),
        ("kb import missing", "missing: no such file or folder"),
        ("kb import broken.jsonl", "broken.jsonl:2: not JSON"),
        ("kb import kb.jsonl", "no stack is running"),
        ("kb list --api-url http://127.0.0.1:1", "--api-url needs --email and --password"),
        ("kb search x --limit 0", "Invalid value for '--limit'"),
        ("mail send missing.eml", "missing.eml: no such file or directory"),
        ("mail send .", ".: is a directory"),
        ("mail send good.csv", "no stack is running"),
        ("mail parse", "Missing argument"),
        ("eval triage --train good.csv", "Missing option '--test'"),
        ("eval triage --train missing.csv --test good.csv", "missing.csv: No such file"),
        ("eval triage --train good.csv --test no-label.csv", "no-label.csv:1: no column label"),
        ("eval triage --train good.csv --test empty-label.csv", "empty-label.csv:2: no label"),
        ("eval triage --train good.csv --test empty.csv", "empty.csv: holds no rows"),
        ("eval triage --train good.csv --test binary.csv", "binary.csv:2: not UTF-8 text"),
        ("eval retrieval --kb kb.jsonl --queries queries.jsonl", "queries.jsonl:1: every query needs at least one"),
        ("eval retrieval --kb kb.jsonl --queries wrong.jsonl", 'wrong.jsonl:1: "relevant" must be a list'),
        ("eval retrieval --kb kb.jsonl --queries broken.jsonl", 'broken.jsonl:1: no text under "query"'),
        ("eval answers --kb missing --questions queries.jsonl", "missing: no such file or folder"),
        ("eval answers --kb kb.jsonl --questions queries.jsonl", 'queries.jsonl:1: no text under "question"'),
        ("eval answers --kb kb.jsonl --questions blank.jsonl", 'blank.jsonl:2: no text under "question"'),
        ("eval answers --kb kb.jsonl --questions broken2.jsonl", "broken2.jsonl:1: not JSON: Expecting ',' delimiter"),
        ("eval answers --kb kb.jsonl --questions good.csv --plot x.txt", "x.txt: not a kind of picture"),
        ("eval answers --kb kb.jsonl --questions good.csv --plot gone/x.png", "gone/x.png: no such folder"),
        ("eval answers --kb kb.jsonl --questions good.csv --precision 95", "--precision"),
        ("eval triage --train good.csv --test empty-text.csv", "empty-text.csv:3: no text"),
        ("eval triage --train good.csv --test unclosed.csv", "unclosed.csv:2: malformed CSV"),
        ("costs", "no stack is running"),
        ("costs --calls 1000", "--calls"),
        ("answering --budget x", "--budget 'x' is no amount of dollars"),
        ("answering --precision high", "--precision"),
        ("explain x", "no stack is running"),
        ("migrate", "no stack is running"),
        ("migrate --database-url mysql://x", "must look like postgresql://"),
        ("migrate --database-url postgresql://x@127.0.0.1:1/x", "connection"),
        ("outbox", "no stack is running"),
        ("outbox --database-url postgresql://x@127.0.0.1:1/x", "database: "),
        ("dlq list", "no stack is running"),
        ("dlq redrive", "name one queue, or give --all"),
        ("dlq redrive classify --all", "name one queue, or give --all"),
    ],
)
def test_one_line(folder: Path, command: str, said: str) -> None:
    ran = run(*command.split())
    assert ran.code != 0
    assert ran.out == ""
    assert said in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        *("ask", "migrate", "doctor", "outbox"),
        *("kb import", "kb search", "kb list"),
        *("mail send", "mail parse"),
        *("eval triage", "eval retrieval", "eval answers"),
        *("dlq list", "dlq redrive"),
        *("dev up", "dev down", "dev status"),
    ],
)
def test_help_has_an_example(command: str) -> None:
    ran = run(*command.split(), "--help")
    assert ran.code == 0
    assert f"Example: supportmax {command}" in " ".join(ran.out.split())


def test_no_arguments_show_the_commands() -> None:
    ran = run()
    assert ran.code == 2
    assert "Ask the desk a question" in ran.out
    assert ran.err == ""
