"""Questions that were not settled become proposals; accepting one makes the desk answer them."""

from typing import Any

import pytest

from supportmax.adapters import aws
from tests.cloud import FROM, INBOUND, Cloud

QUESTIONS = (
    "Do you plant a tree for every new customer?",
    "Is it true that you plant a tree for each new customer?",
    "Do you really plant trees for new customers?",
)
ANSWER = "We plant one tree for every customer who opens an account, together with a forestry charity."
ARTICLE = {
    "external_id": "change-pin",
    "title": "Changing your PIN",
    "body": "Change your PIN in the app: Cards, then PIN.",
    "questions": ["How do I change my PIN?"],
}


@pytest.fixture
def agent(cloud: Cloud) -> dict[str, str]:
    return cloud.person("agent")[1]


def _ask(cloud: Cloud, text: str, session_id: str | None = None) -> dict[str, Any]:
    body = {"message": text} | ({"session_id": session_id} if session_id else {})
    response = cloud.http("chat").post("/chat", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    cloud.drain()
    return answer


def _teach(cloud: Cloud, agent: dict[str, str], **changed: Any) -> dict[str, Any]:
    response = cloud.http("knowledge").post("/v1/articles", json=ARTICLE | changed, headers=agent)
    assert response.status_code == 201, response.text
    cloud.drain()
    article: dict[str, Any] = response.json()
    return article


def _propose(cloud: Cloud, agent: dict[str, str]) -> list[dict[str, Any]]:
    response = cloud.http("knowledge").post("/v1/article-proposals", headers=agent)
    assert response.status_code == 201, response.text
    proposals: list[dict[str, Any]] = response.json()
    return proposals


def _accept(cloud: Cloud, agent: dict[str, str], proposal: dict[str, Any], **words: Any) -> Any:
    return cloud.http("knowledge").post(f"/v1/article-proposals/{proposal['id']}/accept", json=words, headers=agent)


def _rate(cloud: Cloud, session_id: str, helpful: bool, **comment: Any) -> Any:
    chat = cloud.http("chat")
    messages = chat.get(f"/v1/sessions/{session_id}/messages").json()["messages"]
    reply = next(m for m in reversed(messages) if m["author"] == "assistant")
    return chat.put(f"/v1/sessions/{session_id}/messages/{reply['id']}/rating", json={"helpful": helpful} | comment)


def test_what_agents_answered_becomes_an_article_that_answers(cloud: Cloud, agent: dict[str, str]) -> None:
    _teach(cloud, agent)
    asked = [_ask(cloud, question) for question in QUESTIONS]
    assert {turn["action"] for turn in asked} == {"hand_over"}
    reply = f"Hello Ann,\n\n{ANSWER}\n\nKind regards,\nAda"
    sent = cloud.http("tickets").post(
        f"/v1/tickets/{asked[0]['ticket_id']}/messages", json={"body": reply}, headers=agent
    )
    assert sent.status_code == 201, sent.text
    (proposal,) = _propose(cloud, agent)
    assert (proposal["kind"], proposal["status"], proposal["body"]) == ("article", "open", ANSWER)
    assert sorted(proposal["questions"]) == sorted(QUESTIONS)
    assert {one["failure"] for one in proposal["evidence"]} == {"unanswered"}
    assert proposal["title"] in QUESTIONS
    article = _accept(cloud, agent, proposal, title="Do you plant trees?").json()
    assert article["title"] == "Do you plant trees?"
    cloud.drain()
    answered = _ask(cloud, "Do you plant a tree for new customers?")
    assert (answered["action"], answered["reply"]) == ("answer", ANSWER)
    assert answered["citations"][0]["article_id"] == article["external_id"]


def test_a_question_is_proposed_once(cloud: Cloud, agent: dict[str, str]) -> None:
    for question in QUESTIONS:
        _ask(cloud, question)
    (proposal,) = _propose(cloud, agent)
    assert _propose(cloud, agent) == []
    path = f"/v1/article-proposals/{proposal['id']}"
    dismissed = cloud.http("knowledge").post(f"{path}/dismiss", headers=agent)
    assert (dismissed.status_code, dismissed.json()["status"]) == (200, "dismissed")
    assert _propose(cloud, agent) == []
    assert cloud.http("knowledge").get(path, headers=agent).json()["status"] == "dismissed"
    assert _accept(cloud, agent, proposal, body="Too late.").status_code == 409


def test_a_single_question_that_nobody_answered_is_no_proposal(cloud: Cloud, agent: dict[str, str]) -> None:
    _ask(cloud, QUESTIONS[0])
    assert _propose(cloud, agent) == []


def test_a_proposal_without_words_waits_for_a_human_to_write_them(cloud: Cloud, agent: dict[str, str]) -> None:
    for question in QUESTIONS:
        _ask(cloud, question)
    (proposal,) = _propose(cloud, agent)
    assert proposal["body"] == ""
    refused = _accept(cloud, agent, proposal)
    assert (refused.status_code, "body" in refused.json()["detail"]) == (422, True)
    assert _accept(cloud, agent, proposal, body=ANSWER).status_code == 200


def test_a_badly_rated_answer_becomes_a_change_of_its_article(cloud: Cloud, agent: dict[str, str]) -> None:
    article = _teach(cloud, agent)
    sessions = [
        _ask(cloud, question)["session_id"] for question in ("How do I change my PIN?", "How to change my PIN?")
    ]
    for session_id in sessions:
        assert _rate(cloud, session_id, False, comment="There is no such menu.").status_code == 204
    (proposal,) = _propose(cloud, agent)
    assert (proposal["kind"], proposal["article_id"]) == ("edit", article["id"])
    assert {one["failure"] for one in proposal["evidence"]} == {"unhelpful"}
    changed = _accept(cloud, agent, proposal, body="Cards, then Settings, then PIN.").json()
    assert (changed["id"], changed["version"]) == (article["id"], article["version"] + 1)
    assert changed["external_id"] == ARTICLE["external_id"]


def test_the_last_rating_of_a_reply_counts(cloud: Cloud, agent: dict[str, str]) -> None:
    _teach(cloud, agent)
    session_id = _ask(cloud, "How do I change my PIN?")["session_id"]
    assert _rate(cloud, session_id, False).status_code == 204
    assert _rate(cloud, session_id, True).status_code == 204
    report = cloud.http("knowledge").get("/v1/knowledge/report", headers=agent).json()
    (used,) = report["most_used"]
    assert (used["answers"], used["helpful"], used["unhelpful"]) == (1, 1, 0)
    assert (report["questions"], report["answered"], report["coverage"]) == (1, 1, 1.0)


def test_only_a_reply_of_ones_own_session_can_be_rated(cloud: Cloud, agent: dict[str, str]) -> None:
    _teach(cloud, agent)
    mine, other = (_ask(cloud, "How do I change my PIN?")["session_id"] for _ in range(2))
    chat = cloud.http("chat")
    question, reply = chat.get(f"/v1/sessions/{mine}/messages").json()["messages"]
    for session_id, message_id in ((other, reply["id"]), (mine, question["id"]), (mine, mine)):
        path = f"/v1/sessions/{session_id}/messages/{message_id}/rating"
        assert chat.put(path, json={"helpful": True}).status_code == 404


def test_the_report_names_what_answers_nothing_and_what_is_stale(cloud: Cloud, agent: dict[str, str]) -> None:
    _teach(cloud, agent)
    old = _teach(cloud, agent, external_id="old", title="Fax numbers of our branches", questions=[])
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        tx.articles._connection.execute(
            "UPDATE articles SET updated_at = now() - interval '1 year' WHERE id = %s", [old["id"]]
        )
    _ask(cloud, "How do I change my PIN?")
    report = cloud.http("knowledge").get("/v1/knowledge/report", headers=agent).json()
    assert [use["external_id"] for use in report["answers_nothing"]] == ["old"]
    assert [use["external_id"] for use in report["stale"]] == ["old"]
    assert [use["external_id"] for use in report["most_used"]] == ["change-pin"]


def _mail(cloud: Cloud, agent: dict[str, str], text: str, address: str, name: str) -> dict[str, Any]:
    """A ticket that a customer's mail opened."""
    raw = (
        f"From: {name} <{address}>\nTo: {FROM}\nSubject: A question\nMessage-ID: <{address}>\n"
        f"Authentication-Results: amazonses.com; spf=pass; dkim=pass\n\n{text}\n"
    )
    aws.client("s3").put_object(Bucket=INBOUND, Key=f"inbound/{address}", Body=raw.encode())
    cloud.invoke("email_ingest", {"Records": [{"s3": {"object": {"key": f"inbound/{address}"}}}]})
    cloud.drain()
    ticket: dict[str, Any] = cloud.http("tickets").get("/v1/tickets", headers=agent).json()["tickets"][0]
    return ticket


def _reply(cloud: Cloud, agent: dict[str, str], ticket_id: str, body: str) -> None:
    sent = cloud.http("tickets").post(f"/v1/tickets/{ticket_id}/messages", json={"body": body}, headers=agent)
    assert sent.status_code == 201, sent.text
    cloud.drain()


def test_what_agents_mail_becomes_a_draft_without_the_customers_name(cloud: Cloud, agent: dict[str, str]) -> None:
    _teach(cloud, agent)
    ticket = _mail(cloud, agent, QUESTIONS[0], "ann@customer.example", "Ann Harbour")
    reply = f"Dear Ann,\n\n{ANSWER} Thank you for asking, Ann Harbour!\n\nKind regards,\nAda"
    _reply(cloud, agent, ticket["id"], reply)
    assert _propose(cloud, agent) == []
    _mail(cloud, agent, f"{QUESTIONS[1]} It is me, Ben", "ben@customer.example", "Ben")
    (proposal,) = _propose(cloud, agent)
    assert proposal["body"] == f"{ANSWER} Thank you for asking, [name]!"
    assert ticket["id"] in [one["ticket_id"] for one in proposal["evidence"]]
    assert sorted(proposal["questions"]) == [QUESTIONS[0], f"{QUESTIONS[1]} It is me, [name]"]


def test_one_person_alone_proposes_nothing(cloud: Cloud, agent: dict[str, str]) -> None:
    session_id = None
    for question in QUESTIONS * 5:
        session_id = _ask(cloud, question, session_id)["session_id"]
    assert _propose(cloud, agent) == []
    _ask(cloud, QUESTIONS[1])
    (proposal,) = _propose(cloud, agent)
    assert len(proposal["evidence"]) <= 11


def test_who_wants_a_human_after_an_answer_was_not_helped(cloud: Cloud, agent: dict[str, str]) -> None:
    article = _teach(cloud, agent)
    for _ in range(2):
        session_id = _ask(cloud, "How do I change my PIN?")["session_id"]
        _ask(cloud, "I want to talk to a human", session_id)
    report = cloud.http("knowledge").get("/v1/knowledge/report", headers=agent).json()
    assert (report["answered"], report["reopened"], report["coverage"]) == (2, 2, 0.0)
    (proposal,) = _propose(cloud, agent)
    assert (proposal["kind"], proposal["article_id"]) == ("edit", article["id"])
    assert {one["failure"] for one in proposal["evidence"]} == {"reopened"}
