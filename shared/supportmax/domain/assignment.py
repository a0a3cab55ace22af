"""Who gets a ticket: how groups give tickets out, and what agents can and have room for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from supportmax.domain.tickets import Ticket

Strategy = Literal["manual", "round_robin", "least_loaded"]
Availability = Literal["online", "away", "offline"]
SkillField = Literal["category", "language", "type", "priority", "channel", "tags"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettings:
    """A group as administrators see it; its members may still sign in."""

    id: UUID
    name: str
    assignment: Strategy
    member_ids: list[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """What an agent can, and how much there is on their hands.

    `capacity`: so many new and open tickets at most are given to them; None: any number. `tickets` of those they have.
    """

    user_id: UUID
    name: str
    availability: Availability
    capacity: int | None
    skills: list[str]
    tickets: int


@dataclass(frozen=True, slots=True)
class SkillRule:
    """Tickets whose `field` is `value` (of tags: have it) are for agents with the skill."""

    field: SkillField
    value: str
    skill: str

    def applies(self, ticket: Ticket) -> bool:
        found: Any = getattr(ticket, self.field)
        return self.value in found if isinstance(found, list) else self.value == found


def needed_skills(ticket: Ticket, rules: Iterable[SkillRule]) -> frozenset[str]:
    """All that an agent must have."""
    return frozenset(rule.skill for rule in rules if rule.applies(ticket))
