"""A desk whose language model is set up wrongly: the customer is served, and the operator reads what to change."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.articles import CARD
from tests.cloud import Cloud
from tests.fakes.openai_server import OpenAIServer, Raw

Logged = list[dict[str, Any]]


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer.start() as started:
        yield started


@pytest.fixture
def chat(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[Any, Logged]]]:
    """Asks with these settings; the reply, and the lines that were logged."""

    def ask(**settings: str) -> tuple[Any, Logged]:
        for name, value in (settings | {"log_level": "WARNING"}).items():
            monkeypatch.setenv(f"SUPPORTMAX_{name.upper()}", value)
        cloud.forget()
        fields = ("external_id", "title", "body", "questions", "topics")
        article = {name: getattr(CARD, name) for name in fields}
        headers = cloud.person("agent")[1]
        cloud.http("knowledge").post("/v1/articles/import", json={"articles": [article]}, headers=headers)
        cloud.drain()
        capsys.readouterr()
        reply = cloud.http("chat").post("/chat", json={"message": "The machine swallowed my card"})
        logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return reply.json(), logged

    yield ask
    cloud.tools.database.close()


def _told(cloud: Cloud) -> list[str]:
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        (admin,) = tx.users.list("admin")
        return [str(row["text"]) for row in tx.notifications.of_user(admin.id, None, 10)]


@pytest.mark.parametrize(
    ("answer", "change"),
    [
        (Raw(401, b"{}"), "check SUPPORTMAX_LLM_API_KEY"),
        (Raw(404, b"{}"), "knows no model 'small': check SUPPORTMAX_LLM_MODEL"),
    ],
)
def test_a_wrong_key_and_an_unknown_model(
    answer: Raw, change: str, chat: Callable[..., tuple[Any, Logged]], cloud: Cloud, server: OpenAIServer
) -> None:
    server.behave = lambda _: answer
    reply, logged = chat(llm_model="small", llm_api_key="sk-live-secret", llm_base_url=server.url)
    assert reply["reply"] in CARD.body
    assert change in str(logged)
    assert change in _told(cloud)[0]
    assert "sk-live-secret" not in str(logged) + _told(cloud)[0]
    headers = cloud.person("agent")[1]
    explained = cloud.http("tickets").get(f"/v1/messages/{reply['message_id']}/explanation", headers=headers).json()
    assert [(call["outcome"], change in call["detail"]) for call in explained["calls"]] == [("misconfigured", True)]


def test_a_secret_that_does_not_exist(chat: Callable[..., tuple[Any, Logged]], cloud: Cloud) -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:gone"
    reply, logged = chat(llm_model="small", llm_api_key_secret_arn=arn)
    assert reply["reply"] in CARD.body
    assert "cannot be read" in str(logged)
    assert "cannot be read" in _told(cloud)[0]


def test_an_endpoint_out_of_reach(chat: Callable[..., tuple[Any, Logged]]) -> None:
    reply, logged = chat(llm_model="small", llm_base_url="http://127.0.0.1:1/v1")
    assert reply["reply"] in CARD.body
    assert "cannot be reached: check SUPPORTMAX_LLM_BASE_URL" in str(logged)
