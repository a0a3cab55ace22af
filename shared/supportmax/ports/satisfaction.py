"""What customers thought of the help."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from supportmax.domain.satisfaction import Rating, SatisfactionSettings, Score
from supportmax.domain.tickets import Ticket


class SatisfactionSettingsRepository(Protocol):
    def get(self) -> SatisfactionSettings:
        """The defaults, where nobody has chosen."""

    def save(self, settings: SatisfactionSettings) -> None: ...


class DueQuestions(Protocol):
    def due(self, now: datetime, settings: SatisfactionSettings, limit: int) -> list[Ticket]:
        """Tickets about which their requester is to be asked now; nobody else asks until this transaction ends."""


class SatisfactionReader(Protocol):
    def get(self, rating_id: UUID) -> Rating:
        """Raises NotFound."""

    def lock(self, rating_id: UUID) -> Rating:
        """Like get, and nobody else changes it until this transaction ends."""

    def list(self, ticket_id: UUID | None, score: Score | None, after: UUID | None, limit: int) -> list[Rating]:
        """Newest first; not those of deleted tickets."""


class SatisfactionWriter(Protocol):
    def save(self, rating: Rating) -> None:
        """Add it, or change it. A ticket that has another one keeps that."""

    def forget(self, rating_id: UUID) -> None:
        """As if it had not been asked."""


class SatisfactionRatings(DueQuestions, SatisfactionReader, SatisfactionWriter, Protocol):
    """Ratings of the workspace."""
