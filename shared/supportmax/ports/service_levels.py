"""Business hours, SLA policies, and the clocks of tickets."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from supportmax.domain.sla_policies import Calendar, Policy
from supportmax.domain.ticket_clocks import Talk, TicketClock
from supportmax.domain.tickets import Ticket


class Calendars(Protocol):
    def list(self) -> list[Calendar]:
        """By name."""

    def save(self, calendar: Calendar) -> None:
        """Raises Conflict if another one has the name."""

    def delete(self, calendar_id: UUID) -> None: ...


class Policies(Protocol):
    def list(self) -> list[Policy]:
        """In the order in which they are tried."""

    def save(self, policy: Policy) -> None:
        """Raises Conflict if another one has the name."""

    def delete(self, policy_id: UUID) -> None: ...


class TicketClocks(Protocol):
    def of_tickets(self, ticket_ids: Collection[UUID]) -> list[TicketClock]:
        """By ticket and metric."""

    def save(self, clocks: Sequence[TicketClock]) -> None: ...
    def drop(self, clocks: Sequence[TicketClock]) -> None: ...


class ClockedTickets(Protocol):
    def lock(self, ticket_ids: Collection[UUID]) -> list[Ticket]:
        """Nobody else changes them until this transaction ends; deleted ones too."""

    def talk(self, ticket_ids: Collection[UUID]) -> list[Talk]:
        """What was said in them."""


class DueClocks(Protocol):
    """What the schedule does with clocks: each is given out once, whoever else asks, and a ticket in work not now."""

    def warn(self, now: datetime, limit: int) -> list[TicketClock]:
        """Those that it is time to warn of; they are marked as warned of."""

    def breach(self, now: datetime, limit: int) -> list[TicketClock]:
        """Those that are overdue; they are marked as breached."""


class StaleClocks(Protocol):
    def mark(self) -> None:
        """Every clock of the workspace that is not fulfilled is to be worked out again."""

    def tickets(self, limit: int) -> Sequence[UUID]:
        """Some whose clocks are; nobody else is given them until this transaction ends."""
