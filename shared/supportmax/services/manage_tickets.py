"""What agents do with tickets: open, change, delete and restore."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message
from supportmax.domain.errors import Conflict, InvalidInput, PreconditionFailed
from supportmax.domain.events import CategoryChanged, TicketChanged, TicketOpened
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.ticket_events import Cause, by_user
from supportmax.domain.tickets import NewTicket, Priority, Ticket, TicketType, solving_time
from supportmax.ports import Transaction
from supportmax.services.assign_ticket import assign
from supportmax.services.check_ticket import (
    check_assignee,
    check_category,
    check_group,
    check_requester,
    check_snooze,
    check_solvable,
    merged_fields,
)
from supportmax.services.current_ticket import changeable, check_move
from supportmax.services.notify import notify

TAG_LIMIT = 30


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """A ticket that an agent, or a program, opens on behalf of a requester."""

    subject: str
    body: str
    requester_email: str | None = None
    requester_name: str = ""
    priority: Priority = "normal"
    category: str | None = None
    tags: list[str] = field(default_factory=list)
    type: TicketType | None = None
    custom_fields: Mapping[str, Any] = field(default_factory=dict)
    group_id: UUID | None = None
    assignee_id: UUID | None = None
    follow_up_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """`values` by field, null to clear; `add_tags` and `remove_tags` on top of the stored ones.

    `versions`: the change is only wanted while the ticket is at one of them; None: whatever it is at.
    `quiet`: whoever gets the ticket is not told by this change.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    reason: str | None = None
    versions: frozenset[int] | None = None
    quiet: bool = False


def open_ticket(tx: Transaction, request: TicketRequest, actor: User) -> Ticket:
    """Open it with its first message; triage follows on the queue.

    Raises InvalidInput for an unknown category, group, agent or custom field, NotFound for an unknown `follow_up_of`.
    """
    check_category(tx, request.category)
    check_group(tx, request.group_id)
    check_assignee(tx, request.assignee_id)
    custom_fields = merged_fields(tx, {}, request.custom_fields)
    before = tx.tickets.get(request.follow_up_of) if request.follow_up_of else None
    requester_id = before.requester_id if before else None
    if request.requester_email:
        requester_id = tx.users.customer(request.requester_email, request.requester_name).id
    ticket = tx.tickets.add(
        NewTicket(
            id=new_id(),
            subject=request.subject,
            channel="api",
            requester_id=requester_id,
            priority=request.priority,
            category=request.category,
            tags=request.tags,
            group_id=request.group_id,
            assignee_id=request.assignee_id,
            type=request.type,
            custom_fields=custom_fields,
        ),
        by_user(actor),
    )
    if before:
        tx.ticket_links.add(ticket.id, "follow_up_of", before.id)
    message = tx.messages.add(
        Message(
            id=new_id(),
            author_kind="customer",
            author_id=requester_id,
            channel="api",
            body=request.body,
            created_at=utcnow(),
            ticket_id=ticket.id,
        )
    )
    tx.audit.add(str(actor.id), "ticket.created", "ticket", ticket.id, {})
    tx.outbox.add(TicketOpened(ticket_id=ticket.id, message_id=message.id))
    return ticket


def change_ticket(tx: Transaction, ticket_id: UUID, change: Change, actor: User) -> Ticket:
    """Apply an agent's change.

    Raises NotFound; PreconditionFailed when it is at another version; Conflict when it was merged; InvalidInput for a
    status it cannot get and for what does not exist.
    """
    ticket = at_version(changeable(tx, ticket_id), change.versions)
    values = new_values(tx, ticket, change)
    if not values:
        return ticket
    changed = apply_values(tx, ticket, values, by_user(actor, change.reason), quiet=change.quiet)
    detail = {name: str(value) for name, value in values.items()}
    tx.audit.add(str(actor.id), "ticket.updated", "ticket", ticket_id, detail)
    if "category" in values:
        tx.outbox.add(CategoryChanged(ticket_id=ticket_id, user_id=actor.id))
    if values.get("group_id") and changed.assignee_id is None and changed.status in {"new", "open"}:
        return assign(tx, changed, "its group has it now", quiet=change.quiet)
    return changed


