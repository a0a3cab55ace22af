"""What became of mail that arrived."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMail:
    """What became of one mail that arrived."""

    id: UUID
    fingerprint: str
    object_key: str
    outcome: str
    sender: str | None = None
    subject: str | None = None
    reason: str | None = None
    ticket_id: UUID | None = None
    message_id: UUID | None = None
    created_at: datetime | None = None
