"""What tickets are about, as vectors."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from supportmax.domain.copilot import NearTicket
from supportmax.domain.knowledge import Vector


class TicketVectors(Protocol):
    def save(self, ticket_id: UUID, model: str, vector: Vector) -> None:
        """In place of an earlier one."""

    def of(self, ticket_id: UUID, model: str) -> Vector | None: ...
    def missing(self, model: str, limit: int) -> list[UUID]:
        """The newest tickets that have no vector of this model."""


class TicketsByMeaning(Protocol):
    def nearest(self, vector: Vector, model: str, limit: int) -> list[NearTicket]:
        """The nearest tickets of the workspace, nearest first."""

    def compare(self, vector: Vector, model: str, ids: Sequence[UUID]) -> dict[UUID, float]:
        """The cosines of these tickets; those without a vector are left out."""

    def last_answers(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        """What an agent, or the desk, last said publicly in each of them."""
