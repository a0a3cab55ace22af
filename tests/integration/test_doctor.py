"""`supportmax doctor`: the models of the settings are asked, and each problem says what to change."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local import endpoints, machine
from tests.fakes.openai_server import OpenAIServer, Raw
from tests.unit.cli.run import run

CLOSED = "http://127.0.0.1:1/v1"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this machine's own problems."""
    monkeypatch.setattr(machine, "CHECKS", ())


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer.start() as started:
        yield started


def _doctor(monkeypatch: pytest.MonkeyPatch, **settings: str) -> tuple[int, dict[str, str]]:
    """The exit code, and what was found by name."""
    for name, value in settings.items():
        monkeypatch.setenv(f"SUPPORTMAX_{name.upper()}", value)
    ran = run("doctor", "--json")
    found: dict[str, Any] = json.loads(ran.out)
    assert found["ok"] == (ran.code == 0)
    return ran.code, {check["name"]: f"{check['detail']} - {check['advice']}" for check in found["checks"]}


def test_no_model_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _doctor(monkeypatch)[0] == 0


def test_a_model_that_answers(monkeypatch: pytest.MonkeyPatch, server: OpenAIServer) -> None:
    server.answers.append({"here": True})
    code, found = _doctor(monkeypatch, llm_model="gpt-5-mini", llm_base_url=server.url, llm_api_key="sk-test")
    assert code == 0
    assert "gpt-5-mini at 127.0.0.1" in found["language model"]
    assert "answered in" in found["language model"]
    assert server.keys == ["Bearer sk-test"]


@pytest.mark.parametrize(
    ("answer", "change"),
    [
        (Raw(401, b"{}"), "refuses the key: check SUPPORTMAX_LLM_API_KEY"),
        (Raw(404, b"{}"), "knows no model 'small': check SUPPORTMAX_LLM_MODEL"),
        (Raw(402, b"{}"), "no credit left"),
        ("no JSON", "the answer holds no JSON object"),
    ],
)
def test_a_model_that_does_not(answer: Any, change: str, monkeypatch: pytest.MonkeyPatch, server: OpenAIServer) -> None:
    server.behave = lambda _: answer
    code, found = _doctor(monkeypatch, llm_model="small", llm_base_url=server.url, llm_price="0/0/0")
    assert code == 1
    assert change in found["language model"]


def test_an_endpoint_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    code, found = _doctor(monkeypatch, llm_model="small", llm_base_url=CLOSED, llm_price="0/0/0")
    assert code == 1
    assert "cannot be reached: check SUPPORTMAX_LLM_BASE_URL" in found["language model"]


def test_every_model_is_asked(monkeypatch: pytest.MonkeyPatch, server: OpenAIServer) -> None:
    server.behave = lambda request: Raw(404, b"{}") if request["model"] == "spare" else {"here": True}
    settings = {"llm_model": "small", "llm_cheap_model": "smaller", "llm_fallback_model": "spare"}
    urls = {"llm_base_url": server.url, "llm_fallback_base_url": server.url}
    code, found = _doctor(monkeypatch, **settings, **urls)
    assert [request["model"] for request in server.requests] == ["small", "smaller", "spare"]
    assert code == 1
    assert "check SUPPORTMAX_LLM_FALLBACK_MODEL" in found["language model"]
    assert "set SUPPORTMAX_LLM_PRICE" in found["price"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("llm_base_url", "api.example.com/v1", "must be an address such as https://"),
        ("llm_base_url", "http://[::1", "must be an address"),
        ("llm_fallback_base_url", "ftp://x", "must be an address"),
        ("embeddings_base_url", "localhost:11434", "must be an address"),
        ("llm_price", "cheap", "must look like 0.25/0.025/2.00"),
        ("llm_cheap_price", "1/2", "must look like"),
        ("llm_fallback_price", "-1/0/0", "must look like"),
        ("llm_price", "nan/0/0", "must look like"),
        ("llm_daily_budget_dollars", "five", "valid number"),
        ("llm_daily_budget_dollars", "-1", "greater than or equal to 0"),
        ("llm_output_tokens", "0", "greater than or equal to 100"),
        ("llm_deadline_seconds", "0", "greater than 0"),
    ],
)
def test_a_wrong_value_names_its_setting(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, found = _doctor(monkeypatch, **{name: value})
    assert code == 1
    assert f"SUPPORTMAX_{name.upper()}: " in found["settings"]
    assert said.lower() in found["settings"].lower()


def test_a_key_without_a_model_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    code, found = _doctor(monkeypatch, llm_api_key="sk-test")
    assert code == 0
    assert "set SUPPORTMAX_LLM_MODEL" in found["language model"]


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (Raw(200, b'{"object": "list", "data": []}'), 0, "answers"),
        (Raw(404, b"{}"), 0, "answers"),
        (Raw(401, b"{}"), 1, "check SUPPORTMAX_EMBEDDINGS_API_KEY"),
        (Raw(503, b"{}"), 0, "answers with 503"),
    ],
)
def test_the_endpoint_for_embeddings(
    answer: Raw, code: int, said: str, monkeypatch: pytest.MonkeyPatch, server: OpenAIServer
) -> None:
    server.behave = lambda _: answer
    found = _doctor(monkeypatch, embeddings_base_url=server.url, embeddings_api_key="sk-test")
    assert (found[0], said in found[1]["embeddings"]) == (code, True)


def test_an_endpoint_for_embeddings_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    code, found = _doctor(monkeypatch, embeddings_base_url=CLOSED)
    assert code == 1
    assert "check SUPPORTMAX_EMBEDDINGS_BASE_URL" in found["embeddings"]


def test_what_is_in_the_file_counts_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    file = tmp_path / ".env"
    file.write_text("SUPPORTMAX_LLM_MODEL=small\nSUPPORTMAX_LLM_API_KEY=from-file\nSUPPORTMAX_LLM_PRICE=\nOTHER=1\n")
    monkeypatch.setenv("SUPPORTMAX_LLM_MODEL", "large")
    found = endpoints.settings_of(file)
    assert (found.llm_model, found.llm_api_key.get_secret_value(), found.llm_price) == ("large", "from-file", "")
