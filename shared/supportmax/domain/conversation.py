"""A session is one customer's chat; its messages, and those of a ticket, are the conversation."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from supportmax.domain.chats import InCharge, VisitorKind

AuthorKind = Literal["customer", "agent", "assistant", "system"]
Visibility = Literal["public", "internal"]
Channel = Literal["chat", "email", "api"]
Delivery = Literal["queued", "sending", "sent", "cancelled", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Session:
    """One chat of one customer. `ticket_id` is set once a human is, or was, asked for.

    `visitor` says who has the token that opens it; None: whoever holds the id may write.
    """

    id: UUID
    requester_id: UUID | None
    ticket_id: UUID | None
    created_at: datetime
    in_charge: InCharge = "assistant"
    visitor: VisitorKind | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; its bytes lie in the object store under `object_key`. `size` in bytes."""

    id: UUID
    message_id: UUID
    name: str
    content_type: str
    size: int
    object_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a session, of a ticket, or of both.

    `body` is what the author wrote; quoted mail and signature are folded into `quoted_text`, never dropped.
    The mail fields follow RFC 5322 (ids with their angle brackets) and are empty for chat.
    `delivery` is only set for mail that goes out. `by_rule`: people wrote it beforehand, in a trigger or an automation.
    """

    id: UUID
    author_kind: AuthorKind
    channel: Channel
    body: str
    created_at: datetime
    session_id: UUID | None = None
    ticket_id: UUID | None = None
    author_id: UUID | None = None
    visibility: Visibility = "public"
    subject: str | None = None
    quoted_text: str | None = None
    body_html: str | None = None
    mail_message_id: str | None = None
    in_reply_to: str | None = None
    mail_references: list[str] = field(default_factory=list)
    recipient: str | None = None
    delivery: Delivery | None = None
    delivery_id: str | None = None
    raw_object: str | None = None
    by_rule: bool = False
