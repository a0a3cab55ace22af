"""Triggers and automations, and what they look at."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from supportmax.domain.conversation import Message
from supportmax.domain.rules.conditions import Facts
from supportmax.domain.rules.rule import Rule, RuleKind
from supportmax.domain.ticket_events import TicketEvent
from supportmax.domain.tickets import Ticket


class RuleReader(Protocol):
    def list(self, kind: RuleKind) -> list[Rule]:
        """In the order in which they act."""

    def get(self, kind: RuleKind, rule_id: UUID) -> Rule:
        """Raises NotFound."""

    def listening(self) -> bool:
        """Whether there is a trigger that is enabled."""


class RuleWriter(Protocol):
    def save(self, rule: Rule) -> None:
        """Add it, or change what people decide about it; a problem is forgotten."""

    def delete(self, rule_id: UUID) -> None: ...
    def note_fired(self, rule_id: UUID) -> None: ...
    def note_problem(self, rule_id: UUID, problem: str) -> None: ...
    def look_on(self, rule_id: UUID, after: UUID | None) -> None:
        """Where an automation goes on the next time; None: from the beginning."""


class RuleFirings(Protocol):
    def claim(self, rule_id: UUID, ticket_id: UUID, state_since: datetime) -> bool:
        """False if the automation has acted on the ticket in this state."""

    def count(self, rule_id: UUID, ticket_id: UUID, since: datetime) -> int: ...


class RuleRepository(RuleReader, RuleWriter, Protocol):
    """Rules of the workspace."""


class RuleFacts(Protocol):
    def of_tickets(self, tickets: Sequence[Ticket]) -> list[Facts]:
        """As they are now, in the same order."""

    def written(self, row_ids: Collection[UUID]) -> tuple[list[TicketEvent], list[Message]]:
        """The events and messages with these ids."""

    def candidates(self, rule: Rule, after: UUID | None, limit: int) -> list[Ticket]:
        """Tickets behind `after` on which an automation has not acted in their state, and may have to."""

    def mails_of_rules(self, ticket_id: UUID, since: datetime) -> int:
        """How many mails rules have sent about the ticket since then."""
