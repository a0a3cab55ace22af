"""What the desk prepares for agents: drafts, summaries, tickets that resemble each other."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from supportmax.domain.prices import price_of
from supportmax.services.ask_model import Models, Provider
from tests.articles import BASICS
from tests.cloud import Cloud
from tests.fakes.memory import ScriptedLLM
from tests.tickets import Front

SWALLOWED = "Hello,\n\nThe cash machine swallowed my card this morning. How do I get a new one?\n\nRegards, Ann"
UNKNOWN = "My cat has eaten the letter with the codes, please call the vet on my behalf."


class Copilot:
    """An agent at the tickets, with what the desk prepares for them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.front = cloud, Front.of(cloud)
        articles = [asdict(article) for article in BASICS]
        self.call("POST", "/v1/articles/import", json={"articles": articles}, role="admin")
        cloud.drain()

    def call(self, method: str, path: str, role: str = "agent", **given: Any) -> Any:
        headers = self.front.headers if role == "agent" else self.cloud.person("admin")[1]
        return self.cloud.http("knowledge").request(method, path, headers=headers, **given)

    def prepare(self, ticket: dict[str, Any], what: str, **params: Any) -> dict[str, Any]:
        response = self.call("POST", f"/v1/tickets/{ticket['id']}/{what}", params=params)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def reply(self, ticket: dict[str, Any], body: str, visibility: str = "public") -> None:
        self.front.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": body, "visibility": visibility})

    def solved(self, subject: str, body: str, answer: str) -> dict[str, Any]:
        ticket = self.front.open(subject=subject, body=body)
        self.cloud.drain()
        self.reply(ticket, answer)
        self.front.change(ticket, status="solved")
        return ticket


@pytest.fixture
def copilot(cloud: Cloud) -> Copilot:
    return Copilot(cloud)


@pytest.fixture
def model(cloud: Cloud, copilot: Copilot) -> Callable[..., ScriptedLLM]:
    """A language model that says these things, in this order."""

    def script(*answers: dict[str, Any]) -> ScriptedLLM:
        llm = ScriptedLLM(deque(answers))
        cloud.tools.models = Models([Provider("scripted", llm, price_of("scripted", "1/1/1"))])
        return llm

    return script


def test_a_draft_is_in_the_articles_words_with_its_sources(copilot: Copilot) -> None:
    ticket = copilot.front.open(subject="Card", body=SWALLOWED)
    draft = copilot.prepare(ticket, "draft")
    assert draft["reply"].startswith(("Freeze the card in the app", "Order a new card in the app"))
    assert [source["article_id"] for source in draft["sources"]] == ["card-swallowed"]
    assert (draft["confident"], draft["mode"]) == (True, "extractive")
    assert draft["confidence"] > 0.8
    assert draft["answers_message_ids"] == [
        copilot.front.ok("GET", f"/v1/tickets/{ticket['id']}/messages")["messages"][0]["id"]
    ]
    assert copilot.front.said(ticket) == [SWALLOWED], "a draft is not sent"


def test_a_draft_answers_what_was_said_since_the_last_reply(copilot: Copilot) -> None:
    chat = copilot.cloud.http("chat")
    first = chat.post("/chat", json={"message": f"I want to speak to a human. {SWALLOWED}"}).json()
    ticket = {"id": first["ticket_id"]}
    copilot.reply(ticket, "Please order a new card in the app.")
    copilot.reply(ticket, "They seem to travel.", "internal")
    chat.post("/chat", json={"message": "Thanks! And how do I change my PIN?", "session_id": first["session_id"]})
    assert [source["article_id"] for source in copilot.prepare(ticket, "draft")["sources"]] == ["change-pin"]


def test_an_unsure_draft_says_so(copilot: Copilot) -> None:
    draft = copilot.prepare(copilot.front.open(subject="Codes", body=UNKNOWN), "draft")
    assert not draft["confident"]
    assert draft["confidence"] < 0.5


def test_a_draft_of_a_model_is_checked_like_an_answer(copilot: Copilot, model: Callable[..., ScriptedLLM]) -> None:
    ticket = copilot.front.open(subject="Card", body=SWALLOWED)
    good = {"action": "answer", "sentences": [{"text": "Freeze the card in the app.", "sources": ["1"]}]}
    foreign = {"action": "answer", "sentences": [{"text": "Freeze it at https://evil.example.", "sources": ["1"]}]}
    model(good)
    assert copilot.prepare(ticket, "draft")["reply"] == "Freeze the card in the app."
    model(foreign, foreign)
    draft = copilot.prepare(ticket, "draft")
    assert draft["mode"] == "extractive"
    assert "evil" not in draft["reply"]
    spent = copilot.cloud.http("admin").get("/v1/model-calls", headers=copilot.cloud.person("admin")[1]).json()
    assert "draft" in json.dumps(spent)


