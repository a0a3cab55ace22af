"""Figures by quarter hours: read from the log, and added up."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from supportmax.adapters.postgres.repository import Repository
from supportmax.domain.metrics import WATCHED, BucketDurations, BucketSum, LoggedMetric, Waiting

# A metric's name is that of the query that reads it from the log.
_QUERIES: tuple[str, ...] = (
    *("volume", "first_response", "resolution_time", "hand_overs", "cost"),
    *("sessions", "messages", "turns", "sla"),
    *("satisfaction", "satisfaction_responses", "automation"),
)
_WATCHING = ("satisfaction_responses", "automation")
assert get_args(LoggedMetric) == _QUERIES


class MetricRollups(Repository):
    file = "metrics"

    def begun(self) -> datetime | None:
        found = self.value("begun")
        return found if isinstance(found, datetime) else None

    def roll_up(self, metrics: Sequence[LoggedMetric], start: datetime, end: datetime) -> None:
        self.send("one_at_a_time")
        self.send("clear", metrics=list(metrics), start=start, end=end)
        for metric in metrics:
            self.send(metric, start=start, end=end, **({"watched": WATCHED} if metric in _WATCHING else {}))

    def observe(self) -> Waiting:
        return self.one(Waiting, "observe")


class MetricReader(Repository):
    file = "metrics"

    def sums(self, metrics: Sequence[str], edges: Sequence[datetime]) -> list[BucketSum]:
        wanted = {"metrics": list(metrics), "edges": list(edges), "start": edges[0], "end": edges[-1]}
        return self.many(BucketSum, "sums", **wanted)

    def peaks(self, edges: Sequence[datetime]) -> list[BucketSum]:
        return self.many(BucketSum, "peaks", edges=list(edges), start=edges[0], end=edges[-1])

    def durations(self, metric: str, edges: Sequence[datetime]) -> list[BucketDurations]:
        wanted = {"metric": metric, "edges": list(edges), "start": edges[0], "end": edges[-1]}
        return self.many(BucketDurations, "durations", **wanted)
