"""Deadlines in working time against a table worked out by hand, with calendar and clock changes at one's elbow.

Dates: 2026-03-29 Europe goes forward, 2026-10-25 back; 2026-03-08 the United States go forward, 2026-11-01 back.
2026-11-26 is a Thursday.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.business_hours import BusinessHours, Shift
from supportmax.domain.errors import InvalidInput
from supportmax.domain.sla import Clock

WEEK = range(5)


def hours(zone: str, *shifts: str, days: range = WEEK, off: tuple[str, ...] = ()) -> BusinessHours:
    parsed = [tuple(_minutes(end) for end in shift.split("-")) for shift in shifts]
    every = tuple(Shift(day, start, end) for day in days for start, end in parsed)
    return BusinessHours(zone, every, frozenset(date.fromisoformat(day) for day in off))


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


BERLIN, NEW_YORK, KATHMANDU, SYDNEY = "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Sydney"
OFFICE = hours(BERLIN, "09:00-17:00")
SPLIT = hours(BERLIN, "08:00-12:00", "13:00-17:00")
CHRISTMAS = hours(BERLIN, "09:00-17:00", off=("2026-12-24", "2026-12-25", "2027-01-01"))
DAILY = hours(BERLIN, "00:00-24:00", days=range(7))
NIGHT = hours(BERLIN, "00:00-06:00", "22:00-24:00", days=range(7))
US = hours(NEW_YORK, "08:30-17:30")
NEPAL = hours(KATHMANDU, "10:00-18:00", days=range(6))
AUSTRALIA = hours(SYDNEY, "09:00-17:00")
SATURDAY = hours(BERLIN, "10:00-14:00", days=range(5, 6))

# (business hours, minutes promised, when the clock starts, when it is due; both in the desk's own wall time)
TABLE = {
    # within a shift
    "one hour in the morning": (OFFICE, 60, "2026-11-26T09:30", "2026-11-26T10:30"),
    "from the first minute": (OFFICE, 30, "2026-11-26T09:00", "2026-11-26T09:30"),
    "a whole shift is due when it ends": (OFFICE, 480, "2026-11-26T09:00", "2026-11-26T17:00"),
    "to the second": (OFFICE, 1, "2026-11-26T10:00:30", "2026-11-26T10:01:30"),
    # before, after, between
    "before the shift": (OFFICE, 60, "2026-11-26T06:12", "2026-11-26T10:00"),
    "after the shift": (OFFICE, 60, "2026-11-26T17:01", "2026-11-27T10:00"),
    "at the very end of the shift": (OFFICE, 60, "2026-11-26T17:00", "2026-11-27T10:00"),
    "a minute before the end": (OFFICE, 2, "2026-11-26T16:59", "2026-11-27T09:01"),
    "into the next day": (OFFICE, 120, "2026-11-26T16:00", "2026-11-27T10:00"),
    "two shifts and a half": (OFFICE, 1_200, "2026-11-24T09:00", "2026-11-26T13:00"),
    # weekends
    "over the weekend": (OFFICE, 120, "2026-11-27T16:00", "2026-11-30T10:00"),
    "opened on a Saturday": (OFFICE, 15, "2026-11-28T12:00", "2026-11-30T09:15"),
    "opened on Sunday night": (OFFICE, 15, "2026-11-29T23:59", "2026-11-30T09:15"),
    "a week of work": (OFFICE, 5 * 480, "2026-11-23T09:00", "2026-11-27T17:00"),
    "a week of work and a minute": (OFFICE, 5 * 480 + 1, "2026-11-23T09:00", "2026-11-30T09:01"),
    "a desk that opens on Saturdays only": (SATURDAY, 300, "2026-11-26T12:00", "2026-12-05T11:00"),
    # split shifts
    "over lunch": (SPLIT, 60, "2026-11-26T11:30", "2026-11-26T13:30"),
    "up to lunch": (SPLIT, 30, "2026-11-26T11:30", "2026-11-26T12:00"),
    "opened at lunch": (SPLIT, 60, "2026-11-26T12:20", "2026-11-26T14:00"),
    "both halves": (SPLIT, 480, "2026-11-26T08:00", "2026-11-26T17:00"),
    "from the afternoon into the next morning": (SPLIT, 90, "2026-11-26T16:00", "2026-11-27T08:30"),
    "from the afternoon over the next lunch": (SPLIT, 330, "2026-11-26T16:00", "2026-11-27T13:30"),
    # holidays
    "over Christmas": (CHRISTMAS, 120, "2026-12-23T16:00", "2026-12-28T10:00"),
    "opened on a holiday": (CHRISTMAS, 60, "2026-12-25T11:00", "2026-12-28T10:00"),
    "a holiday on a Friday, then the weekend": (CHRISTMAS, 480, "2026-12-31T13:00", "2027-01-04T13:00"),
    "the day before the holiday is enough": (CHRISTMAS, 60, "2026-12-23T16:00", "2026-12-23T17:00"),
    # clocks go forward: Berlin has no 02:00 to 03:00 on 2026-03-29
    "office hours do not notice that clocks go forward": (OFFICE, 120, "2026-03-27T16:00", "2026-03-30T10:00"),
    "around the clock, an hour is skipped": (DAILY, 240, "2026-03-29T00:00", "2026-03-29T05:00"),
    "that day has 23 hours": (DAILY, 23 * 60, "2026-03-29T00:00", "2026-03-30T00:00"),
    "24 hours reach into the next day": (DAILY, 24 * 60, "2026-03-28T12:00", "2026-03-29T13:00"),
    "the night shift is an hour shorter": (NIGHT, 8 * 60, "2026-03-28T22:00", "2026-03-29T23:00"),
    # clocks go back: Berlin has 02:00 to 03:00 twice on 2026-10-25
    "office hours do not notice that clocks go back": (OFFICE, 120, "2026-10-23T16:00", "2026-10-26T10:00"),
    "around the clock, an hour is repeated": (DAILY, 300, "2026-10-25T00:00", "2026-10-25T04:00"),
    "that day has 25 hours": (DAILY, 25 * 60, "2026-10-25T00:00", "2026-10-26T00:00"),
    "the night shift is an hour longer": (NIGHT, 9 * 60, "2026-10-24T22:00", "2026-10-25T06:00"),
    # other zones
    "New York": (US, 60, "2026-11-25T17:00", "2026-11-26T09:00"),
    "New York, over its change of clocks": (US, 60, "2026-10-30T17:00", "2026-11-02T09:00"),
    "New York, over its change in spring": (US, 541, "2026-03-06T08:30", "2026-03-09T08:31"),
    "Kathmandu, a quarter of an hour off": (NEPAL, 60, "2026-11-28T17:30", "2026-11-30T10:30"),
    "Sydney, where clocks change the other way": (AUSTRALIA, 60, "2026-10-02T16:30", "2026-10-05T09:30"),
    # long
    "a month": (OFFICE, 20 * 480, "2026-11-02T09:00", "2026-11-27T17:00"),
    "over the turn of the year": (OFFICE, 3 * 480, "2026-12-30T09:00", "2027-01-01T17:00"),
}


@pytest.mark.parametrize(("when", "minutes", "start", "due"), TABLE.values(), ids=TABLE.keys())
def test_a_deadline_is_where_a_calendar_says(when: BusinessHours, minutes: int, start: str, due: str) -> None:
    clock = Clock(when, timedelta(minutes=minutes)).run(at(start, when.time_zone))
    assert clock.due_at == at(due, when.time_zone)


@pytest.mark.parametrize(("when", "minutes", "start", "due"), TABLE.values(), ids=TABLE.keys())
def test_what_is_worked_until_the_deadline_is_what_was_promised(
    when: BusinessHours, minutes: int, start: str, due: str
) -> None:
    assert when.between(at(start, when.time_zone), at(due, when.time_zone)) == timedelta(minutes=minutes)


def test_without_business_hours_every_hour_counts() -> None:
    clock = Clock(None, timedelta(hours=30)).run(at("2026-03-28T12:00", BERLIN))
    assert clock.due_at == at("2026-03-29T19:00", BERLIN)  # an hour was skipped


# (business hours, minutes promised, then when the clock runs and pauses in turn, and when it is due at last)
PAUSED = {
    "a pause within a shift": (OFFICE, 120, ["26T09:00", "26T10:00", "26T15:00"], "26T16:00"),
    "a pause over night takes no working time": (OFFICE, 120, ["26T16:00", "26T16:30", "27T09:00"], "27T10:30"),
    "a pause over the weekend": (OFFICE, 120, ["27T16:00", "27T16:30", "30T12:00"], "30T13:30"),
    "paused after hours": (OFFICE, 120, ["26T16:00", "26T20:00", "27T12:00"], "27T13:00"),
    "answered after hours": (OFFICE, 120, ["26T09:00", "26T10:00", "26T21:00"], "27T10:00"),
    "paused twice": (OFFICE, 120, ["26T09:00", "26T09:30", "26T11:00", "26T11:30", "26T16:00"], "26T17:00"),
    "paused before the shift began": (OFFICE, 60, ["26T07:00", "26T08:00", "26T08:30"], "26T10:00"),
    "paused over lunch": (SPLIT, 120, ["26T11:00", "26T11:30", "26T12:30"], "26T14:30"),
    "answered when it was late already": (OFFICE, 60, ["26T09:00", "26T11:00", "26T15:00"], "26T14:00"),
}


@pytest.mark.parametrize(("when", "minutes", "turns", "due"), PAUSED.values(), ids=PAUSED.keys())
def test_a_clock_stands_while_we_wait_for_the_requester(
    when: BusinessHours, minutes: int, turns: list[str], due: str
) -> None:
    clock = Clock(when, timedelta(minutes=minutes))
    for index, turn in enumerate(turns):
        now = at(f"2026-11-{turn}", BERLIN)
        clock = clock.pause(now) if index % 2 else clock.run(now)
        assert (clock.due_at is None) == bool(index % 2)
    assert clock.due_at == at(f"2026-11-{due}", BERLIN)


def test_a_clock_that_runs_or_rests_already_is_left_alone() -> None:
    clock = Clock(OFFICE, timedelta(hours=1)).run(at("2026-11-26T09:00", BERLIN))
    assert clock.run(at("2026-11-26T09:30", BERLIN)) == clock
    rested = clock.pause(at("2026-11-26T09:30", BERLIN))
    assert rested.pause(at("2026-11-26T12:00", BERLIN)) == rested


def test_a_warning_comes_in_working_time_before_the_deadline() -> None:
    clock = Clock(OFFICE, timedelta(hours=2)).run(at("2026-11-27T16:00", BERLIN))
    assert clock.warn_at(timedelta(minutes=90)) == at("2026-11-27T16:30", BERLIN)
    assert clock.warn_at(timedelta(minutes=30)) == at("2026-11-30T09:30", BERLIN)
    assert clock.warn_at(timedelta(hours=5)) == at("2026-11-27T16:00", BERLIN)


def test_another_target_counts_from_the_beginning() -> None:
    clock = Clock(OFFICE, timedelta(hours=4)).run(at("2026-11-26T09:00", BERLIN))
    urgent = clock.change(timedelta(hours=4), timedelta(hours=1), at("2026-11-26T09:30", BERLIN))
    assert urgent.due_at == at("2026-11-26T10:00", BERLIN)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: BusinessHours("Europe/Atlantis", OFFICE.shifts), "time_zone: there is no 'Europe/Atlantis'"),
        (lambda: BusinessHours("../etc/passwd", OFFICE.shifts), "time_zone: there is no"),
        (lambda: BusinessHours(BERLIN, ()), "shifts: at least one is needed"),
        (lambda: hours(BERLIN, "09:00-12:00", "11:00-17:00"), "shifts: two overlap on weekday 0"),
        (lambda: Shift(0, 600, 600), "start: a shift begins before it ends"),
        (lambda: Shift(0, 1_300, 1_500), "start: a shift begins before it ends"),
        (lambda: Shift(7, 0, 60), "weekday: must be 0"),
    ],
)
def test_hours_that_cannot_be_are_refused(make: object, says: str) -> None:
    assert callable(make)
    with pytest.raises(InvalidInput, match=says):
        make()


def test_hours_that_never_come_are_not_waited_for() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(4 * 366)]
    never = BusinessHours(BERLIN, OFFICE.shifts, frozenset(days))
    with pytest.raises(InvalidInput, match="more than three years away"):
        never.add(at("2026-01-01T09:00"), timedelta(minutes=1))


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
DESKS = st.sampled_from([OFFICE, SPLIT, CHRISTMAS, DAILY, NIGHT, US, NEPAL, AUSTRALIA])


@given(DESKS, MOMENTS, st.integers(1, 10_000))
def test_the_deadline_is_the_first_moment_at_which_the_time_has_passed(
    desk: BusinessHours, start: datetime, minutes: int
) -> None:
    due = desk.add(start, timedelta(minutes=minutes))
    assert desk.between(start, due) == timedelta(minutes=minutes)
    assert desk.between(start, due - timedelta(seconds=1)) < timedelta(minutes=minutes)


@given(DESKS, MOMENTS, st.integers(0, 5_000), st.integers(0, 5_000))
def test_time_adds_up(desk: BusinessHours, start: datetime, first: int, second: int) -> None:
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    assert desk.between(start, middle) + desk.between(middle, end) == desk.between(start, end)


@given(DESKS, MOMENTS)
def test_a_desk_is_open_exactly_while_time_counts(desk: BusinessHours, moment: datetime) -> None:
    counts = desk.between(moment, moment + timedelta(microseconds=1)) > timedelta(0)
    assert desk.open_at(moment) == counts
