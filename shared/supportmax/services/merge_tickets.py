"""Two tickets about one thing become one; one ticket about two things becomes two."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from supportmax.domain.errors import Conflict, InvalidInput
from supportmax.domain.events import TicketChanged
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.ticket_events import Cause, by_user
from supportmax.domain.tickets import NewTicket, Ticket, solving_time
from supportmax.ports import Transaction
from supportmax.services.current_ticket import changeable


def merge_tickets(tx: Transaction, survivor_id: UUID, merged_ids: Sequence[UUID], actor: User) -> Ticket:
    """What was said in the tickets `merged_ids` goes on in the survivor; they are closed and point to it.

    Raises NotFound, InvalidInput for a ticket merged into itself, Conflict for a closed survivor, a ticket that was
    merged before, and requesters that differ.
    """
    if survivor_id in merged_ids:
        raise InvalidInput("ticket_ids: a ticket cannot be merged into itself")
    # All are locked in one order, so that two merges at once wait for each other instead of blocking each other.
    found = {ticket_id: changeable(tx, ticket_id) for ticket_id in sorted({survivor_id, *merged_ids})}
    survivor = found[survivor_id]
    if survivor.status == "closed":
        raise Conflict(f"#{survivor.number} is closed: nothing goes on in it.")
    for ticket_id in dict.fromkeys(merged_ids):
        survivor = _merge(tx, survivor, found[ticket_id], actor)
    tx.outbox.add(TicketChanged(ticket_id=survivor.id))
    return survivor


def _merge(tx: Transaction, survivor: Ticket, merged: Ticket, actor: User) -> Ticket:
    if survivor.requester_id and merged.requester_id and survivor.requester_id != merged.requester_id:
        raise Conflict(
            f"#{merged.number} has another requester than #{survivor.number}, who would not get the replies any more. "
            "If it is the same person, change its requester_id first."
        )
    cause = by_user(actor)
    tx.messages.move(merged.id, survivor.id, None)
    for user in tx.ticket_followers.of_ticket(merged.id):
        tx.ticket_followers.add(survivor.id, user.id)
    for earlier in tx.tickets.merged_into(merged.id):
        tx.tickets.update(earlier, {"merged_into_id": survivor.id}, cause, "merged")
    _close(tx, survivor, merged, cause)
    named = {"id": str(merged.id), "number": merged.number}
    tx.ticket_events.add(survivor.id, "took_in", cause, {"merged": {"from": None, "to": named}})
    tx.audit.add(str(actor.id), "ticket.merged", "ticket", merged.id, {"into": str(survivor.id)})
    tx.outbox.add(TicketChanged(ticket_id=merged.id))
    return tx.tickets.update(survivor.id, _taken_over(survivor, merged), by_user(actor, f"took in #{merged.number}"))


def _close(tx: Transaction, survivor: Ticket, merged: Ticket, cause: Cause) -> None:
    changes: dict[str, Any] = {"merged_into_id": survivor.id, "status": "closed", "snoozed_until": None}
    tx.tickets.update(merged.id, changes, cause, "merged")


def _taken_over(survivor: Ticket, merged: Ticket) -> dict[str, Any]:
    """Of what the survivor has not, what the other one had; an open request does not disappear in a solved ticket."""
    changes: dict[str, Any] = {"tags": list(dict.fromkeys([*survivor.tags, *merged.tags]))[:30]}
    for name in ("requester_id", "session_id", "first_response_at", "assignee_id", "group_id"):
        if getattr(survivor, name) is None and getattr(merged, name) is not None:
            changes[name] = getattr(merged, name)
    if survivor.status == "solved" and merged.status in {"new", "open", "pending"}:
        changes |= {"status": "open"} | solving_time({"status": "open"})
    return changes


def split_ticket(tx: Transaction, ticket_id: UUID, message_ids: Sequence[UUID], subject: str, actor: User) -> Ticket:
    """These messages go on in a ticket of their own with the same requester.

    Raises NotFound, Conflict for a merged ticket, InvalidInput for a message that is not in it.
    """
    ticket = changeable(tx, ticket_id)
    wanted = set(message_ids)
    cause = by_user(actor, f"split from #{ticket.number}")
    made = tx.tickets.add(
        NewTicket(
            id=new_id(),
            subject=subject or ticket.subject,
            channel="email" if ticket.channel == "email" else "api",
            requester_id=ticket.requester_id,
            status="open",
            priority=ticket.priority,
            category=ticket.category,
            tags=[tag for tag in ticket.tags if tag != "spam"],
            group_id=ticket.group_id,
            assignee_id=ticket.assignee_id,
            type=ticket.type,
        ),
        cause,
    )
    if tx.messages.move(ticket.id, made.id, sorted(wanted)) != len(wanted):
        raise InvalidInput(f"message_ids: not all of these messages are in #{ticket.number}")
    tx.ticket_links.add(made.id, "split_from", ticket.id)
    named = {"id": str(made.id), "number": made.number, "messages": [str(m) for m in sorted(wanted)]}
    tx.ticket_events.add(ticket.id, "split", by_user(actor), {"split_into": {"from": None, "to": named}})
    tx.audit.add(str(actor.id), "ticket.split", "ticket", ticket.id, {"into": str(made.id)})
    tx.outbox.add(TicketChanged(ticket_id=ticket.id))
    tx.outbox.add(TicketChanged(ticket_id=made.id))
    return made
