"""The ticket: one request of one requester, and what may change about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Channel

Status = Literal["new", "open", "pending", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
TicketType = Literal["question", "incident", "problem", "task"]

# Nothing becomes new again, and closed is the end: what comes later is a ticket of its own.
MOVES: dict[Status, frozenset[Status]] = {
    "new": frozenset({"open", "pending", "solved", "closed"}),
    "open": frozenset({"pending", "solved", "closed"}),
    "pending": frozenset({"open", "solved", "closed"}),
    "solved": frozenset({"open", "pending", "closed"}),
    "closed": frozenset(),
}

SUBJECT_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as stored. `number` counts up per workspace and is what people say aloud.

    `category` is the name of a label, `unsure` when triage could not tell, or None before triage has looked; `triage`
    keeps the reason. `custom_fields` holds the values of the workspace's own fields by key. A ticket that was merged is
    closed, and `merged_into_id` is the one that goes on. One with `deleted_at` is only seen by those who ask for it.
    """

    id: UUID
    number: int
    subject: str
    status: Status
    priority: Priority
    channel: Channel
    category: str | None
    tags: list[str]
    language: str | None
    sentiment: str | None
    requester_id: UUID | None
    assignee_id: UUID | None
    group_id: UUID | None
    session_id: UUID | None
    triage: dict[str, Any] | None
    version: int
    created_at: datetime
    updated_at: datetime
    first_response_at: datetime | None
    solved_at: datetime | None
    type: TicketType | None
    custom_fields: dict[str, Any]
    snoozed_until: datetime | None
    merged_into_id: UUID | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """What is needed to open a ticket; the store adds number and times."""

    id: UUID
    subject: str
    channel: Channel
    requester_id: UUID | None = None
    session_id: UUID | None = None
    status: Status = "new"
    priority: Priority = "normal"
    category: str | None = None
    tags: list[str] = field(default_factory=list)
    group_id: UUID | None = None
    assignee_id: UUID | None = None
    type: TicketType | None = None
    custom_fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Which tickets a list shows: each given field must match."""

    status: Status | None = None
    priority: Priority | None = None
    category: str | None = None
    assignee_id: UUID | None = None
    group_id: UUID | None = None
    requester_id: UUID | None = None
    channel: Channel | None = None
    sentiment: str | None = None
    tag: str | None = None


def subject_from(text: str) -> str:
    """A subject for a request that came without one: its first line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= 80:
        return line or "(no subject)"
    return line[:80].rsplit(" ", 1)[0] + " …"


def can_move(before: Status, after: Status) -> bool:
    """Whether a ticket may get that status; staying is always allowed."""
    return before == after or after in MOVES[before]


def solving_time(changes: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from a changed status: `solved` sets the time of solving, `closed` keeps it, others clear it."""
    if changes.get("status") in {None, "closed"}:
        return {}
    return {"solved_at": utcnow() if changes["status"] == "solved" else None}
