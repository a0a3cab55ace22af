"""Service levels: how long a requester may wait, counted in working time, and not while we wait for them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from supportmax.domain.business_hours import BusinessHours

Metric = Literal["first_response", "next_response", "resolution"]


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise on one ticket. `left` is what was left when it last began to run, or was paused; it may be negative.

    `hours` None: around the clock. Every method gives the clock as it is afterwards.
    """

    hours: BusinessHours | None
    left: timedelta
    running_since: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """When the promise is broken; None while the clock is paused."""
        return self._after(self.left) if self.running_since else None

    def warn_at(self, before: timedelta) -> datetime | None:
        """When only `before` of working time is left: at once, where there was less to begin with."""
        return self._after(max(self.left - before, timedelta(0))) if self.running_since else None

    def pause(self, now: datetime) -> "Clock":
        """We wait for the requester. A paused clock stays as it is."""
        if self.running_since is None:
            return self
        return replace(self, left=self.left - self._worked(self.running_since, now), running_since=None)

    def run(self, now: datetime) -> "Clock":
        """The requester waits for us. A running clock stays as it is."""
        return self if self.running_since else replace(self, running_since=now)

    def change(self, promised: timedelta, promising: timedelta, now: datetime) -> "Clock":
        """Another target, as after a new priority: what has passed stays passed."""
        at_rest = self.pause(now)
        changed = replace(at_rest, left=at_rest.left + promising - promised)
        return changed.run(now) if self.running_since else changed

    def _after(self, working: timedelta) -> datetime:
        begun = self.running_since
        assert begun is not None
        if working <= timedelta(0) or self.hours is None:
            return begun + working
        return self.hours.add(begun, working)

    def _worked(self, start: datetime, end: datetime) -> timedelta:
        if self.hours is None:
            return max(end - start, timedelta(0))
        return self.hours.between(start, end)
