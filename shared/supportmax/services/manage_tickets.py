"""What agents do with tickets: open, change, reply, note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message, Visibility
from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.events import CategoryChanged, TicketChanged, TicketOpened
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.tickets import NewTicket, Priority, Ticket, solving_time
from supportmax.ports import Transaction
from supportmax.services.queue_mail import Outgoing, queue_mail


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


def open_ticket(tx: Transaction, request: TicketRequest, actor: User) -> Ticket:
    """Open it with its first message; triage follows on the queue. Raises InvalidInput for an unknown category."""
    _check_category(tx, request.category)
    requester = tx.users.customer(request.requester_email, request.requester_name) if request.requester_email else None
    ticket = tx.tickets.add(
        NewTicket(
            id=new_id(),
            subject=request.subject,
            channel="api",
            requester_id=requester.id if requester else None,
            priority=request.priority,
            category=request.category,
            tags=request.tags,
        )
    )
    message = tx.messages.add(
        Message(
            id=new_id(),
            author_kind="customer",
            author_id=requester.id if requester else None,
            channel="api",
            body=request.body,
            created_at=utcnow(),
            ticket_id=ticket.id,
        )
    )
    tx.audit.add(str(actor.id), "ticket.created", "ticket", ticket.id, {})
    tx.outbox.add(TicketOpened(ticket_id=ticket.id, message_id=message.id))
    return ticket


def change_ticket(tx: Transaction, ticket_id: UUID, changes: Mapping[str, Any], actor: User) -> Ticket:
    """Apply an agent's changes. Raises NotFound, and InvalidInput for an unknown category, assignee or group."""
    ticket = tx.tickets.lock(ticket_id)
    _check_category(tx, changes.get("category"))
    _check_assignee(tx, changes.get("assignee_id"))
    check_group(tx, changes.get("group_id"))
    values = {name: value for name, value in changes.items() if getattr(ticket, name) != value}
    if not values:
        return ticket
    changed = tx.tickets.update(ticket_id, values | solving_time(values))
    detail = {name: str(value) for name, value in values.items()}
    tx.audit.add(str(actor.id), "ticket.updated", "ticket", ticket_id, detail)
    tx.outbox.add(TicketChanged(ticket_id=ticket_id))
    if "category" in values:
        tx.outbox.add(CategoryChanged(ticket_id=ticket_id, user_id=actor.id))
    return changed


def reply_to_ticket(
    tx: Transaction, ticket_id: UUID, body: str, visibility: Visibility, actor: User, mail_domain: str
) -> Message:
    """A public reply goes out by the channel the customer came by; a note stays inside. Raises NotFound."""
    ticket = tx.tickets.lock(ticket_id)
    if visibility == "public":
        mailed = None
        if ticket.session_id is None:
            mailed = queue_mail(tx, ticket, Outgoing(body, "agent", actor.id), mail_domain)
        _first_response(tx, ticket, actor)
        message = mailed or _add(tx, ticket, body, visibility, actor)
    else:
        message = _add(tx, ticket, body, visibility, actor)
    tx.outbox.add(TicketChanged(ticket_id=ticket_id))
    return message


def _add(tx: Transaction, ticket: Ticket, body: str, visibility: Visibility, actor: User) -> Message:
    return tx.messages.add(
        Message(
            id=new_id(),
            author_kind="agent",
            author_id=actor.id,
            visibility=visibility,
            channel="chat" if ticket.session_id else "api",
            body=body,
            created_at=utcnow(),
            ticket_id=ticket.id,
            session_id=ticket.session_id,
        )
    )


def _first_response(tx: Transaction, ticket: Ticket, actor: User) -> None:
    changes: dict[str, Any] = {"status": "pending"}
    if ticket.first_response_at is None:
        changes["first_response_at"] = utcnow()
    if ticket.assignee_id is None:
        changes["assignee_id"] = actor.id
    tx.tickets.update(ticket.id, changes)


def _check_category(tx: Transaction, category: str | None) -> None:
    if category is not None:
        _must_exist(lambda: tx.labels.by_name(category), f"category: there is no label {category!r}")


def _check_assignee(tx: Transaction, assignee_id: UUID | None) -> None:
    if assignee_id is None:
        return
    if assignee_id not in _agents(tx):
        raise InvalidInput("assignee_id: there is no such agent")


def check_members(tx: Transaction, member_ids: Sequence[UUID]) -> None:
    """Raises InvalidInput unless all are agents or administrators of this workspace."""
    if unknown := set(member_ids) - _agents(tx):
        raise InvalidInput(f"member_ids: there is no agent {min(unknown)}")


def _agents(tx: Transaction) -> set[UUID]:
    return {user.id for user in tx.users.list(None) if user.role != "customer"}


def check_group(tx: Transaction, group_id: UUID | None) -> None:
    """Raises InvalidInput unless it is a group of this workspace, or None."""
    if group_id is not None and group_id not in {group.id for group in tx.groups.list()}:
        raise InvalidInput("group_id: there is no such group")


def _must_exist(find: Any, message: str) -> None:
    try:
        find()
    except NotFound:
        raise InvalidInput(message) from None
