"""The figures of the desk, and the log that they are read from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from supportmax.domain.metrics import BucketDurations, BucketSum, LoggedMetric, Waiting


class MetricRollups(Protocol):
    def begun(self) -> datetime | None:
        """When the log begins; None while it is empty."""

    def roll_up(self, metrics: Sequence[LoggedMetric], start: datetime, end: datetime) -> None:
        """Read the log from `start` to before `end` again; what was known of these quarter hours is replaced.

        Both are the beginning of a quarter hour. One at a time in each workspace.
        """

    def observe(self) -> Waiting:
        """Note how much waits in outbox and jobs now. This is in no log: it cannot be counted again."""


class MetricReader(Protocol):
    def sums(self, metrics: Sequence[str], edges: Sequence[datetime]) -> list[BucketSum]:
        """By bucket and label; n + 1 ascending edges make n buckets."""

    def peaks(self, edges: Sequence[datetime]) -> list[BucketSum]:
        """By bucket and queue the most that waited: `count` of messages, `total` seconds of the oldest."""

    def durations(self, metric: str, edges: Sequence[datetime]) -> list[BucketDurations]:
        """Of the buckets that hold any."""
