"""Triage learns: from corrections, with undo and protection; from descriptions alone; and on the schedule."""

from typing import Any
from uuid import UUID

import pytest

from tests.articles import CARD, PIN, TRANSFER
from tests.cloud import Cloud

LABELS = {"card_swallowed": CARD.questions, "change_pin": PIN.questions, "transfer_timing": TRANSFER.questions}
UNHEARD = "My cat has eaten the letter with the codes"
KNOWN = "How do I change my PIN?"
Header = dict[str, str]


@pytest.fixture
def admin(cloud: Cloud) -> Header:
    headers = cloud.person("admin")[1]
    knowledge = cloud.http("knowledge")
    for name, texts in LABELS.items():
        assert knowledge.post("/v1/labels", json={"name": name}, headers=headers).status_code == 201
        _teach(cloud, headers, name, *texts)
    return headers


@pytest.fixture
def agent(cloud: Cloud) -> Header:
    return cloud.person("agent")[1]


def _teach(cloud: Cloud, who: Header, label: str, *texts: str) -> dict[str, int]:
    body = {"examples": [{"text": text, "label": label} for text in texts]}
    response = cloud.http("knowledge").post("/v1/labelled-examples", json=body, headers=who)
    assert response.status_code == 201, response.text
    return response.json()  # type: ignore[no-any-return]


def _open(cloud: Cloud, who: Header, text: str) -> dict[str, Any]:
    """A ticket, triaged."""
    body = {"subject": "A request", "body": text}
    ticket = cloud.http("tickets").post("/v1/tickets", json=body, headers=who)
    cloud.drain()
    return _ticket(cloud, who, ticket.json()["id"])


def _ticket(cloud: Cloud, who: Header, ticket_id: str) -> dict[str, Any]:
    return cloud.http("tickets").get(f"/v1/tickets/{ticket_id}", headers=who).json()  # type: ignore[no-any-return]


def _correct(cloud: Cloud, who: Header, ticket: dict[str, Any], category: str | None) -> None:
    changed = cloud.http("tickets").patch(f"/v1/tickets/{ticket['id']}", json={"category": category}, headers=who)
    assert changed.status_code == 200, changed.text
    cloud.drain()


def _examples(cloud: Cloud, who: Header, status: str) -> list[dict[str, Any]]:
    found = cloud.http("knowledge").get("/v1/labelled-examples", params={"status": status}, headers=who)
    return [one for one in found.json()["examples"] if one["source"] == "agent"]


def _approve(cloud: Cloud, who: Header, example: dict[str, Any]) -> Any:
    return cloud.http("knowledge").post(f"/v1/labelled-examples/{example['id']}/approve", headers=who)


def _take_back(cloud: Cloud, who: Header, example: dict[str, Any]) -> int:
    return cloud.http("knowledge").delete(f"/v1/labelled-examples/{example['id']}", headers=who).status_code


def test_a_correction_counts_at_once(cloud: Cloud, admin: Header, agent: Header) -> None:
    ticket = _open(cloud, agent, UNHEARD)
    assert ticket["category"] == "unsure"
    _correct(cloud, agent, ticket, "change_pin")
    (example,) = _examples(cloud, agent, "active")
    assert (example["text"], example["label"], example["ticket_id"]) == (UNHEARD, "change_pin", ticket["id"])
    assert _open(cloud, agent, UNHEARD)["category"] == "change_pin"


def test_changing_it_back_undoes_it(cloud: Cloud, admin: Header, agent: Header) -> None:
    ticket = _open(cloud, agent, UNHEARD)
    _correct(cloud, agent, ticket, "change_pin")
    _correct(cloud, agent, ticket, "transfer_timing")
    assert [one["label"] for one in _examples(cloud, agent, "active")] == ["transfer_timing"]
    _correct(cloud, agent, ticket, None)
    assert _examples(cloud, agent, "active") == []
    assert {one["label"] for one in _examples(cloud, agent, "retired")} == {"change_pin", "transfer_timing"}
    assert _open(cloud, agent, UNHEARD)["category"] == "unsure"
    _correct(cloud, agent, ticket, "change_pin")
    assert _open(cloud, agent, UNHEARD)["category"] == "change_pin"


def test_agreeing_with_triage_teaches_nothing(cloud: Cloud, admin: Header, agent: Header) -> None:
    ticket = _open(cloud, agent, KNOWN)
    _correct(cloud, agent, ticket, "card_swallowed")
    _correct(cloud, agent, ticket, "change_pin")
    assert _examples(cloud, agent, "active") == _examples(cloud, agent, "waiting") == []


def test_what_contradicts_the_examples_waits_for_a_second_agent(cloud: Cloud, admin: Header, agent: Header) -> None:
    other = cloud.person("agent")[1]
    _correct(cloud, agent, _open(cloud, agent, KNOWN), "card_swallowed")
    (waiting,) = _examples(cloud, agent, "waiting")
    assert waiting["waits_for"] == "the examples say change_pin"
    assert _open(cloud, agent, KNOWN)["category"] == "change_pin"
    assert _approve(cloud, agent, waiting).status_code == 403
    approved = _approve(cloud, other, waiting)
    assert (approved.status_code, approved.json()["status"]) == (200, "active")
    assert _open(cloud, agent, KNOWN)["category"] == "card_swallowed"
    assert _approve(cloud, other, waiting).status_code == 409


