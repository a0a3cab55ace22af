"""Answer a classified mail from the knowledge base, or ask for a human."""

import re
from dataclasses import replace
from datetime import timedelta

from supportmax.domain.answers import Answer, Citation, Turn
from supportmax.domain.clock import utcnow
from supportmax.domain.events import Envelope, HandOverRequested, TicketChanged, TicketClassified
from supportmax.domain.ticket_events import by_system
from supportmax.domain.tickets import Ticket
from supportmax.ports import Store, Transaction
from supportmax.services.answer_question import Answerer, answer_question
from supportmax.services.answering.guard import visible_text
from supportmax.services.answering.links import foreign_link
from supportmax.services.answering.question import Question
from supportmax.services.current_ticket import current_ticket
from supportmax.services.hand_over import human_in_charge, note_anger
from supportmax.services.mail.message_text import question_of
from supportmax.services.mail.plain_text import plain_text
from supportmax.services.queue_mail import Outgoing, queue_mail

CONSUMER = "respond"
AUTOMATIC_MAILS_A_DAY = 1
# Senders choose their names: one of letters is repeated, a link or an address is not.
_NAME = re.compile(r"[^\W\d_](?:['\u2019.-]?[^\W\d_])*\.?")
NAME_CHARACTERS = 60


def respond_to_ticket(answerer: Answerer, store: Store, envelope: Envelope, mail_domain: str) -> Turn | None:
    """Handle TicketClassified. The answer is decided first, then written with all its effects in one transaction.

    Returns what was decided; None where the ticket is over.
    """
    event = envelope.event
    assert isinstance(event, TicketClassified)
    with store.begin(envelope.workspace_id) as tx:
        ticket = current_ticket(tx, event.ticket_id)
        if ticket is None or ticket.status == "closed":
            return None
        text = visible_text(question_of(tx.messages.get(event.message_id)))
        address = tx.users.get(ticket.requester_id).email if ticket.requester_id else None
    question = Question(
        text, ticket_id=ticket.id, requester_id=ticket.requester_id, message_id=event.message_id, address=address
    )
    answer, turn = answer_question(answerer, store, envelope.workspace_id, question)
    with store.begin(envelope.workspace_id) as tx:
        if tx.inbox.first_time(CONSUMER, envelope.id) and (ticket := current_ticket(tx, event.ticket_id)):
            _act(tx, ticket, answer, turn, mail_domain)
    return turn


def _act(tx: Transaction, ticket: Ticket, answer: Answer, turn: Turn, mail_domain: str) -> None:
    if human_in_charge(ticket) or ticket.status in {"solved", "closed"}:
        return
    if ticket.assignee_id is not None:
        tx.turns.add(turn)
        return  # another message of this ticket went to a human meanwhile, who has this one too
    if reason := _why_not(tx, ticket, answer):
        tx.turns.add(turn)
        _hand_over(tx, ticket, answer, reason)
        return
    sent = queue_mail(tx, ticket, Outgoing(_as_mail(tx, ticket, answer), "assistant"), mail_domain)
    tx.turns.add(replace(turn, message_id=sent.id if sent else None))
    tx.tickets.update(ticket.id, {"status": "pending"}, by_system("answered automatically"))
    tx.outbox.add(TicketChanged(ticket_id=ticket.id))


def _hand_over(tx: Transaction, ticket: Ticket, answer: Answer, reason: str) -> None:
    note_anger(tx, ticket, answer)
    tx.outbox.add(HandOverRequested(ticket_id=ticket.id, reason=reason))


def _why_not(tx: Transaction, ticket: Ticket, answer: Answer) -> str | None:
    """Why a human should answer instead; None when the answer may go out."""
    if answer.action == "small_talk":
        return "the mail asks nothing"
    if answer.action != "answer":
        return answer.reason or "the question has more than one possible answer"
    since = utcnow() - timedelta(days=1)
    if tx.turns.machine_mails(ticket.id, since) >= AUTOMATIC_MAILS_A_DAY:
        return "the customer wrote again after an automatic answer"
    return None


def _as_mail(tx: Transaction, ticket: Ticket, answer: Answer) -> str:
    requester = tx.users.get(ticket.requester_id) if ticket.requester_id else None
    first_name = _first_name(requester.name) if requester else ""
    hello = f"Hello {first_name}," if first_name else "Hello,"
    return (
        f"{hello}\n\n{plain_text(answer.reply)}\n\n{_sources(answer.citations)}"
        "This answer was found automatically in our help articles. If it does not help, just reply to this mail and a "
        f"person will take over.\n\nYour request has the number #{ticket.number}."
    )


def _first_name(name: str) -> str:
    words = name.split() if len(name) <= NAME_CHARACTERS else []
    named = words and not foreign_link(name, ()) and all(_NAME.fullmatch(word) for word in words)
    return words[0] if named else ""


def _sources(citations: tuple[Citation, ...]) -> str:
    titles = dict.fromkeys(c.title for c in citations)
    return f"Source: {'; '.join(titles)}\n\n" if titles else ""
