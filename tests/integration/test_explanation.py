"""Why did it say that? Through the API and the command line."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from infra.container.app import app
from supportmax.domain.ids import new_id
from supportmax.runtime import container
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from tests.articles import BANK_FEE, BASICS, CARD, PIN, SHARED
from tests.cloud import Cloud
from tests.desk import ADMIN
from tests.integration.conftest import Through
from tests.unit.cli.run import run

AT = ("--api-url", "http://desk.test", "--email", ADMIN.email, "--password", ADMIN.password)


@pytest.fixture
def agent(cloud: Cloud) -> dict[str, str]:
    headers = cloud.person("agent")[1]
    articles = [
        {name: getattr(a, name) for name in ("external_id", "title", "body", "questions", "topics")} for a in BASICS
    ]
    cloud.http("knowledge").post("/v1/articles/import", json={"articles": articles}, headers=headers)
    cloud.drain()
    return headers


@pytest.fixture
def through(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with TestClient(app, raise_server_exceptions=False) as client:
        monkeypatch.setattr(
            "infra.api_client.httpx.Client", lambda base_url, headers, timeout: Through(cloud, client, headers)
        )
        yield
        assert client.portal is not None
        client.portal.call(container.get().database.close)


def _say(cloud: Cloud, text: str) -> dict[str, Any]:
    said: dict[str, Any] = cloud.http("chat").post("/chat", json={"message": text}).json()
    return said


def _explained(cloud: Cloud, message_id: object, headers: dict[str, str]) -> dict[str, Any]:
    response = cloud.http("tickets").get(f"/v1/messages/{message_id}/explanation", headers=headers)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_an_answer_is_explained_by_what_was_found_and_how_sure_it_had_to_be(
    cloud: Cloud, agent: dict[str, str]
) -> None:
    said = _say(cloud, "My card was swallowed by the machine, what now?")
    found = _explained(cloud, said["message_id"], agent)
    assert (found["message_id"], found["action"], found["model"]) == (said["message_id"], "answer", "extractive")
    assert found["confidence"] == pytest.approx(said["confidence"], abs=1e-4)
    assert found["confidence"] >= found["decision"]["threshold"]
    assert found["decision"]["calibration"]
    assert found["retrieved"][0]["article"] == CARD.external_id
    assert (found["calls"], found["cost_microusd"]) == ([], 0)
    assert f"{found['decision']['threshold']:.2f} that this workspace asks for" in found["why"]


def test_the_message_that_was_answered_leads_to_the_same_explanation(cloud: Cloud, agent: dict[str, str]) -> None:
    said = _say(cloud, "How do I change my PIN?")
    messages = cloud.http("chat").get(f"/v1/sessions/{said['session_id']}/messages").json()["messages"]
    assert [m["author"] for m in messages] == ["customer", "assistant"]
    by_question, by_reply = (_explained(cloud, m["id"], agent) for m in messages)
    assert by_question == by_reply


@pytest.mark.parametrize(
    ("text", "action", "reason"),
    [
        (SHARED, "clarify", "one of the topics offered does"),
        ("What is your CEO's shoe size?", "hand_over", "no few topics together are likely enough"),
        ("Let me talk to a human", "hand_over", "the wish to speak to a human"),
        ("hello", "small_talk", "a greeting"),
    ],
)
def test_every_decision_has_its_reason(
    text: str, action: str, reason: str, cloud: Cloud, agent: dict[str, str]
) -> None:
    found = _explained(cloud, _say(cloud, text)["message_id"], agent)
    assert found["action"] == action
    assert reason in found["why"]


def test_of_two_questions_each_is_explained(cloud: Cloud, agent: dict[str, str]) -> None:
    said = _say(cloud, "How do I change my PIN? And who is the chairman of your board?")
    found = _explained(cloud, said["message_id"], agent)
    parts = found["decision"]["questions"]
    assert [part["decision"] for part in parts] == ["answer", "hand_over"]
    assert parts[0]["article"] == PIN.external_id


def test_an_agents_words_need_no_explanation(cloud: Cloud, agent: dict[str, str]) -> None:
    ticket = _say(cloud, "Let me talk to a human")["ticket_id"]
    tickets = cloud.http("tickets")
    written = tickets.post(f"/v1/tickets/{ticket}/messages", json={"body": "Hello, Ada here."}, headers=agent).json()
    response = tickets.get(f"/v1/messages/{written['id']}/explanation", headers=agent)
    assert (response.status_code, response.json()["detail"]) == (
        404,
        f"No decision of the desk belongs to this message: {written['id']!r}",
    )


def test_only_agents_of_the_workspace_may_ask(cloud: Cloud, agent: dict[str, str]) -> None:
    said = _say(cloud, "How do I change my PIN?")
    path = f"/v1/messages/{said['message_id']}/explanation"
    other = prepare_workspace(cloud.tools.store, WorkspaceSetup("other", "Other"), new_id()).id
    tickets = cloud.http("tickets")
    assert tickets.get(path).status_code == 401
    assert tickets.get(path, headers=cloud.person("agent", other)[1]).status_code == 404
    assert tickets.get("/v1/messages/nonsense/explanation", headers=agent).status_code == 404


def test_the_command_line_explains(cloud: Cloud, agent: dict[str, str], through: None) -> None:
    said = _say(cloud, SHARED)
    ran = run("explain", said["message_id"], *AT)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(SHARED)
    assert BANK_FEE.external_id in ran.out
    assert "asked back" in ran.out
    printed = run("explain", said["message_id"], "--json", *AT)
    assert json.loads(printed.out)["message_id"] == said["message_id"]


def test_the_command_line_says_in_one_line_what_it_cannot_explain(
    cloud: Cloud, agent: dict[str, str], through: None
) -> None:
    ran = run("explain", "nonsense", *AT)
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert "No such message: 'nonsense'" in ran.err
