"""Hours, days and weeks where clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from supportmax.domain.errors import InvalidInput
from supportmax.domain.time_buckets import Interval, bucket_edges


@pytest.mark.parametrize(
    ("zone", "interval", "start", "end", "edges"),
    [
        # Two o'clock comes twice, and then not at all.
        ("Europe/Berlin", "hour", "2026-10-25T01:30+02:00", "2026-10-25T02:30+01:00", "01+02 02+02 02+01 03+01"),
        ("Europe/Berlin", "hour", "2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00", "01+01 03+02 04+02"),
        # Half an hour back: the hour from one o'clock on has ninety minutes.
        ("Australia/Lord_Howe", "hour", "2026-04-04T14:10Z", "2026-04-04T15:40Z", "01+11 02+10:30 03+10:30"),
        ("Asia/Kathmandu", "hour", "2026-01-01T12:00Z", "2026-01-01T12:20Z", "17+05:45 18+05:45 19+05:45"),
        # A day of 25 hours, one of 23, and one without a midnight.
        ("Europe/Berlin", "day", "2026-10-25T12:00Z", "2026-10-25T13:00Z", "25+02 26+01"),
        ("America/New_York", "day", "2026-03-08T12:00Z", "2026-03-09T12:00Z", "08-05 09-04 10-04"),
        ("Asia/Beirut", "day", "2026-03-28T12:00Z", "2026-03-29T12:00Z", "28+02 29+03 30+03"),
        # An instant at which a bucket begins is in that one.
        ("UTC", "day", "2026-11-01T00:00Z", "2026-11-02T00:00Z", "01+00 02+00 03+00"),
        ("UTC", "week", "2026-11-01T23:00Z", "2026-11-02T00:00Z", "26+00 02+00 09+00"),
        ("America/New_York", "week", "2026-11-02T04:30Z", "2026-11-02T05:00Z", "26-04 02-05 09-05"),
    ],
)
def test_edges(zone: str, interval: Interval, start: str, end: str, edges: str) -> None:
    found = bucket_edges(datetime.fromisoformat(start), datetime.fromisoformat(end), interval, ZoneInfo(zone))
    local = [edge.astimezone(ZoneInfo(zone)) for edge in found]
    first = "%H" if interval == "hour" else "%d"
    shown = [at.strftime(first) + at.isoformat()[19:].removesuffix(":00") for at in local]
    assert shown == edges.split()


@pytest.mark.parametrize(
    ("start", "end", "interval", "words"),
    [
        ("2026-01-01", "2026-02-02", "hour", "from: a series by hour reaches over 31 days at most"),
        ("2026-01-01", "2027-01-03", "day", "from: a series by day reaches over 366 days at most"),
        ("2026-01-01", "2030-01-03", "week", "from: a series by week reaches over 1,098 days at most"),
        ("2026-01-02", "2026-01-01", "day", "from: must not be after to"),
        ("1999-12-31", "2026-01-01", "day", "from: must be in the years 2000 to 2099"),
        ("2026-01-02", "2200-01-01", "day", "to: must be in the years 2000 to 2099"),
    ],
)
def test_what_cannot_be_shown(start: str, end: str, interval: Interval, words: str) -> None:
    begin, finish = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    with pytest.raises(InvalidInput, match=words):
        bucket_edges(begin, finish, interval, ZoneInfo("UTC"))