def test_a_summary_in_the_peoples_own_sentences(copilot: Copilot) -> None:
    ticket = copilot.front.open(subject="Card", body=SWALLOWED)
    copilot.reply(ticket, "Please freeze the card first.")
    copilot.reply(ticket, "Looks like branch 7 again.", "internal")
    summary = copilot.prepare(ticket, "summary")
    points = {point["kind"]: point["text"] for point in summary["points"]}
    assert "swallowed my card" in points["request"]
    assert "freeze the card first" in points["reply"]
    assert "branch 7" in points["note"]
    assert "waiting for the customer" in points["state"]
    assert summary["mode"] == "extractive"
    assert all(point["message_ids"] for point in summary["points"] if point["kind"] != "state")


@pytest.mark.parametrize(
    ("sentence", "mode"),
    [
        ({"text": "The machine kept the card; the customer wants a new one.", "messages": [1]}, "generated"),
        ({"text": "The customer pays 500 euros.", "messages": [1]}, "extractive"),
        ({"text": "See https://evil.example.", "messages": [1]}, "extractive"),
        ({"text": "Write to eve@evil.example.", "messages": [1]}, "extractive"),
        ({"text": "The customer wants a card.", "messages": [9]}, "extractive"),
        ({"text": "The customer wants a card.", "messages": []}, "extractive"),
    ],
)
def test_a_summary_of_a_model_stands_on_messages(
    sentence: dict[str, Any], mode: str, copilot: Copilot, model: Callable[..., ScriptedLLM]
) -> None:
    ticket = copilot.front.open(subject="Card", body=SWALLOWED)
    model({"sentences": [sentence]})
    summary = copilot.prepare(ticket, "summary")
    assert summary["mode"] == mode
    assert (sentence["text"] in summary["text"]) == (mode == "generated")


def test_similar_tickets_are_the_solved_ones_with_their_answers(copilot: Copilot) -> None:
    kept = copilot.solved("Card gone", "The ATM ate my debit card.", "We have sent you a new card.")
    copilot.solved("PIN", "I want to choose another PIN.", "In the app, under Cards.")
    copilot.front.open(subject="Card", body="A machine took my card, it is still open.")
    deleted = copilot.solved("Card", "My card was taken by a cash machine.", "Sorry!")
    copilot.front.ok("DELETE", f"/v1/tickets/{deleted['id']}")
    ticket = copilot.front.open(subject="Card", body=SWALLOWED)
    copilot.cloud.drain()
    first, *others = copilot.prepare(ticket, "similar")["tickets"]
    assert (first["number"], first["answer"]) == (kept["number"], "We have sent you a new card.")
    assert {each["number"] for each in others} <= {2}
    assert copilot.prepare(ticket, "similar", limit=1)["tickets"] == [first]


def test_a_search_by_meaning_finds_other_words_and_keeps_to_its_filters(copilot: Copilot) -> None:
    copilot.front.open(subject="Card", body=SWALLOWED, priority="urgent")
    copilot.front.open(subject="Bank", body="When does money that I sent to France arrive?")
    copilot.cloud.drain()

    def numbers(q: str) -> list[int]:
        response = copilot.call("GET", "/v1/similar-tickets", params={"q": q})
        assert response.status_code == 200, response.text
        return [ticket["number"] for ticket in response.json()["tickets"]]

    assert numbers("the ATM ate my debit card")[:1] == [1]
    assert numbers("duration of a transfer abroad")[:1] == [2]
    assert numbers("priority:low the ATM ate my debit card") == []
    assert 1 not in numbers("the ATM ate my debit card -swallowed")


def test_tickets_from_before_get_their_vectors_on_the_schedule(copilot: Copilot) -> None:
    copilot.front.open(subject="Card", body=SWALLOWED)
    copilot.cloud.waiting("classify")  # lost: triage never sees it
    found = copilot.call("GET", "/v1/similar-tickets", params={"q": "the ATM ate my debit card"})
    assert found.json() == {"tickets": []}
    copilot.cloud.invoke("maintenance", {})
    copilot.cloud.drain()
    found = copilot.call("GET", "/v1/similar-tickets", params={"q": "the ATM ate my debit card"})
    assert [ticket["number"] for ticket in found.json()["tickets"]] == [1]


def test_what_cannot_be_prepared_is_said(copilot: Copilot) -> None:
    response = copilot.call("GET", "/v1/similar-tickets", params={"q": "status:open"})
    assert (response.status_code, response.json()["detail"]) == (
        422,
        "q: write what the tickets should be about, beside any filters",
    )
    assert copilot.call("GET", "/v1/similar-tickets", params={"q": "state:open x"}).status_code == 422
    for what in ("draft", "summary", "similar"):
        path = f"/v1/tickets/019ab0c5-11d0-7e5a-8f3b-2b4c6d8e0f12/{what}"
        assert copilot.call("POST", path).status_code == 404