def test_a_second_agents_like_correction_is_the_second_opinion(cloud: Cloud, admin: Header, agent: Header) -> None:
    other = cloud.person("agent")[1]
    _correct(cloud, agent, _open(cloud, agent, KNOWN), "card_swallowed")
    _correct(cloud, agent, _open(cloud, agent, KNOWN), "card_swallowed")
    assert len(_examples(cloud, agent, "waiting")) == 1
    _correct(cloud, other, _open(cloud, other, "How can I change my PIN?"), "card_swallowed")
    assert _examples(cloud, agent, "waiting") == []
    assert {one["text"] for one in _examples(cloud, agent, "active")} == {KNOWN, "How can I change my PIN?"}


def test_an_administrator_is_taken_at_their_word(cloud: Cloud, admin: Header) -> None:
    _correct(cloud, admin, _open(cloud, admin, KNOWN), "card_swallowed")
    assert _open(cloud, admin, KNOWN)["category"] == "card_swallowed"


def test_one_agent_cannot_become_most_of_a_label(cloud: Cloud, admin: Header, agent: Header) -> None:
    texts = [f"{animal} in the vault again" for animal in ("Cats", "Owls", "Goats", "Bees", "Moths", "Frogs", "Newts")]
    for text in texts:
        _teach(cloud, agent, "change_pin", text)
    assert len(_examples(cloud, agent, "active")) == 5
    waiting = _examples(cloud, agent, "waiting")
    assert len(waiting) == 2
    assert "by the same agent" in waiting[0]["waits_for"]


def test_only_its_author_or_an_administrator_takes_an_example_back(cloud: Cloud, admin: Header, agent: Header) -> None:
    other = cloud.person("agent")[1]
    for who, code in ((agent, 204), (admin, 204)):
        assert _teach(cloud, agent, "change_pin", UNHEARD) == {"added": 1, "waiting": 0}
        (example,) = _examples(cloud, agent, "active")
        assert _take_back(cloud, other, example) == 403
        assert _open(cloud, agent, UNHEARD)["category"] == "change_pin"
        assert _take_back(cloud, who, example) == code
        assert _open(cloud, agent, UNHEARD)["category"] == "unsure"


def test_it_is_audited(cloud: Cloud, admin: Header, agent: Header, owner: Any) -> None:
    ticket = _open(cloud, agent, UNHEARD)
    _correct(cloud, agent, ticket, "change_pin")
    _correct(cloud, agent, ticket, None)
    rows = owner.execute("SELECT action, detail->>'label' FROM audit_entries WHERE action LIKE 'example.%' ORDER BY id")
    assert rows.fetchall() == [("example.added", "change_pin"), ("example.retired", "change_pin")]


def test_names_and_descriptions_alone_are_a_start(cloud: Cloud) -> None:
    admin = cloud.person("admin")[1]
    said = {"refund": "The customer wants money back.", "card_lost": "A lost or stolen card.", "opening_hours": ""}
    for name, description in said.items():
        body = {"name": name, "description": description}
        cloud.http("knowledge").post("/v1/labels", json=body, headers=admin)
    for text, label in {"I have lost my card": "card_lost", "When do you open?": "opening_hours"}.items():
        assert (_open(cloud, admin, text)["triage"]["best_label"], text) == (label, text)
    listed = cloud.http("knowledge").get("/v1/labels", headers=admin).json()
    assert {label["examples"] for label in listed} == {0}
    assert cloud.http("knowledge").get("/v1/labelled-examples", headers=admin).json()["examples"] == []


def test_it_is_fitted_when_asked_and_reports(cloud: Cloud, admin: Header, agent: Header) -> None:
    knowledge = cloud.http("knowledge")
    assert knowledge.get("/v1/triage/report", headers=agent).status_code == 404
    _teach(cloud, admin, "transfer_timing", *[f"When does transfer number {n} arrive?" for n in range(20)])
    assert knowledge.post("/v1/triage/fit", headers=agent).status_code == 403
    assert knowledge.post("/v1/triage/fit", headers=admin).status_code == 202
    cloud.drain()
    report = knowledge.get("/v1/triage/report", headers=agent).json()
    assert report["examples"] == report["judged"] > 20
    assert {one["label"] for one in report["labels"]} == set(LABELS)
    assert knowledge.post("/v1/triage/fit", headers=admin).status_code == 202
    cloud.drain()
    assert knowledge.get("/v1/triage/report", headers=agent).json()["fitted_at"] == report["fitted_at"]
    assert _open(cloud, agent, "When does transfer number 99 arrive?")["category"] == "transfer_timing"


@pytest.mark.parametrize(
    ("text", "sentiment", "priority"),
    [
        ("This is absolutely ridiculous, how do I change my PIN?", "negative", "high"),
        ("I need to change my PIN immediately", "neutral", "high"),
        ("How do I change my PIN? It is not urgent", "neutral", "normal"),
        ("Great service! How do I change my PIN?", "positive", "normal"),
    ],
)
def test_the_mood_is_heard(
    text: str, sentiment: str, priority: str, cloud: Cloud, admin: Header, agent: Header
) -> None:
    ticket = _open(cloud, agent, text)
    assert (ticket["sentiment"], ticket["priority"]) == (sentiment, priority)
    found = cloud.http("tickets").get("/v1/tickets", params={"sentiment": sentiment}, headers=agent).json()
    assert [UUID(one["id"]) for one in found["tickets"]] == [UUID(ticket["id"])]
