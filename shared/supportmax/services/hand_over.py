"""A chat goes to a human: the ticket, the promise to the customer, and the work that follows on the queues."""

from dataclasses import replace

from supportmax.domain.answers import Answer
from supportmax.domain.conversation import Session
from supportmax.domain.events import HandOverRequested, TicketOpened
from supportmax.domain.ids import new_id
from supportmax.domain.tickets import NewTicket, Ticket, subject_from
from supportmax.ports import Transaction

PROMISE = "I cannot answer this reliably, so I have passed it on to our team as ticket #{number}. {promise}"
ASKED_FOR = "Of course. I have passed your request on to our team as ticket #{number}. {promise}"
REMINDED = "Our team has your request as ticket #{number}, and now this message too. {promise}"


def human_in_charge(ticket: Ticket) -> bool:
    """An agent has replied and the ticket is not done: whoever else would speak is silent."""
    return ticket.first_response_at is not None and ticket.status not in {"solved", "closed"}


def notify_assignee(tx: Transaction, ticket: Ticket, text: str) -> None:
    """Tell the agent who has the ticket, if one has."""
    if ticket.assignee_id:
        tx.notifications.add(ticket.assignee_id, ticket.id, text)


def tell_human(tx: Transaction, ticket: Ticket, text: str) -> None:
    """Somebody must hear of this: who has the ticket, or whoever gets it now."""
    if ticket.assignee_id:
        notify_assignee(tx, ticket, text)
    else:
        tx.outbox.add(HandOverRequested(ticket_id=ticket.id, reason=text))


def hand_over_session(
    tx: Transaction, session: Session, ticket: Ticket | None, text: str, answer: Answer, promise: str
) -> tuple[Answer, Session]:
    """Open the session's ticket, or reopen it, and tell the customer what happens next.

    The chat so far belongs to the ticket from now on. Classification follows on the queue, then escalation.
    """
    waiting = ticket is not None and ticket.status not in {"solved", "closed"}
    ticket = _reopen(tx, ticket) if ticket else _open(tx, session, text)
    session = replace(session, ticket_id=ticket.id)
    if waiting:
        notify_assignee(tx, ticket, f"New chat message in #{ticket.number}: {ticket.subject}")
        words = REMINDED
    else:
        last = tx.messages.of_session(session.id, None, 1_000)[-1]
        tx.outbox.add(TicketOpened(ticket_id=ticket.id, message_id=last.id, hand_over=answer.reason))
        words = ASKED_FOR if answer.confidence == 1.0 else PROMISE
    return replace(answer, reply=words.format(number=ticket.number, promise=promise)), session


def _open(tx: Transaction, session: Session, text: str) -> Ticket:
    ticket = tx.tickets.add(
        NewTicket(
            id=new_id(),
            subject=subject_from(text),
            channel="chat",
            requester_id=session.requester_id,
            session_id=session.id,
        )
    )
    tx.messages.move_session_to_ticket(session.id, ticket.id)
    return ticket


def _reopen(tx: Transaction, ticket: Ticket) -> Ticket:
    if ticket.status not in {"solved", "closed"}:
        return ticket
    return tx.tickets.update(ticket.id, {"status": "open", "solved_at": None})
