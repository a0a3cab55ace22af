"""One turn of a chat: keep what the customer said, answer it, and hand over to a human when that is right.

The message is committed before anything else happens, so an outage can cost the answer but never the question.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from supportmax.domain.answers import Answer, Turn
from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message, Session
from supportmax.domain.errors import Conflict, KeyReused, NotFound
from supportmax.domain.ids import new_id
from supportmax.domain.tickets import Ticket
from supportmax.ports import Store, Transaction
from supportmax.services.answer_question import Answerer, answer_question
from supportmax.services.answering.guard import accept_message
from supportmax.services.answering.question import Question
from supportmax.services.current_ticket import customer_wrote
from supportmax.services.hand_over import hand_over_session, notify_followers
from supportmax.services.tell_hours import away_words

REMEMBERED_TURNS = 5
WITH_HUMAN = "Thank you, I have passed this on to the colleague who looks after your request (ticket #{number})."


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What the customer gets back. `message_id` is the stored reply's; a passed on message has none."""

    session_id: UUID
    answer: Answer
    ticket_id: UUID | None
    message_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message and its session; None begins one. `with_token`: it comes from whoever holds the session's token.

    `key` is its Idempotency-Key: with the same one it is stored once.
    """

    text: str
    session_id: UUID | None = None
    with_token: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class _Arrival:
    session: Session
    question: Question
    ticket: Ticket | None
    key: str | None
    reply_id: UUID | None


def take_chat_turn(answerer: Answerer, store: Store, workspace_id: UUID, said: Said, promise: str) -> ChatReply:
    """Raises InvalidInput for an empty or too long message, NotFound for an unknown session, Conflict for an ended one.

    `promise` says when a human will answer, as the customer reads it; outside of the hours the desk says its own words.
    """
    said = replace(said, text=accept_message(said.text))
    with store.begin(workspace_id, wait=False) as tx:  # it is kept while the answer is looked for
        arrival = _receive(tx, said)
    if arrival.reply_id:
        with store.begin(workspace_id) as tx:
            return _said_before(tx, arrival.session, arrival.reply_id)
    if arrival.ticket and arrival.session.in_charge == "agent":
        with store.begin(workspace_id) as tx:
            return _pass_on(tx, arrival, arrival.session, arrival.ticket)
    answer, turn = answer_question(answerer, store, workspace_id, arrival.question)
    if arrival.ticket is None and answer.action != "hand_over":
        with store.begin(workspace_id) as tx:
            reply, stored = _record_at_once(tx, arrival, answer, turn)
        if stored():
            return reply
    with store.begin(workspace_id) as tx:
        return _record(tx, arrival, answer, turn, promise)


def _receive(tx: Transaction, said: Said) -> _Arrival:
    session = tx.sessions.get(said.session_id) if said.session_id else tx.sessions.add(new_id(), None)
    if session.visitor and not said.with_token:
        raise NotFound("No such session.")
    asked, reply_id = _keep(tx, session, _message(session, "customer", said.text), said.key)
    ticket = tx.tickets.get(session.ticket_id) if session.ticket_id else None
    earlier = tx.turns.recent(session.id, REMEMBERED_TURNS) if said.session_id else []
    question = Question(
        said.text,
        earlier,
        session_id=session.id,
        ticket_id=session.ticket_id,
        requester_id=session.requester_id,
        message_id=asked.id,
    )
    return _Arrival(session, question, ticket, said.key, reply_id)


def _keep(tx: Transaction, session: Session, message: Message, key: str | None) -> tuple[Message, UUID | None]:
    """The message, and the reply to it if it came before. The session is locked, so of two at once one is stored."""
    if key:
        tx.sessions.touch(session.id)
        if before := tx.message_keys.brought_by(session.id, key):
            earlier = tx.messages.get(before[0])
            if earlier.body != message.body:
                raise KeyReused("Idempotency-Key: another message was sent with it before")
            return earlier, before[1]
    if session.ended_at:
        raise Conflict("The chat has ended: begin a new one with POST /v1/sessions.")
    stored = tx.messages.add(message)
    if key:
        tx.message_keys.remember(session.id, key, message.id)
    return stored, None


def _said_before(tx: Transaction, session: Session, reply_id: UUID) -> ChatReply:
    """What was replied to this very message; its sources stand in the explanation."""
    reply, turn = tx.messages.get(reply_id), tx.turns.of_message(reply_id)
    answer = Answer(action=turn.action, reply=reply.body, confidence=turn.confidence)
    return ChatReply(session.id, answer, session.ticket_id, reply.id)


def _message(session: Session, author: str, text: str) -> Message:
    return Message(
        id=new_id(),
        author_kind="customer" if author == "customer" else "assistant",
        channel="chat",
        body=text,
        created_at=utcnow(),
        session_id=session.id,
        ticket_id=session.ticket_id,
    )


def _pass_on(tx: Transaction, arrival: _Arrival, session: Session, ticket: Ticket) -> ChatReply:
    """The machine is silent: the message is in the ticket, and those who look after it hear of it."""
    tx.touched.add(ticket.id, arrival.question.message_id)  # it was stored by a transaction that nobody waited for
    ticket = customer_wrote(tx, ticket, session.requester_id)
    notify_followers(tx, ticket, f"New chat message in #{ticket.number}: {ticket.subject}", "customer_replied")
    away = away_words(tx, utcnow())
    reply = WITH_HUMAN.format(number=ticket.number) + (f" {away}" if away else "")
    answer = Answer(action="hand_over", reply=reply, confidence=1.0, reason="an agent is in charge")
    return ChatReply(session.id, answer, ticket.id)


def _record_at_once(
    tx: Transaction, arrival: _Arrival, answer: Answer, turn: Turn
) -> tuple[ChatReply, Callable[[], bool]]:
    """Store the reply of a session that no human looks after, without a look at it first; and whether that went well.

    It does not if another message has opened a ticket meanwhile.
    """
    tx.sessions.touch(arrival.session.id)
    reply = _message(arrival.session, "assistant", answer.reply)
    stored = tx.turns.add_with_reply(turn, reply)
    _note_answer(tx, arrival, reply)
    return ChatReply(arrival.session.id, answer, None, reply.id), stored


def _record(tx: Transaction, arrival: _Arrival, answer: Answer, turn: Turn, promise: str) -> ChatReply:
    """Store the reply. The session row is locked first: two messages at once open one ticket, not two.

    Before it, the ticket: an agent who replies locks that and then, by adding a message, the session.
    """
    if arrival.ticket:
        tx.tickets.lock(arrival.ticket.id, deleted=True)
    tx.sessions.touch(arrival.session.id)
    session = tx.sessions.get(arrival.session.id)
    ticket = tx.tickets.get(session.ticket_id) if session.ticket_id else None
    if ticket and not arrival.ticket:  # made since by the other message: this one came too late to be moved with it
        tx.messages.move_session_to_ticket(session.id, ticket.id)
    if ticket and session.in_charge == "agent":
        return _pass_on(tx, arrival, session, ticket)
    if ticket:
        tx.touched.add(ticket.id, arrival.question.message_id)
    if answer.action == "hand_over":
        promise = away_words(tx, utcnow()) or promise
        answer, session = hand_over_session(tx, session, ticket, arrival.question.text, answer, promise)
    reply = tx.messages.add(_message(session, "assistant", answer.reply))
    tx.turns.add(replace(turn, message_id=reply.id, ticket_id=session.ticket_id))
    _note_answer(tx, arrival, reply)
    return ChatReply(session.id, answer, session.ticket_id, reply.id)


def _note_answer(tx: Transaction, arrival: _Arrival, reply: Message) -> None:
    if arrival.key:
        tx.message_keys.answered(arrival.session.id, arrival.key, reply.id)
