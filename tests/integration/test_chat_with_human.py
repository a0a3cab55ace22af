"""Once a human is asked for, or in charge: the machine is silent, and no message falls between two chairs."""

import threading
from collections.abc import Callable

import pytest

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.postgres.conversation import Messages
from supportmax.domain.conversation import Message
from supportmax.services.take_chat_turn import ChatReply
from tests.articles import BASICS
from tests.desk import Desk
from tests.fakes.embedders import InterruptedEmbedder
from tests.letters import letter

UNKNOWN = "What is your CEO's shoe size?"


def _handed_over(desk: Desk) -> ChatReply:
    reply = desk.say(UNKNOWN)
    desk.drain()
    return reply


def test_a_human_in_charge_silences_the_machine(desk: Desk) -> None:
    desk.teach(BASICS)
    agent = desk.hire("Ada")
    session_id = _handed_over(desk).session_id
    desk.reply(agent, desk.ticket(), "She wears 38.")
    reply = desk.say("How do I change my PIN?", session_id)
    assert (reply.answer.action, reply.answer.reason) == ("hand_over", "an agent is in charge")
    assert reply.answer.citations == ()
    assert desk.speakers() == ["customer", "assistant", "agent", "customer"]
    assert desk.notes_to(agent)[0] == f"New chat message in #1: {UNKNOWN}"


def test_a_human_who_takes_over_while_the_machine_is_thinking_silences_it(desk: Desk, embedder: MiniLMEmbedder) -> None:
    desk.teach(BASICS)
    agent = desk.hire("Ada")
    session_id = _handed_over(desk).session_id
    desk.embedder = InterruptedEmbedder(embedder, lambda: desk.reply(agent, desk.ticket(), "I am here."))
    reply = desk.say("How do I change my PIN?", session_id)
    assert reply.answer.reason == "an agent is in charge"
    assert desk.speakers() == ["customer", "assistant", "customer", "agent"]
    with desk.begin() as tx:
        assert [turn.question for turn in tx.turns.recent(session_id, 10)] == [UNKNOWN]


def test_until_a_human_replies_the_machine_still_helps(desk: Desk) -> None:
    desk.teach(BASICS)
    session_id = _handed_over(desk).session_id
    assert desk.say("How do I change my PIN?", session_id).answer.action == "answer"


def test_a_waiting_customer_who_writes_again_gets_no_second_ticket(desk: Desk) -> None:
    agent = desk.hire("Ada")
    first = _handed_over(desk)
    again = desk.say("Hello?? I asked for your CEO's shoe size!", first.session_id)
    desk.drain()
    assert again.ticket_id == first.ticket_id == desk.ticket().id
    assert "now this message too" in again.answer.reply
    assert len(desk.escalations()) == 1
    assert desk.notes_to(agent)[0].startswith("New chat message in #1")


def test_a_solved_ticket_is_reopened_and_escalated_again(desk: Desk) -> None:
    agent = desk.hire("Ada")
    first = _handed_over(desk)
    desk.change(agent, desk.ticket(), status="solved")
    assert desk.ticket().solved_at is not None
    desk.say("Now what is her hat size?", first.session_id)
    desk.drain()
    ticket = desk.ticket()
    assert (ticket.status, ticket.solved_at, ticket.assignee_id) == ("open", None, agent.id)
    assert len(desk.escalations()) == 2


def test_what_is_solved_before_the_queues_come_by_stays_solved(desk: Desk) -> None:
    agent = desk.hire("Ada")
    desk.receive(letter("What is your CEO's shoe size?"))
    desk.change(agent, desk.ticket(), status="solved")
    desk.drain()
    assert (desk.ticket().status, desk.escalations(), desk.outbox()) == ("solved", [], [])
    desk.receive(letter("How tall is he?", "Bo <bo@customer.example>"), "inbound/b")
    while desk.queue.waiting[0].queue != "escalate":
        desk.deliver(desk.queue.waiting.popleft())
    desk.change(agent, desk.tickets()[0], status="solved")
    desk.drain()
    assert [(ticket.status, desk.escalations(ticket)) for ticket in desk.tickets()] == [("solved", [])] * 2


def test_a_note_is_for_agents_only_and_leaves_the_machine_speaking(desk: Desk) -> None:
    desk.teach(BASICS)
    agent = desk.hire("Ada")
    session_id = _handed_over(desk).session_id
    desk.reply(agent, desk.ticket(), "Is this a joke?", visibility="internal")
    assert desk.say("How do I change my PIN?", session_id).answer.action == "answer"
    with desk.begin() as tx:
        seen = [message.body for message in tx.messages.of_session(session_id, None, 100)]
    assert "Is this a joke?" not in seen
    assert "Is this a joke?" in [message.body for message in desk.messages()]


def test_an_agents_reply_reaches_the_chat_and_is_not_mailed(desk: Desk) -> None:
    agent = desk.hire("Ada")
    session_id = _handed_over(desk).session_id
    sent = len(desk.mailer.sent)
    desk.reply(agent, desk.ticket(), "She wears 38.")
    desk.drain()
    ticket = desk.ticket()
    with desk.begin() as tx:
        assert tx.messages.of_session(session_id, None, 100)[-1].body == "She wears 38."
    assert len(desk.mailer.sent) == sent
    assert (ticket.status, ticket.assignee_id) == ("pending", agent.id)
    assert ticket.first_response_at is not None


def test_two_messages_at_once_open_one_ticket(desk: Desk) -> None:
    session_id = desk.say("hello").session_id
    ready, replies = threading.Barrier(2, timeout=20), list[ChatReply]()

    def speak(text: str) -> None:
        ready.wait()
        replies.append(desk.say(text, session_id))
        desk.close()

    speakers = [threading.Thread(target=speak, args=[f"{UNKNOWN} ({number})"]) for number in range(2)]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join()
    desk.drain()
    assert {reply.ticket_id for reply in replies} == {desk.ticket().id}
    assert len(desk.escalations()) == 1
    customers = {message.body for message in desk.messages() if message.author_kind == "customer"}
    assert customers == {"hello", f"{UNKNOWN} (0)", f"{UNKNOWN} (1)"}


def test_a_message_that_arrives_while_the_ticket_is_made_belongs_to_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow one has seen no ticket, and stores its message after the fast one has made it."""
    session_id = desk.say("hello").session_id
    _before_message(monkeypatch, "the slow one", lambda: _elsewhere(desk, lambda: desk.say(UNKNOWN, session_id)))
    reply = desk.say("the slow one", session_id)
    assert reply.ticket_id == desk.ticket().id
    assert "the slow one" in [message.body for message in desk.messages()]


def _before_message(monkeypatch: pytest.MonkeyPatch, text: str, first: Callable[[], None]) -> None:
    add = Messages.add

    def slowly(self: Messages, message: Message) -> Message:
        if message.body == text:
            first()
        return add(self, message)

    monkeypatch.setattr(Messages, "add", slowly)


def _elsewhere(desk: Desk, act: Callable[[], object]) -> None:
    """In a thread, and so over a connection, of its own."""

    def run() -> None:
        act()
        desk.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_an_unpublished_hand_over_is_not_lost(desk: Desk) -> None:
    """The queue is down for the whole turn: the customer still gets the promise, and the work is in the outbox."""
    desk.queue.down = True
    reply = desk.say(UNKNOWN)
    assert reply.ticket_id == desk.ticket().id
    assert not desk.queue.waiting
    with desk.begin() as tx:
        assert tx.workspace.counts()["outbox_waiting"] == 1
