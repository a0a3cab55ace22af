"""When the desk works."""

from typing import Annotated, Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints

from supportmax.domain.business_hours import Shift
from supportmax.domain.errors import InvalidInput
from supportmax.domain.ids import new_id, parse_id
from supportmax.domain.sla_policies import Calendar, Holiday
from supportmax.runtime.http import Administrator, Body, SignedIn, Tools
from supportmax.runtime.json_types import Day
from supportmax.services.manage_service_levels import delete_calendar, find_calendar, save_calendar

router = APIRouter(tags=["Service levels"])
Title = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
Start = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
End = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
CalendarId = Annotated[str, Path(description="The business hours' id.", json_schema_extra={"format": "uuid"})]
TAKEN: dict[int | str, dict[str, str]] = {409: {"description": "The name is taken."}}


class ShiftBody(Body):
    """A part of a weekday, in local time. Two on one day are a split shift; one over midnight is two."""

    weekday: Weekday
    start: Start
    end: End = Field(description="`24:00` is the end of the day.")

    @classmethod
    def of(cls, shift: Shift) -> "ShiftBody":
        return cls(weekday=WEEKDAYS[shift.weekday], start=_clock(shift.start), end=_clock(shift.end))

    def shift(self, place: int) -> Shift:
        """Raises InvalidInput for one that ends before it begins."""
        try:
            return Shift(WEEKDAYS.index(self.weekday), _minutes(self.start), _minutes(self.end))
        except InvalidInput as error:
            raise InvalidInput(f"shifts.{place}.{error}") from None


class HolidayBody(Body):
    """A local date on which nobody works."""

    date: Day
    name: Annotated[str, StringConstraints(max_length=100, strip_whitespace=True)] = ""


class BusinessHoursBody(Body):
    """Weekly shifts in a time zone, less holidays."""

    name: Title
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="A name of the IANA database, such as `Europe/Berlin`."
    )
    shifts: Annotated[list[ShiftBody], Field(min_length=1, max_length=100)]
    holidays: Annotated[list[HolidayBody], Field(max_length=500)] = Field(default_factory=list)

    def calendar(self, calendar_id: UUID) -> Calendar:
        """Raises InvalidInput that names the field."""
        return Calendar(
            id=calendar_id,
            name=self.name,
            time_zone=self.time_zone,
            shifts=tuple(shift.shift(place) for place, shift in enumerate(self.shifts)),
            holidays=tuple(Holiday(day.date, day.name) for day in sorted(self.holidays, key=lambda day: day.date)),
        )


class BusinessHoursView(BusinessHoursBody):
    """Business hours by which SLA policies count."""

    id: UUID

    @classmethod
    def of(cls, calendar: Calendar) -> "BusinessHoursView":
        return cls(
            id=calendar.id,
            name=calendar.name,
            time_zone=calendar.time_zone,
            shifts=[ShiftBody.of(shift) for shift in sorted(calendar.shifts)],
            holidays=[HolidayBody(date=holiday.date, name=holiday.name) for holiday in calendar.holidays],
        )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


@router.get("/v1/business-hours", summary="List business hours")
async def list_business_hours(agent: SignedIn, tools: Tools) -> list[BusinessHoursView]:
    """By name."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [BusinessHoursView.of(calendar) for calendar in tx.business_hours.list()]


@router.post("/v1/business-hours", status_code=201, summary="Add business hours", responses=TAKEN)
async def add_business_hours(body: BusinessHoursBody, admin: Administrator, tools: Tools) -> BusinessHoursView:
    """For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return BusinessHoursView.of(save_calendar(tx, body.calendar(new_id()), admin.user))


@router.get("/v1/business-hours/{business_hours_id}", summary="Get business hours")
async def get_business_hours(business_hours_id: CalendarId, agent: SignedIn, tools: Tools) -> BusinessHoursView:
    with tools.store.begin(agent.workspace_id) as tx:
        return BusinessHoursView.of(find_calendar(tx, parse_id(business_hours_id, "business hours")))


@router.put("/v1/business-hours/{business_hours_id}", summary="Change business hours", responses=TAKEN)
async def replace_business_hours(
    business_hours_id: CalendarId, body: BusinessHoursBody, admin: Administrator, tools: Tools
) -> BusinessHoursView:
    """All of it. What is promised by them is worked out anew within a minute. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        known = find_calendar(tx, parse_id(business_hours_id, "business hours"))
        return BusinessHoursView.of(save_calendar(tx, body.calendar(known.id), admin.user))


@router.delete(
    "/v1/business-hours/{business_hours_id}",
    status_code=204,
    summary="Delete business hours",
    responses={409: {"description": "An SLA policy counts by them."}},
)
async def remove_business_hours(business_hours_id: CalendarId, admin: Administrator, tools: Tools) -> None:
    """For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        delete_calendar(tx, parse_id(business_hours_id, "business hours"), admin.user)
