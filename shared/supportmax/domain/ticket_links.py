"""How two tickets belong together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from supportmax.domain.tickets import Status

StoredKind = Literal["relates_to", "blocks", "incident_of", "follow_up_of", "split_from"]
LinkKind = Literal[
    "relates_to",
    "blocks",
    "blocked_by",
    "incident_of",
    "problem_of",
    "follow_up_of",
    "followed_up_by",
    "split_from",
    "split_into",
]
# How the other ticket sees it.
INVERSE: dict[LinkKind, LinkKind] = {
    "relates_to": "relates_to",
    "blocks": "blocked_by",
    "blocked_by": "blocks",
    "incident_of": "problem_of",
    "problem_of": "incident_of",
    "follow_up_of": "followed_up_by",
    "followed_up_by": "follow_up_of",
    "split_from": "split_into",
    "split_into": "split_from",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLink:
    """Seen from one ticket: it `kind`s the other one, of which number, subject and status are shown."""

    id: UUID
    kind: LinkKind
    ticket_id: UUID
    number: int
    subject: str
    status: Status
    created_at: datetime
