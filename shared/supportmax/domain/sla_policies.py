"""What a desk promises: its calendars of business hours, and policies that say which ticket is promised what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

from supportmax.domain.business_hours import BusinessHours, Shift
from supportmax.domain.sla import Metric
from supportmax.domain.tickets import Priority, Ticket

METRICS: tuple[Metric, ...] = get_args(Metric)
Conditions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Holiday:
    """A local date on which nobody works."""

    date: date
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Business hours under a name."""

    id: UUID
    name: str
    time_zone: str
    shifts: tuple[Shift, ...]
    holidays: tuple[Holiday, ...] = ()

    @property
    def hours(self) -> BusinessHours:
        """Raises InvalidInput where such hours cannot be."""
        return BusinessHours(self.time_zone, self.shifts, frozenset(holiday.date for holiday in self.holidays))


@dataclass(frozen=True, slots=True)
class Target:
    """What a ticket of one priority is promised, in minutes; None: nothing.

    `calendar_hours`: counted around the clock, whatever the policy's business hours are.
    """

    first_response: int | None = None
    next_response: int | None = None
    resolution: int | None = None
    calendar_hours: bool = False

    def minutes(self, metric: Metric) -> int | None:
        found: int | None = getattr(self, metric)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The first policy whose conditions a ticket meets is the ticket's.

    `conditions`: every field named must have one of its values; of `tags`, the ticket has one of them. `targets` by
    priority. `warn_percent` of the promised time passed, or `warn_minutes` left: then somebody is warned. What
    `breach_…` says is done at a breach.
    """

    id: UUID
    name: str
    position: int = 0
    conditions: Conditions = field(default_factory=dict)
    targets: Mapping[Priority, Target] = field(default_factory=dict)
    business_hours_id: UUID | None = None
    warn_percent: int | None = None
    warn_minutes: int | None = None
    breach_priority: Priority | None = None
    breach_group_id: UUID | None = None

    def matches(self, ticket: Ticket) -> bool:
        return all(_values(ticket, name) & set(wanted) for name, wanted in self.conditions.items())

    def warn_before(self, promised: timedelta) -> timedelta | None:
        """How much is left when it is time to warn; None: nobody is warned."""
        if self.warn_minutes is not None:
            return timedelta(minutes=self.warn_minutes)
        return promised * (100 - self.warn_percent) / 100 if self.warn_percent is not None else None


def _values(ticket: Ticket, name: str) -> set[str]:
    value: Any = getattr(ticket, name)
    return set(value) if isinstance(value, list) else {str(value)}
