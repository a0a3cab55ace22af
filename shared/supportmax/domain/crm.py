"""What we tell a CRM about a ticket, and what it tells us back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from supportmax.domain.errors import InvalidInput

STATUSES = ("new", "open", "pending", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")

PULL_OVERLAP = timedelta(minutes=2)
"""Subtract this from the watermark before a pull: a CRM stamps a change when its transaction starts,
so one that commits late carries a time that an earlier pull has already passed."""


@dataclass(frozen=True, slots=True)
class CaseComment:
    """One message of the ticket; `public` means that the customer may see it."""

    message_id: UUID
    body: str
    public: bool
    created_at: datetime
    author_name: str


@dataclass(frozen=True, slots=True)
class CaseSnapshot:
    """The whole ticket as it is now; pushing it twice is the same as pushing it once.

    `requester_email` may be empty (an anonymous chat): such a case gets no contact. `crm_seen_until` is the
    watermark of the last pull: a status or priority changed in the CRM after it is left alone by the push,
    so that the next pull can bring it. Raises `InvalidInput` for a status or priority that is not ours.
    """

    ticket_id: UUID
    subject: str
    description: str
    status: str
    priority: str
    category: str
    requester_name: str
    requester_email: str
    comments: tuple[CaseComment, ...] = ()
    crm_seen_until: datetime | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InvalidInput(f"status must be one of {', '.join(STATUSES)}, not {self.status!r}")
        if self.priority not in PRIORITIES:
            raise InvalidInput(f"priority must be one of {', '.join(PRIORITIES)}, not {self.priority!r}")


@dataclass(frozen=True, slots=True)
class CaseLink:
    """Where the ticket lives in the CRM: its ids, and the page an agent can open."""

    case_id: str
    contact_id: str | None
    url: str
    comment_ids: Mapping[UUID, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CaseChange:
    """One case that was touched in the CRM, by somebody there or by our own push.

    `status` and `priority` are in our words. The two flags say whether they differ from what we pushed last:
    only then has somebody in the CRM changed them; otherwise the entry merely moves the watermark.
    Entries repeat within `PULL_OVERLAP`: applying one again must change nothing.
    """

    ticket_id: UUID
    case_id: str
    case_number: str
    status: str
    priority: str
    changed_at: datetime
    status_changed: bool
    priority_changed: bool
