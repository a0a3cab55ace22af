"""Figures for people who look at charts: a series of buckets, or two periods side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from supportmax.domain.errors import NotFound
from supportmax.domain.metrics import DURATIONS, RESOLVED, SHARES, BucketSum, Point
from supportmax.domain.time_buckets import SLOT, Interval, bucket_edges, midnight, pairs, slot_of
from supportmax.ports import Transaction

Name = Literal[
    "volume",
    "first_response",
    "resolution_time",
    "automation",
    "hand_overs",
    "satisfaction",
    "satisfaction_responses",
    "sla_attainment",
    "cost_per_resolution",
    "queue_depth",
    "queue_age",
]
NAMES: tuple[Name, ...] = get_args(Name)
# What is shown where nobody says from when.
USUAL: dict[Interval, timedelta] = {
    "hour": timedelta(hours=47),
    "day": timedelta(days=29),
    "week": timedelta(days=77),
}
_READ: dict[Name, tuple[str, ...]] = {
    "cost_per_resolution": ("cost", "automation"),
    "sla_attainment": ("sla",),
}
_SHOWN_FIRST = NAMES[:-2]
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_QUEUES = ("queue_depth", "queue_age")


@dataclass(frozen=True, slots=True)
class Span:
    """Both ends belong to it, widened to whole buckets."""

    start: datetime
    end: datetime
    interval: Interval
    zone: ZoneInfo


def metric_named(name: str) -> Name:
    """Raises NotFound, which names those that there are."""
    found = next((known for known in NAMES if known == name), None)
    if found is None:
        raise NotFound(f"No such metric: {name[:60]!r}. There are {', '.join(NAMES)}.")
    return found


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to now, and as long from `before` on: each metric's points of both, the later one first."""

    start: datetime
    before: datetime
    figures: dict[str, tuple[Point, Point]]


def recent(tx: Transaction, days: int, now: datetime, zone: ZoneInfo) -> Period:
    """The last `days` local days, today being one, beside those before them up to the same time of day."""
    today = now.astimezone(zone).date()
    start, before = (midnight(today - timedelta(days=back), zone) for back in (days - 1, 2 * days - 1))
    end = slot_of(now) + SLOT
    edges = [before, min(before + (end - start), start), start, end]
    figures = {name: points(tx, name, edges) for name in _SHOWN_FIRST}
    return Period(start, before, {name: (found[2], found[0]) for name, found in figures.items()})


def series(tx: Transaction, name: Name, span: Span) -> list[Point]:
    """A point for each bucket, empty ones too. Raises InvalidInput for a range that is too long."""
    return points(tx, name, bucket_edges(span.start, span.end, span.interval, span.zone))


def ever_counted(tx: Transaction, metrics: Sequence[str], now: datetime) -> dict[str, dict[str, int]]:
    """What was ever counted, by metric and label; some minutes late."""
    found = tx.metric_reader.sums(metrics, [_EVER, slot_of(now) + SLOT])
    return {metric: {s.label: s.count for s in found if s.metric == metric} for metric in metrics}


def points(tx: Transaction, name: Name, edges: list[datetime]) -> list[Point]:
    """A point for each of the buckets between these edges."""
    reader = tx.metric_reader
    sums = reader.peaks(edges) if name in _QUEUES else reader.sums(_READ.get(name, (name,)), edges)
    if name in DURATIONS:
        return _durations(tx, name, edges, sums)
    measure = _MEASURES.get(name, _count)
    of_bucket = [[s for s in sums if s.bucket == number] for number in range(len(edges) - 1)]
    return [measure(start, end, found) for (start, end), found in zip(pairs(edges), of_bucket, strict=True)]


def _durations(tx: Transaction, name: str, edges: list[datetime], sums: Sequence[BucketSum]) -> list[Point]:
    found = {each.bucket: each for each in tx.metric_reader.durations(name, edges)}
    made = []
    for number, (start, end) in enumerate(pairs(edges)):
        by, at = _by([s for s in sums if s.bucket == number]), found.get(number)
        value, p90 = (at.median, at.p90) if at else (None, None)
        made.append(Point(start=start, end=end, value=value, p90=p90, count=sum(by.values()), by=by))
    return made


def _count(start: datetime, end: datetime, found: Sequence[BucketSum]) -> Point:
    by = _by(found)
    return Point(start=start, end=end, value=sum(by.values()), count=sum(by.values()), by=by)


def _share(start: datetime, end: datetime, found: Sequence[BucketSum]) -> Point:
    """Conversations that needed nobody, good answers, promises that were kept: of all."""
    by = _by(found)
    count, counted = sum(by.values()), sum(s.count for s in found if s.label in SHARES[s.metric])
    rate = round(counted / count, 4) if count else None
    return Point(start=start, end=end, value=rate, count=count, by=by)


def _cost_per_resolution(start: datetime, end: datetime, found: Sequence[BucketSum]) -> Point:
    """Micro-dollars; `count` are the resolutions, `by` the micro-dollars by purpose."""
    by = {s.label: s.total for s in found if s.metric == "cost"}
    resolved = sum(s.count for s in found if s.metric == "automation" and s.label in RESOLVED)
    value = round(sum(by.values()) / resolved) if resolved else None
    return Point(start=start, end=end, value=value, count=resolved, by=by)


def _depth(start: datetime, end: datetime, found: Sequence[BucketSum]) -> Point:
    by = _by(found)
    return Point(start=start, end=end, value=max(by.values(), default=0), count=max(by.values(), default=0), by=by)


def _age(start: datetime, end: datetime, found: Sequence[BucketSum]) -> Point:
    by = {s.label: s.total for s in found}
    depth = max((s.count for s in found), default=0)
    return Point(start=start, end=end, value=max(by.values(), default=0), count=depth, by=by)


def _by(found: Sequence[BucketSum]) -> dict[str, int]:
    return {s.label: s.count for s in found}


_MEASURES: dict[str, Callable[[datetime, datetime, Sequence[BucketSum]], Point]] = {
    "automation": _share,
    "satisfaction": _share,
    "satisfaction_responses": _share,
    "sla_attainment": _share,
    "cost_per_resolution": _cost_per_resolution,
    "queue_depth": _depth,
    "queue_age": _age,
}
