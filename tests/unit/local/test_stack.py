"""The whole stack's small decisions; that it runs is what the end-to-end tests show."""

from pathlib import Path

import pytest

from infra.local import machine, paths, settings, stack
from infra.local.errors import StackError
from infra.local.postgres import Postgres
from infra.local.state import State


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "HOME", tmp_path)
    return tmp_path


def test_two_commands_at_once_are_refused() -> None:
    with stack.only_one(), pytest.raises(StackError, match="another `supportmax dev` command"), stack.only_one():
        pytest.fail("both ran")


def test_queues_are_named_without_the_stack() -> None:
    outputs = {
        "EmailSendQueueUrl": "http://127.0.0.1:4566/000000000000/supportmax-local-email-send",
        "EmailSendDeadLetterQueueUrl": "http://127.0.0.1:4566/000000000000/supportmax-local-email-send-dlq",
        "InboundBucket": "b",
    }
    assert stack.queues(outputs) == {
        "email-send": outputs["EmailSendQueueUrl"],
        "email-send-dlq": outputs["EmailSendDeadLetterQueueUrl"],
    }


def test_no_answer_is_told_as_such() -> None:
    answer = stack.fetch("http://127.0.0.1:1/health", 1)

    assert answer.status == 0
    assert "refused" in answer.text


def test_too_little_disk_stops_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "NEEDED_DISK", 10**18)

    with pytest.raises(StackError, match=r"disk: .* GB free in .* are needed: free some space"):
        machine.require()


def test_old_python_stops_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "OLDEST_PYTHON", (99, 0))

    with pytest.raises(StackError, match=r"3\.11 or newer is needed"):
        machine.require()


def test_settings_of_a_person_win_over_the_sample_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTMAX_WORKSPACE_NAME", "Acme")
    monkeypatch.setenv("SUPPORTMAX_LLM_BASE_URL", "")

    parameters = settings.parameters(State(), Postgres(5432, "secret"))

    assert parameters["WorkspaceName"] == "Acme"
    assert parameters["MailFrom"] == "support@pebblebank.example"
    assert "LlmBaseUrl" not in parameters


def test_settings_file_is_read_below_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("SUPPORTMAX_LLM_MODEL=small\nSUPPORTMAX_WORKSPACE_NAME=File\nSUPPORTMAX_LLM_MODLE=typo\n")
    monkeypatch.setenv("SUPPORTMAX_WORKSPACE_NAME", "Environment")

    assert settings.given(file) == {"LlmModel": "small", "WorkspaceName": "Environment"}
    assert settings.without_effect(file) == ["SUPPORTMAX_LLM_MODLE"]
