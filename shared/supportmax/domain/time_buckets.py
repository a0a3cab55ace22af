"""Hours, days and weeks of a time zone, as instants. A day may have 23 hours, 25, or 24 and a half."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from supportmax.domain.errors import InvalidInput

Interval = Literal["hour", "day", "week"]
# Every zone's clock differs from UTC by a multiple of this, and changes by one.
SLOT = timedelta(minutes=15)
LONGEST: dict[Interval, timedelta] = {
    "hour": timedelta(days=31),
    "day": timedelta(days=366),
    "week": timedelta(days=3 * 366),
}
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def slot_of(moment: datetime) -> datetime:
    """When the quarter hour of that moment begins, in UTC."""
    moment = moment.astimezone(UTC)
    return moment - (moment - EARLIEST) % SLOT


def bucket_edges(start: datetime, end: datetime, interval: Interval, zone: ZoneInfo) -> list[datetime]:
    """The buckets from that which holds `start` to that which holds `end`: n buckets have n + 1 edges, in UTC.

    Raises InvalidInput for a range that is too long, or no range.
    """
    if not EARLIEST <= start <= LATEST or not EARLIEST <= end <= LATEST:
        raise InvalidInput(f"{'to' if EARLIEST <= start <= LATEST else 'from'}: must be in the years 2000 to 2099")
    if start > end:
        raise InvalidInput("from: must not be after to")
    if end - start > LONGEST[interval]:
        days = LONGEST[interval].days
        raise InvalidInput(f"from: a series by {interval} reaches over {days:,} days at most; ask for less, or by more")
    if interval == "hour":
        return _hours(slot_of(start), end, zone)
    return _days(start, end, zone, 7 if interval == "week" else 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When that day begins, in UTC: the first instant of it, where midnight is skipped or comes twice."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def pairs(edges: list[datetime]) -> list[tuple[datetime, datetime]]:
    """Begin and end of each bucket."""
    return list(pairwise(edges))


def _hours(moment: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """Where the local clock shows a full hour."""
    while moment.astimezone(zone).minute:
        moment -= SLOT
    edges = [moment]
    while edges[-1] <= end:
        moment += SLOT
        if not moment.astimezone(zone).minute:
            edges.append(moment)
    return edges


def _days(start: datetime, end: datetime, zone: ZoneInfo, step: int) -> list[datetime]:
    day = start.astimezone(zone).date()
    if step == 7:
        day -= timedelta(days=day.weekday())
    edges = [midnight(day, zone)]
    while edges[-1] <= end:
        day += timedelta(days=step)
        edges.append(midnight(day, zone))
    return edges
