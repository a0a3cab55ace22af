"""A person's footprint, what may be kept of it, and for how long."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from supportmax.domain.people import normal_email
from supportmax.domain.tickets import Status

Bucket = Literal["inbound", "attachments"]
Kept = Literal["tickets", "chats", "held_mails"]
JobKind = Literal["privacy-export", "privacy-erasure"]


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a request is about: a customer, an address that wrote, an anonymous visitor's chat. One of them is set."""

    user_id: UUID | None = None
    email: str | None = None
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Footprint:
    """What belongs to somebody, or is too old. Everything that hangs on a ticket, a chat or a message goes with it."""

    user_id: UUID | None = None
    email: str | None = None
    ticket_ids: Sequence[UUID] = ()
    session_ids: Sequence[UUID] = ()
    mail_ids: Sequence[UUID] = ()

    @property
    def empty(self) -> bool:
        return not (self.user_id or self.ticket_ids or self.session_ids or self.mail_ids)


@dataclass(frozen=True, slots=True)
class StoredObject:
    bucket: Bucket
    key: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look at every table brought: how many rows of which ones still hold one of the person's values."""

    tables: int
    rewritten: int
    found: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`days` after its last change it goes. `status` only for tickets."""

    what: Kept
    days: int
    status: Status | None = None


def mark_of_id(erased: UUID) -> bytes:
    """Ids are random: they say nothing about anybody."""
    return erased.bytes


def mark_of_words(secret: str, kind: Literal["address", "message-id", "fingerprint"], words: str) -> bytes:
    """Addresses can be guessed, so their hash takes a key."""
    known = normal_email(words) if kind == "address" else words
    return hmac.new(secret.encode(), f"erased {kind} {known}".encode(), hashlib.sha256).digest()
