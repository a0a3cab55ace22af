"""What happened to a ticket, who did it, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from supportmax.domain.people import User

ActorKind = Literal["user", "customer", "system", "trigger", "automation", "crm"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Who changes a ticket, and why. `actor_id` is a user's id where a person does; a rule's name is the reason."""

    actor_kind: ActorKind = "system"
    actor_id: UUID | None = None
    reason: str | None = None


SYSTEM = Cause()


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent:
    """One change. `changes` holds what was and what is: `{"status": {"from": "open", "to": "solved"}}`."""

    id: UUID
    ticket_id: UUID
    kind: str
    actor_kind: ActorKind
    actor_id: UUID | None
    reason: str | None
    changes: dict[str, Any]
    created_at: datetime


def by_user(user: User, reason: str | None = None) -> Cause:
    """An agent, or an administrator, did it."""
    return Cause("user", user.id, reason)


def by_customer(customer_id: UUID | None, reason: str | None = None) -> Cause:
    """A customer did it, if only by writing; None for one whose name is not known."""
    return Cause("customer", customer_id, reason)


def by_system(reason: str) -> Cause:
    """A rule of the desk did it."""
    return Cause(reason=reason)
