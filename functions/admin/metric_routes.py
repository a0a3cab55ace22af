"""What the desk did: time series, and today and the week beside the ones before."""

from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import Field, TypeAdapter, ValidationError

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput
from supportmax.domain.metrics import Point
from supportmax.domain.time_buckets import Interval, midnight
from supportmax.domain.time_zones import time_zone as named_zone
from supportmax.runtime.http import Body, SignedIn, Tools
from supportmax.services.read_metrics import NAMES, USUAL, Name, Period, Span, metric_named, recent, series
from supportmax.services.roll_up_metrics import WATERMARK

router = APIRouter(tags=["Metrics"])
_MOMENT: TypeAdapter[date | datetime] = TypeAdapter(date | datetime)


class PointView(Body):
    """One bucket, from `start` to before `end`."""

    start: datetime = Field(description="With the offset from UTC that the zone has then.")
    end: datetime
    value: float | None = Field(description="The figure itself; null where there was nothing to measure.")
    count: int = Field(description="Of how much: tickets, conversations, resolutions.")
    p90: int | None = Field(description="Of durations, in seconds; null otherwise.")
    by: dict[str, int] = Field(
        description="The parts: channels, reasons, outcomes; of costs, micro-dollars by purpose."
    )

    @classmethod
    def of(cls, point: Point, zone: ZoneInfo) -> "PointView":
        local = {"start": point.start.astimezone(zone), "end": point.end.astimezone(zone)}
        return cls(**{name: getattr(point, name) for name in cls.model_fields} | local)


class SeriesView(Body):
    """A point for each hour, day or week, empty ones too."""

    metric: Name
    interval: Interval
    time_zone: str
    as_of: datetime | None = Field(description="What happened later is not counted yet; it is within a minute or two.")
    points: list[PointView]


class FigureView(Body):
    """One metric in a period. What its parts are: `GET /v1/metrics/{name}`."""

    value: float | None
    count: int
    p90: int | None
    before: float | None = Field(description="`value` in the period before, up to the same time of day.")

    @classmethod
    def of(cls, now: Point, before: Point) -> "FigureView":
        return cls(value=now.value, count=now.count, p90=now.p90, before=before.value)


class PeriodView(Body):
    """From `start` until now, and what that was in as long a time before, which began at `before`."""

    start: datetime
    before: datetime
    figures: dict[str, FigureView] = Field(description="By the metric's name.")

    @classmethod
    def of(cls, period: Period, zone: ZoneInfo) -> "PeriodView":
        figures = {name: FigureView.of(now, before) for name, (now, before) in period.figures.items()}
        return cls(start=period.start.astimezone(zone), before=period.before.astimezone(zone), figures=figures)


class OverviewView(Body):
    """What a dashboard shows first."""

    time_zone: str
    as_of: datetime | None = Field(description="What happened later is not counted yet; it is within a minute or two.")
    today: PeriodView
    seven_days: PeriodView = Field(description="Today and the six days before.")


@router.get("/v1/metrics", summary="Get today's and this week's metrics")
async def get_overview(agent: SignedIn, tools: Tools) -> OverviewView:
    """In the workspace's time zone; today beside yesterday up to the same time, seven days beside the seven before."""
    with tools.store.begin(agent.workspace_id) as tx:
        zone = named_zone(tx.workspace.get().time_zone)
        today, week = (PeriodView.of(recent(tx, days, utcnow(), zone), zone) for days in (1, 7))
        return OverviewView(time_zone=zone.key, as_of=tx.watermarks.get(WATERMARK), today=today, seven_days=week)


@router.get("/v1/metrics/{name}", summary="Get a metric over time")
async def get_series(
    name: Annotated[
        str, Path(description="What to measure; docs/metrics.md defines each.", json_schema_extra={"enum": [*NAMES]})
    ],
    agent: SignedIn,
    tools: Tools,
    interval: Annotated[Interval, Query(description="Weeks begin on Monday.")] = "day",
    from_: Annotated[str, Query(alias="from", max_length=40, description="A date, or a time (RFC 3339).")] = "",
    to: Annotated[str, Query(max_length=40, description="The same; without, now. Its bucket is the last one.")] = "",
    time_zone: Annotated[str, Query(max_length=64, description="Instead of the workspace's.")] = "",
) -> SeriesView:
    """From the bucket that holds `from` to the one that holds `to`: of hours 31 days at most, of days 366, of weeks
    three years. Without `from`: 48 hours, 30 days, 12 weeks."""
    with tools.store.begin(agent.workspace_id) as tx:
        metric = metric_named(name)
        zone = named_zone(time_zone or tx.workspace.get().time_zone)
        end = _moment("to", to, zone) if to else utcnow()
        start = _moment("from", from_, zone) if from_ else end - USUAL[interval]
        found = series(tx, metric, Span(start, end, interval, zone))
        as_of = tx.watermarks.get(WATERMARK)
    shown = [PointView.of(point, zone) for point in found]
    return SeriesView(metric=metric, interval=interval, time_zone=zone.key, as_of=as_of, points=shown)


def _moment(name: str, text: str, zone: ZoneInfo) -> datetime:
    """A date is its beginning in the zone; a time that does not say its offset is the zone's, too."""
    try:
        read = _MOMENT.validate_python(text)
    except ValidationError:
        raise InvalidInput(f"{name}: must be a date such as 2026-11-01, or a time such as 2026-11-01T12:00Z") from None
    if not isinstance(read, datetime):
        return midnight(read, zone)
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
