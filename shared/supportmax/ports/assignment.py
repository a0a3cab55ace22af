"""Groups as they give tickets out, agents and their skills, and the tickets that wait."""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from supportmax.domain.assignment import Agent, Availability, GroupSettings, SkillRule, Strategy
from supportmax.domain.people import User
from supportmax.domain.tickets import Ticket


class GroupSettingsRepository(Protocol):
    def get(self, group_id: UUID) -> GroupSettings:
        """Raises NotFound."""

    def change(self, group_id: UUID, name: str, assignment: Strategy, member_ids: Sequence[UUID] | None) -> None:
        """`member_ids` None: they stay. Raises Conflict if another group has the name."""

    def delete(self, group_id: UUID) -> bool:
        """False, and it stays, while unsolved tickets are in it."""


class Agents(Protocol):
    def lock(self, user_id: UUID) -> Agent:
        """Nobody else changes them until this transaction ends.

        Raises NotFound, also for a customer and for somebody who was deactivated.
        """

    def list(self, after: UUID | None, limit: int) -> list[Agent]:
        """Agents and administrators who may sign in, in the order in which they came."""

    def save(self, user_id: UUID, availability: Availability, capacity: int | None, skills: Sequence[str]) -> None: ...


class SkillRules(Protocol):
    def list(self) -> list[SkillRule]: ...
    def replace(self, rules: Sequence[SkillRule]) -> None: ...


class Assignment(Protocol):
    def lock(self) -> None:
        """Until this transaction ends nobody else in the workspace is given a ticket by the desk."""

    def pick(self, group_id: UUID | None, skills: Collection[str], in_turn: bool) -> User | None:
        """Who is online, has the skills and has room, of the group, or of all if None: whose turn it is, or who has the
        fewest tickets on hand."""

    def took(self, group_id: UUID, user_id: UUID) -> None:
        """It was their turn."""


class WaitingTickets(Protocol):
    def add(self, ticket_id: UUID) -> bool:
        """False if it waits already."""

    def next(self, limit: int) -> list[Ticket]:
        """The most urgent first, then who waits longest; locked, and none that somebody works on at this moment."""

    def tidy(self) -> None:
        """Forget those that somebody has, or that are over."""
