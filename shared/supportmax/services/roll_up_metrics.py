"""Keep the figures by quarter hours up with the log: a little every minute, or all of it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from supportmax.domain.metrics import FINAL_AT_ONCE, LOGGED, WATCHED, WATCHED_METRICS, LoggedMetric
from supportmax.domain.time_buckets import SLOT, slot_of
from supportmax.ports import Store

# A transaction that began earlier may have committed later than what was read already.
OVERLAP = timedelta(hours=1)
# One transaction reads so much of the log: what is lost when it is interrupted.
CHUNK = timedelta(days=7)
# In a minute; a desk that has never counted catches up in a few.
CHUNKS_A_RUN = 20

Chunk = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _Group:
    """Metrics that are read again together: every `every`, from `lookback` before what was reached."""

    watermark: str
    metrics: Sequence[LoggedMetric]
    lookback: timedelta
    every: timedelta


WATERMARK = "metrics"
GROUPS = (
    _Group(WATERMARK, FINAL_AT_ONCE, OVERLAP, timedelta(0)),
    _Group("metrics-outcomes", WATCHED_METRICS, WATCHED + OVERLAP, SLOT),
)


def roll_up(store: Store, workspace_id: UUID, now: datetime) -> None:
    """Go on from where it was left, up to `now`. Interrupted, or done twice, it comes to the same."""
    for group in GROUPS:
        with store.begin(workspace_id) as tx:
            reached = tx.watermarks.get(group.watermark)
            begun = None if reached else tx.metric_rollups.begun()
        if reached and now - reached < group.every:
            continue
        start = reached - group.lookback if reached else begun or now
        for chunk in _chunks(start, now)[:CHUNKS_A_RUN]:
            with store.begin(workspace_id) as tx:
                tx.metric_rollups.roll_up(group.metrics, *chunk)
                tx.watermarks.advance(group.watermark, min(chunk[1], now))


def log_chunks(store: Store, workspace_id: UUID, now: datetime) -> list[Chunk]:
    """The whole log in pieces, in order, for `rebuild`. What retention has deleted from it can be counted no more."""
    with store.begin(workspace_id) as tx:
        begun = tx.metric_rollups.begun()
    return _chunks(begun, now) if begun else []


def rebuild(store: Store, workspace_id: UUID, chunk: Chunk) -> None:
    """All figures of this piece of the log again. What is not in it, such as an older figure, stays."""
    with store.begin(workspace_id) as tx:
        tx.metric_rollups.roll_up(LOGGED, *chunk)


def _chunks(start: datetime, now: datetime) -> list[Chunk]:
    """In order; the last one holds `now`."""
    edges = [slot_of(start)]
    while edges[-1] <= now:
        edges.append(min(edges[-1] + CHUNK, slot_of(now) + SLOT))
    return list(pairwise(edges))
