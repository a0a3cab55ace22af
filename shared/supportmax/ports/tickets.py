"""Tickets and what happens around them."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from supportmax.domain.crm import CaseLink
from supportmax.domain.tickets import NewTicket, Ticket, TicketFilter


class TicketReader(Protocol):
    def get(self, ticket_id: UUID) -> Ticket:
        """Raises NotFound."""

    def lock(self, ticket_id: UUID) -> Ticket:
        """Like get, and nobody else changes it until this transaction ends."""

    def list(self, wanted: TicketFilter, after: UUID | None, limit: int) -> list[Ticket]:
        """Newest first, those older than `after`."""


class TicketWriter(Protocol):
    def add(self, new: NewTicket) -> Ticket: ...
    def update(self, ticket_id: UUID, changes: Mapping[str, Any]) -> Ticket:
        """Set these columns and count the version up. Raises NotFound."""

    def delete(self, ticket_id: UUID) -> None:
        """Raises NotFound."""


class TicketRepository(TicketReader, TicketWriter, Protocol):
    """Tickets of the workspace."""


class EscalationRepository(Protocol):
    def add(
        self, ticket_id: UUID, reason: str, summary: str, group_id: UUID | None, assignee_id: UUID | None
    ) -> UUID: ...
    def of_ticket(self, ticket_id: UUID) -> list[dict[str, Any]]: ...


class CRMLinks(Protocol):
    def claim(self, ticket_id: UUID) -> bool:
        """Take the ticket for pushing; False while another push of it is under way."""

    def save(self, ticket_id: UUID, link: CaseLink) -> None:
        """Record the push and end the claim."""
