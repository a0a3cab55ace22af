"""A chat goes to a human: the ticket, the promise to the customer, and the work that follows on the queues."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from supportmax.domain.answers import Answer
from supportmax.domain.conversation import Session
from supportmax.domain.events import HandOverRequested, TicketOpened
from supportmax.domain.ids import new_id
from supportmax.domain.notifications import NoticeKind
from supportmax.domain.ticket_events import by_customer, by_system
from supportmax.domain.tickets import NewTicket, Ticket, subject_from
from supportmax.ports import Transaction
from supportmax.services.answering.phrases import DEFAULT, phrases_in
from supportmax.services.current_ticket import customer_wrote
from supportmax.services.notify import notify


def human_in_charge(ticket: Ticket) -> bool:
    """An agent has replied and the ticket is not done: whoever else would speak is silent."""
    return ticket.first_response_at is not None and ticket.status not in {"solved", "closed"}


def notify_followers(
    tx: Transaction, ticket: Ticket, text: str, kind: NoticeKind = "other", but: Collection[UUID] = ()
) -> None:
    """Tell everyone who follows the ticket, and the agent who has it; not `but`, who did it or were told already."""
    told = {user.id for user in tx.ticket_followers.of_ticket(ticket.id)}
    if ticket.assignee_id:
        told.add(ticket.assignee_id)
    notify(tx, told - set(but), ticket.id, text, kind)


def tell_human(tx: Transaction, ticket: Ticket, text: str) -> None:
    """Somebody must hear of this: who has the ticket, or whoever gets it now."""
    if ticket.assignee_id:
        notify(tx, [ticket.assignee_id], ticket.id, text, "other")
    else:
        tx.outbox.add(HandOverRequested(ticket_id=ticket.id, reason=text))


def hand_over_session(
    tx: Transaction, session: Session, ticket: Ticket | None, text: str, answer: Answer, promise: str
) -> tuple[Answer, Session]:
    """Open the session's ticket, or reopen it, and tell the customer what happens next.

    The chat so far belongs to the ticket from now on. Classification follows on the queue, then escalation.
    """
    waiting = ticket is not None and ticket.status not in {"solved", "closed"}
    ticket = customer_wrote(tx, ticket, session.requester_id) if ticket else _open(tx, session, text)
    session = replace(session, ticket_id=ticket.id)
    tx.chat_states.put_in_charge(session.id, None)
    if waiting:
        notify_followers(tx, ticket, f"New chat message in #{ticket.number}: {ticket.subject}", "customer_replied")
    else:
        last = tx.messages.of_session(session.id, None, 1_000)[-1]
        tx.outbox.add(TicketOpened(ticket_id=ticket.id, message_id=last.id, hand_over=answer.reason))
    note_anger(tx, ticket, answer)
    return replace(answer, reply=_words(answer, waiting, ticket.number, promise)), session


def note_anger(tx: Transaction, ticket: Ticket, answer: Answer) -> None:
    """An angry customer's ticket is important, unless it is urgent already."""
    if answer.intent == "angry" and ticket.priority in {"low", "normal"}:
        tx.tickets.update(ticket.id, {"priority": "high"}, by_system("the customer is angry"))


def _words(answer: Answer, waiting: bool, number: int, promise: str) -> str:
    """What could be answered, then that a human has the rest. The promise is written in the default language only."""
    told = _why(answer, waiting).format(number=number)
    if answer.language == DEFAULT:
        told = f"{told} {promise}"
    return f"{answer.reply}\n\n{told}" if answer.reply else told


def _why(answer: Answer, waiting: bool) -> str:
    words = phrases_in(answer.language)
    if waiting:
        return words.reminded
    by_intent = {
        "human": words.asked_for,
        "angry": words.angry,
        "account": words.account,
        "other_language": words.other_language,
    }
    return by_intent.get(answer.intent or "", words.rest if answer.reply else words.unsure)


def _open(tx: Transaction, session: Session, text: str) -> Ticket:
    """One whose chat had a ticket that is over follows that one up."""
    earlier = tx.sessions.earlier_ticket(session.id)
    ticket = tx.tickets.add(
        NewTicket(
            id=new_id(),
            subject=subject_from(text),
            channel="chat",
            requester_id=session.requester_id,
            session_id=session.id,
        ),
        by_customer(session.requester_id),
    )
    if earlier:
        tx.ticket_links.add(ticket.id, "follow_up_of", earlier)
    tx.messages.move_session_to_ticket(session.id, ticket.id)
    return ticket
