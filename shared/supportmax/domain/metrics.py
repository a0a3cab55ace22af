"""What the desk measures of itself. docs/metrics.md says how each figure is defined."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from supportmax.domain.sla import Metric

# What is read from the log, by the moment at which it happened.
LoggedMetric = Literal[
    "volume",
    "first_response",
    "resolution_time",
    "hand_overs",
    "cost",
    "sessions",
    "messages",
    "turns",
    "sla",
    "satisfaction",
    "satisfaction_responses",
    "automation",
]
LOGGED: tuple[LoggedMetric, ...] = get_args(LoggedMetric)
# For a week a customer may come back, answer, or change their mind; all else is final once its quarter hour is over.
WATCHED_METRICS: tuple[LoggedMetric, ...] = ("satisfaction", "satisfaction_responses", "automation")
FINAL_AT_ONCE = tuple(metric for metric in LOGGED if metric not in WATCHED_METRICS)
DURATIONS = ("first_response", "resolution_time")
# How long what was begun is watched: an answer of the machine that led to a human within this time was none.
WATCHED = timedelta(days=7)
Outcome = Literal["confirmed", "assumed", "reversed", "handed_over", "unanswered"]
RESOLVED: tuple[Outcome, ...] = ("confirmed", "assumed")
# The part of each metric that is a share: of which labels.
SHARES: dict[str, frozenset[str]] = {
    "automation": frozenset(RESOLVED),
    "satisfaction": frozenset({"good"}),
    "satisfaction_responses": frozenset({"answered"}),
    "sla": frozenset(f"{promised}_met" for promised in get_args(Metric)),
}


@dataclass(frozen=True, slots=True)
class BucketSum:
    """What was counted of one metric under one label in one bucket (0 is the first)."""

    metric: str
    bucket: int
    label: str
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages in the outbox, and jobs, that nobody has taken yet; how old the oldest of them is."""

    messages: int
    oldest_seconds: int


@dataclass(frozen=True, slots=True)
class BucketDurations:
    """Seconds, of all labels: values that really occurred."""

    bucket: int
    median: int
    p90: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One bucket. `value` is the figure itself, None where there was nothing to measure.

    `count`: of how much. `p90`: of durations. `by`: the parts that `count` consists of.
    """

    start: datetime
    end: datetime
    value: float | None
    count: int
    p90: int | None = None
    by: dict[str, int] = field(default_factory=dict)
