"""A customer in the chat widget."""

import pytest

from tests.e2e.stack import DeployedStack, eventually

pytestmark = pytest.mark.stack


def test_a_question_is_answered_with_its_source(stack: DeployedStack) -> None:
    answer = stack.chat("My card was swallowed by the machine, what now?")

    assert answer["action"] == "answer"
    assert [citation["article_id"] for citation in answer["citations"]] == ["card-swallowed"]
    assert "Freeze the card" in answer["reply"]
    assert answer["ticket_id"] is None


def test_a_follow_up_is_understood(stack: DeployedStack) -> None:
    first = stack.chat("My card was swallowed by the machine, what now?")
    second = stack.chat("And how long does that take?", first["session_id"])

    assert second["action"] == "answer"
    assert second["session_id"] == first["session_id"]
    cited = {first["citations"][0]["article_id"], second["citations"][0]["article_id"]}
    assert cited == {"card-swallowed"}
    messages = stack.customer.get(f"/v1/sessions/{first['session_id']}/messages").json()["messages"]
    assert [message["author"] for message in messages] == ["customer", "assistant"] * 2


def test_what_nobody_wrote_about_goes_to_a_human_who_hears_of_it(stack: DeployedStack) -> None:
    answer = stack.chat("What is your CEO's shoe size?")

    assert answer["action"] == "hand_over"
    assert "within one working day" in answer["reply"]
    ticket_id = answer["ticket_id"]
    escalation = eventually(lambda: stack.rows("SELECT * FROM escalations WHERE ticket_id = %s", ticket_id))[0]
    assert "shoe size" in escalation["summary"]
    ticket = stack.agent.get(f"/v1/tickets/{ticket_id}").json()
    assert ticket["status"] == "open"
    assert ticket["assignee_id"] == str(escalation["assignee_id"])
    assert stack.rows("SELECT 1 FROM notifications WHERE ticket_id = %s", ticket_id)
    agent = stack.rows("SELECT email FROM users WHERE id = %s", escalation["assignee_id"])[0]["email"]
    eventually(lambda: [m for m in stack.mails_to(agent) if f"[#{ticket['number']}]" in m["Subject"]])


def test_an_agent_silences_the_machine(stack: DeployedStack) -> None:
    first = stack.chat("I would like to talk to a human please")
    ticket_id = first["ticket_id"]
    reply = stack.agent.post(f"/v1/tickets/{ticket_id}/messages", json={"body": "Hello, this is Ines."})
    assert reply.status_code == 201, reply.text

    answer = stack.chat("How do I change my PIN?", first["session_id"])

    assert (answer["action"], answer["ticket_id"]) == ("hand_over", ticket_id)
    messages = stack.customer.get(f"/v1/sessions/{first['session_id']}/messages").json()["messages"]
    assert [m["text"] for m in messages][-2:] == ["Hello, this is Ines.", "How do I change my PIN?"]
