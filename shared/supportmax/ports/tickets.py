"""Tickets and what happens around them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from supportmax.domain.crm import CaseLink
from supportmax.domain.ticket_events import SYSTEM, Cause
from supportmax.domain.ticket_search import Place, TicketQuery
from supportmax.domain.ticket_views import TicketView
from supportmax.domain.tickets import NewTicket, Ticket, TicketFilter


class TicketReader(Protocol):
    """Deleted tickets are not there, unless they are asked for."""

    def get(self, ticket_id: UUID, deleted: bool = False) -> Ticket:
        """Raises NotFound."""

    def lock(self, ticket_id: UUID, deleted: bool = False) -> Ticket:
        """Like get, and nobody else changes it until this transaction ends."""

    def list(self, wanted: TicketFilter, after: UUID | None, limit: int) -> list[Ticket]:
        """Newest first, those older than `after`."""


class TicketWriter(Protocol):
    """Every change leaves an event in the ticket's timeline."""

    def add(self, new: NewTicket, cause: Cause = SYSTEM) -> Ticket: ...
    def update(
        self, ticket_id: UUID, changes: Mapping[str, Any], cause: Cause = SYSTEM, kind: str = "changed"
    ) -> Ticket:
        """Set these columns and count the version up. Raises NotFound."""


class TicketRelations(Protocol):
    def merged_into(self, ticket_id: UUID) -> Sequence[UUID]:
        """Tickets that were merged into this one."""

    def snoozed_past(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Tickets whose time to wake has come; nobody else wakes them until this transaction ends."""


class TicketRepository(TicketReader, TicketWriter, TicketRelations, Protocol):
    """Tickets of the workspace."""


class TicketFinder(Protocol):
    def find(self, query: TicketQuery, after: Place | None, limit: int) -> list[Ticket]:
        """In the order of the query."""

    def count(self, queries: Mapping[str, TicketQuery], most: int) -> dict[str, int]:
        """How many tickets each finds, `most` at the most; by one query."""


class TicketViews(Protocol):
    def list(self, user_id: UUID) -> list[TicketView]:
        """Everybody's and the user's own, in their order."""

    def save(self, view: TicketView) -> None: ...
    def delete(self, view_id: UUID) -> None: ...


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
