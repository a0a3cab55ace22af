"""When a desk works: weekly shifts in a time zone, less holidays.

Instants are UTC and durations are time that really passes: a night shift is an hour shorter, or longer, where clocks
change during it. A wall time that clocks skip counts as the one an hour later, one that they repeat as its first time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from supportmax.domain.errors import InvalidInput
from supportmax.domain.time_zones import time_zone

MIDNIGHT = 24 * 60
# Nobody closes for longer; whoever does has mistyped a holiday.
FARTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """`weekday`: 0 is Monday. `start` and `end` in minutes after local midnight; `end` may be 1440, the next midnight.

    Two shifts of one day are a split shift; one over midnight is two.
    """

    weekday: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise InvalidInput(f"weekday: must be 0 (Monday) to 6 (Sunday), not {self.weekday}")
        if not 0 <= self.start < self.end <= MIDNIGHT:
            raise InvalidInput("start: a shift begins before it ends, between 00:00 and 24:00")


@dataclass(frozen=True)
class BusinessHours:
    """`time_zone` is a name of the IANA database; on `holidays` (local dates) nobody works.

    Raises InvalidInput for an unknown zone, for no shift at all, and for shifts that overlap.
    """

    time_zone: str
    shifts: tuple[Shift, ...]
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.shifts:
            raise InvalidInput("shifts: at least one is needed")
        for before, after in pairwise(sorted(self.shifts)):
            if before.weekday == after.weekday and after.start < before.end:
                raise InvalidInput(f"shifts: two overlap on weekday {after.weekday}")
        _ = self._zone

    @cached_property
    def _zone(self) -> ZoneInfo:
        return time_zone(self.time_zone)

    def open_at(self, moment: datetime) -> bool:
        """Whether somebody works then; at the end of a shift nobody does any more."""
        return any(start <= moment < end for start, end in self._intervals(moment, moment + timedelta(days=1)))

    def opens_after(self, moment: datetime) -> datetime:
        """When the next shift begins. Raises InvalidInput where that is years away."""
        for start, _ in self._intervals(moment, moment + FARTHEST):
            if start > moment:
                return start
        raise InvalidInput("holidays: with these business hours nobody works for more than three years")

    def add(self, moment: datetime, working: timedelta) -> datetime:
        """When `working` time has passed after `moment`. What ends with a shift is due at that shift's end.

        Raises InvalidInput where that is years away.
        """
        left = working
        if left <= timedelta(0):
            return moment
        for start, end in self._intervals(moment, moment + FARTHEST):
            begun = max(start, moment)
            if end - begun >= left:
                return begun + left
            left -= max(end - begun, timedelta(0))
        raise InvalidInput("holidays: with these business hours the deadline is more than three years away")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; nothing if `end` comes first."""
        overlaps = (min(closes, end) - max(opens, start) for opens, closes in self._intervals(start, end))
        return sum((overlap for overlap in overlaps if overlap > timedelta(0)), timedelta(0))

    def _intervals(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The shifts from the local day of `start` to that of `end`, in UTC, in order, none reaching into the next."""
        day = start.astimezone(self._zone).date()
        last = end.astimezone(self._zone).date()
        reached = datetime.min.replace(tzinfo=UTC)
        while day <= last:
            for shift in self._of(day):
                opens, closes = max(self._at(day, shift.start), reached), self._at(day, shift.end)
                if opens < closes:
                    yield opens, closes
                    reached = closes
            day += timedelta(days=1)

    def _of(self, day: date) -> list[Shift]:
        return [] if day in self.holidays else sorted(s for s in self.shifts if s.weekday == day.weekday())

    def _at(self, day: date, minutes: int) -> datetime:
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        return wall.replace(tzinfo=self._zone).astimezone(UTC)
