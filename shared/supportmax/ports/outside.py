"""What lies outside the database: queues, files, mail, the CRM."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from supportmax.domain.crm import CaseChange, CaseLink, CaseSnapshot
from supportmax.domain.events import Envelope, Queue


class QueueSender(Protocol):
    def send(self, envelopes: Sequence[Envelope]) -> list[UUID]:
        """Send each to its event's queue; returns the ids accepted. Raises TransientFailure if none was."""

    def depths(self) -> dict[Queue, int]:
        """Messages waiting in each queue."""


class DeadLetters(Protocol):
    def bury(self, body: str, reason: str) -> None:
        """Keep a message that can never be processed, with the reason. Raises TransientFailure if it was not kept."""


class ObjectStore(Protocol):
    def get(self, key: str) -> bytes:
        """The object's bytes. Raises NotFound."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store it, replacing what was there."""

    def delete(self, key: str) -> None:
        """Nothing is there afterwards, whatever was."""


class Mailer(Protocol):
    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        """Hand over one RFC 5322 message; returns the provider's id.

        Raises PermanentFailure if it was refused, TransientFailure if it was certainly not sent, and OutcomeUnknown
        if it may have been.
        """


class CRM(Protocol):
    def push_case(self, case: CaseSnapshot) -> CaseLink:
        """Create or update the case, its contact and comments; doing it twice changes nothing."""

    def changed_cases(self, since: datetime, limit: int) -> list[CaseChange]:
        """Cases changed after `since` (UTC), oldest change first; a little more than `limit` to finish a second."""
