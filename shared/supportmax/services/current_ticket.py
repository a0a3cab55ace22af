"""The ticket that a message, an event or a mail means today: the one asked for may have been merged or deleted."""

from typing import Any
from uuid import UUID

from supportmax.domain.errors import Conflict, InvalidInput, NotFound
from supportmax.domain.ticket_events import by_customer, by_system
from supportmax.domain.tickets import Ticket, can_move
from supportmax.ports import Transaction


def current_ticket(tx: Transaction, ticket_id: UUID, deleted: bool = False) -> Ticket | None:
    """Locked; of a merged ticket the one that goes on. None if it was deleted, unless those are wanted."""
    try:
        ticket = tx.tickets.lock(ticket_id, deleted)
        return tx.tickets.lock(ticket.merged_into_id, deleted) if ticket.merged_into_id else ticket
    except NotFound:
        return None


def changeable(tx: Transaction, ticket_id: UUID) -> Ticket:
    """Locked, for someone who wants to change it. Raises NotFound, and Conflict for a merged one."""
    ticket = tx.tickets.lock(ticket_id)
    if ticket.merged_into_id:
        survivor = tx.tickets.get(ticket.merged_into_id, deleted=True)
        raise Conflict(f"The ticket was merged into #{survivor.number} ({survivor.id}): change that one.")
    return ticket


def customer_wrote(tx: Transaction, ticket: Ticket, customer_id: UUID | None) -> Ticket:
    """What a customer's message does to its ticket: it is open again, awake, and there."""
    changes: dict[str, Any] = {n: None for n in ("snoozed_until", "deleted_at") if getattr(ticket, n) is not None}
    if ticket.status in {"pending", "solved"}:
        changes |= {"status": "open"} | ({"solved_at": None} if ticket.solved_at else {})
    if not changes:
        return ticket
    return tx.tickets.update(ticket.id, changes, by_customer(customer_id, "the customer wrote"))


def wake_ticket(tx: Transaction, ticket_id: UUID) -> Ticket:
    """Its snooze is over."""
    return tx.tickets.update(ticket_id, {"snoozed_until": None}, by_system("the snooze is over"), "woken")


def check_move(ticket: Ticket, status: str) -> None:
    """Raises InvalidInput for a status that the ticket cannot get."""
    if can_move(ticket.status, status):  # type: ignore[arg-type]
        return
    hint = "Open a follow-up with follow_up_of." if ticket.status == "closed" else "Nothing becomes new again."
    raise InvalidInput(f"status: a ticket that is {ticket.status} cannot become {status}. {hint}")
