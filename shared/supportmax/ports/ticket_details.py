"""What surrounds a ticket."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from supportmax.domain.people import User
from supportmax.domain.ticket_events import Cause, TicketEvent
from supportmax.domain.ticket_fields import TicketField
from supportmax.domain.ticket_links import LinkKind, TicketLink


class TicketEvents(Protocol):
    """The timeline. A change of the ticket itself is written by TicketWriter; this adds what happened around it."""

    def add(self, ticket_id: UUID, kind: str, cause: Cause, changes: Mapping[str, Any]) -> None: ...
    def of_ticket(self, ticket_id: UUID, after: UUID | None, limit: int) -> list[TicketEvent]:
        """Oldest first."""


class TicketFields(Protocol):
    def list(self) -> list[TicketField]: ...
    def save(self, field: TicketField) -> None:
        """Add it, or change what may change: its label, options and whether it is required. Raises Conflict if its key
        is taken."""

    def delete(self, field_id: UUID) -> None:
        """Values in tickets stay for the record. Raises NotFound."""


class TicketFollowers(Protocol):
    def of_ticket(self, ticket_id: UUID) -> list[User]: ...
    def add(self, ticket_id: UUID, user_id: UUID) -> bool:
        """False if they follow it already."""

    def remove(self, ticket_id: UUID, user_id: UUID) -> bool:
        """False if they do not."""


class TicketLinks(Protocol):
    def add(self, ticket_id: UUID, kind: LinkKind, other_id: UUID) -> None:
        """Raises Conflict if they are linked like this."""

    def of_ticket(self, ticket_id: UUID) -> list[TicketLink]:
        """From both sides, oldest first."""

    def delete(self, ticket_id: UUID, link_id: UUID) -> UUID:
        """Returns the other ticket. Raises NotFound."""