def new_values(tx: Transaction, ticket: Ticket, change: Change) -> dict[str, Any]:
    """What the change would make different. Raises InvalidInput for what the ticket cannot get."""
    values = {n: v for n, v in _wanted(tx, ticket, change).items() if getattr(ticket, n) != v}
    _check(tx, ticket, values)
    if values.get("status") in {"solved", "closed"} and ticket.snoozed_until:
        values["snoozed_until"] = None
    return values


def apply_values(
    tx: Transaction, ticket: Ticket, values: Mapping[str, Any], cause: Cause, *, quiet: bool = False
) -> Ticket:
    """Make the ticket what `new_values` found, whoever wants it. Unless `quiet`, whoever gets it hears of it."""
    kind = "snoozed" if values.get("snoozed_until") else "changed"
    tx.outbox.add(TicketChanged(ticket_id=ticket.id))
    assignee_id = values.get("assignee_id")
    if assignee_id and assignee_id != cause.actor_id and not quiet:
        notify(tx, [assignee_id], ticket.id, f"#{ticket.number} is yours: {ticket.subject}", "assigned")
    return tx.tickets.update(ticket.id, {**values, **solving_time(values)}, cause, kind)


def at_version(ticket: Ticket, versions: frozenset[int] | None) -> Ticket:
    """The ticket itself. Raises PreconditionFailed unless it is at one of the versions; None accepts any."""
    if versions is not None and ticket.version not in versions:
        raise PreconditionFailed(f"The ticket has changed: it is at version {ticket.version} now. Read it again.")
    return ticket


def _wanted(tx: Transaction, ticket: Ticket, change: Change) -> dict[str, Any]:
    """The values after the change, whether they differ or not."""
    values = dict(change.values)
    if change.add_tags or change.remove_tags:
        tags = [tag for tag in ticket.tags if tag not in change.remove_tags]
        values["tags"] = [*tags, *(tag for tag in dict.fromkeys(change.add_tags) if tag not in tags)]
        if len(values["tags"]) > TAG_LIMIT:
            raise InvalidInput(f"add_tags: a ticket has at most {TAG_LIMIT} tags")
    if "custom_fields" in values:
        values["custom_fields"] = merged_fields(tx, ticket.custom_fields, values["custom_fields"])
    return values


def _check(tx: Transaction, ticket: Ticket, values: Mapping[str, Any]) -> None:
    check_category(tx, values.get("category"))
    check_assignee(tx, values.get("assignee_id"))
    check_group(tx, values.get("group_id"))
    check_requester(tx, values.get("requester_id"))
    check_snooze(ticket, values.get("snoozed_until"))
    if "status" in values:
        check_move(ticket, values["status"])
    if values.get("status") == "solved":
        check_solvable(tx, values.get("custom_fields", ticket.custom_fields))


def delete_ticket(tx: Transaction, ticket_id: UUID, actor: User, versions: frozenset[int] | None = None) -> None:
    """Hide it everywhere until it is restored. Raises NotFound, PreconditionFailed."""
    at_version(tx.tickets.lock(ticket_id), versions)
    tx.tickets.update(ticket_id, {"deleted_at": utcnow()}, by_user(actor), "deleted")
    tx.audit.add(str(actor.id), "ticket.deleted", "ticket", ticket_id, {})
    tx.outbox.add(TicketChanged(ticket_id=ticket_id))


def restore_ticket(tx: Transaction, ticket_id: UUID, actor: User) -> Ticket:
    """It is there again as it was. Raises NotFound, and Conflict when it was not deleted."""
    ticket = tx.tickets.lock(ticket_id, deleted=True)
    if ticket.deleted_at is None:
        raise Conflict("The ticket is not deleted.")
    restored = tx.tickets.update(ticket_id, {"deleted_at": None}, by_user(actor), "restored")
    tx.audit.add(str(actor.id), "ticket.restored", "ticket", ticket_id, {})
    tx.outbox.add(TicketChanged(ticket_id=ticket_id))
    return restored
