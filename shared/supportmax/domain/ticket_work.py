"""Work on tickets that takes its time: changes of many, files on their way in, people at a ticket."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

Activity = Literal["viewing", "writing"]
JobStatus = Literal["waiting", "running", "done"]
# Whoever says nothing for this long is not at the ticket any more.
PRESENT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Somebody has the ticket before them."""

    user_id: UUID
    name: str
    activity: Activity
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that may be uploaded for a ticket's next message. `size` in bytes."""

    id: UUID
    ticket_id: UUID
    name: str
    content_type: str
    size: int
    object_key: str
    created_by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`position` of `total` are dealt with; `problems` names those that could not be: `{"ticket_id", "problem"}`."""

    id: UUID
    kind: str
    status: JobStatus
    request: dict[str, Any]
    total: int
    position: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    created_by: UUID | None
    created_at: datetime
    finished_at: datetime | None = None
