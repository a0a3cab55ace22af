"""What must be true of a ticket's new values; each check raises InvalidInput that names the field."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction


def check_category(tx: Transaction, category: str | None) -> None:
    """A label of that name must exist."""
    if category is None:
        return
    try:
        tx.labels.by_name(category)
    except NotFound:
        raise InvalidInput(f"category: there is no label {category!r}") from None


def check_assignee(tx: Transaction, assignee_id: UUID | None) -> None:
    """An agent or administrator of this workspace who may still sign in, or None."""
    if assignee_id is None:
        return
    if not _has_role(tx, assignee_id, {"agent", "admin"}):
        raise InvalidInput("assignee_id: there is no such agent")
    if tx.accounts.get(assignee_id).deactivated_at:
        raise InvalidInput("assignee_id: this agent was deactivated")


def check_requester(tx: Transaction, requester_id: UUID | None) -> None:
    """Anybody of this workspace."""
    if requester_id is not None and not _has_role(tx, requester_id, {"customer", "agent", "admin"}):
        raise InvalidInput("requester_id: there is no such person")


def _has_role(tx: Transaction, user_id: UUID, roles: set[str]) -> bool:
    try:
        return tx.users.get(user_id).role in roles
    except NotFound:
        return False


def check_members(tx: Transaction, member_ids: Sequence[UUID]) -> None:
    """All are agents or administrators of this workspace."""
    agents = {user.id for user in tx.users.list("agent", "admin")}
    if unknown := set(member_ids) - agents:
        raise InvalidInput(f"member_ids: there is no agent {min(unknown)}")


def check_group(tx: Transaction, group_id: UUID | None) -> None:
    """A group of this workspace, or None."""
    if group_id is not None and group_id not in {group.id for group in tx.groups.list()}:
        raise InvalidInput("group_id: there is no such group")


def check_snooze(ticket: Ticket, until: datetime | None) -> None:
    """In the future, for a ticket that is not done."""
    if until is None:
        return
    if until <= utcnow():
        raise InvalidInput("snoozed_until: must be in the future")
    if ticket.status in {"solved", "closed"}:
        raise InvalidInput(f"snoozed_until: a ticket that is {ticket.status} has nothing to wake for")


def merged_fields(tx: Transaction, stored: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The custom fields after a change: null clears one. Raises InvalidInput for an unknown key or a wrong value."""
    known = {field.key: field for field in tx.ticket_fields.list()}
    for key, value in given.items():
        if key not in known:
            names = ", ".join(known) or "none"
            raise InvalidInput(f"custom_fields.{key[:60]}: there is no such field; there are: {names}")
        if value is not None:
            known[key].check(value)
    return {key: value for key, value in {**stored, **given}.items() if value is not None}


def check_solvable(tx: Transaction, custom_fields: Mapping[str, Any]) -> None:
    """Nothing that must be known of a solved ticket is missing."""
    missing = [
        f.key for f in tx.ticket_fields.list() if f.required_to_solve and custom_fields.get(f.key) in (None, "", [])
    ]
    if missing:
        raise InvalidInput(f"custom_fields.{missing[0]}: must be filled in before the ticket is solved")
