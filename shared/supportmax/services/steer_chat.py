"""What visitors and agents do in a chat beside talking: typing, reading, handing it to and fro, ending it."""

from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.chats import Chat, EndedBy, InCharge
from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message
from supportmax.domain.errors import Conflict
from supportmax.domain.events import TicketChanged
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.ticket_events import Cause, by_customer, by_user
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction
from supportmax.services.current_ticket import changeable
from supportmax.services.hand_over import notify_followers

GIVEN_BACK = "The assistant is answering you again. You can ask for a colleague at any time."
TAKEN = "{name} has joined the chat."


@dataclass(frozen=True, slots=True)
class Steering:
    """What somebody does; None: not that. `read`: the position up to which they have read."""

    typing: bool | None = None
    read: int | None = None
    in_charge: InCharge | None = None
    end: bool = False


def steer_as_visitor(tx: Transaction, chat: Chat, wanted: Steering) -> Chat:
    """Raises Conflict when the chat has ended and they type in it."""
    if chat.ended_at and wanted.typing:
        raise Conflict("The chat has ended.")
    if wanted.end and (ticket := end_chat(tx, chat, "visitor", by_customer(chat.requester_id))):
        notify_followers(tx, ticket, f"The visitor has ended the chat of #{ticket.number}: {ticket.subject}")
    tx.chat_states.note(chat.id, "visitor", wanted.typing, wanted.read)
    return tx.chats.get(chat.id)


def end_chat(tx: Transaction, chat: Chat, by: EndedBy, cause: Cause) -> Ticket | None:
    """Its ticket, which stays as it is; None if it has none, or the chat was over already.

    The ticket is locked before the session, as by whoever replies.
    """
    ticket = tx.tickets.lock(chat.ticket_id, deleted=True) if chat.ticket_id else None
    if not tx.chat_states.end(chat.id, by) or ticket is None:
        return None
    tx.ticket_events.add(ticket.id, "chat_ended", cause, {})
    return ticket


def steer_as_agent(tx: Transaction, ticket_id: UUID, wanted: Steering, actor: User) -> Chat:
    """Raises NotFound for a ticket without a chat, Conflict for a merged one, and for a chat that has ended."""
    ticket = changeable(tx, ticket_id)  # before the session: whoever replies locks them in this order
    chat = tx.chats.of_ticket(ticket.id)
    if chat.ended_at and (wanted.typing or wanted.in_charge):
        raise Conflict("The chat has ended.")
    tx.chat_states.note(chat.id, "agent", wanted.typing, wanted.read)
    if wanted.in_charge and wanted.in_charge != chat.in_charge:
        _put_in_charge(tx, ticket, chat, wanted.in_charge, actor)
    if wanted.end:
        end_chat(tx, chat, "agent", by_user(actor))
    return tx.chats.of_ticket(ticket.id)


def _put_in_charge(tx: Transaction, ticket: Ticket, chat: Chat, who: InCharge, actor: User) -> None:
    if ticket.status in {"solved", "closed"}:
        raise Conflict(f"The ticket is {ticket.status}: the assistant answers in its chat.")
    if who == "agent" and ticket.assignee_id is None:
        tx.tickets.update(ticket.id, {"assignee_id": actor.id}, by_user(actor, "took the chat"))
    tx.chat_states.put_in_charge(chat.id, who)
    tx.outbox.add(TicketChanged(ticket_id=ticket.id))
    changes = {"in_charge": {"from": chat.in_charge, "to": who}}
    tx.ticket_events.add(ticket.id, "chat_taken" if who == "agent" else "chat_given_back", by_user(actor), changes)
    tx.messages.add(
        Message(
            id=new_id(),
            author_kind="system",
            channel="chat",
            body=TAKEN.format(name=actor.name) if who == "agent" else GIVEN_BACK,
            created_at=utcnow(),
            session_id=chat.id,
            ticket_id=ticket.id,
        )
    )
