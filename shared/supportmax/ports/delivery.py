"""Outbox, inbox and the marks of the schedule."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from supportmax.domain.events import Envelope, Event


class Outbox(Protocol):
    def add(self, event: Event) -> Envelope:
        """Publish `event` if, and only if, this transaction commits."""

    def claim_due(self, older_than: datetime, limit: int) -> list[Envelope]:
        """Unpublished ones that nobody claimed since then, oldest first."""

    def mark_published(self, ids: Sequence[UUID]) -> None: ...


class Inbox(Protocol):
    def first_time(self, consumer: str, message_id: UUID) -> bool:
        """Remember it in this transaction; False if it was processed before."""

    def prune(self, older_than: datetime) -> int:
        """Forget what is older, published outbox rows too; returns how many."""


class Watermarks(Protocol):
    def get(self, name: str) -> datetime | None: ...
    def advance(self, name: str, reached: datetime) -> None:
        """Forward only."""

    def due(self, name: str, every: timedelta) -> bool:
        """True for one caller in each such time; it is `name`'s turn now."""
