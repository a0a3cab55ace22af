"""Business hours, SLA policies, and the clocks of tickets."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.business_hours import Shift
from supportmax.domain.errors import Conflict
from supportmax.domain.sla_policies import Calendar, Holiday, Policy, Target
from supportmax.domain.ticket_clocks import Talk, TicketClock
from supportmax.domain.tickets import Ticket


class Calendars(Repository):
    file = "service_levels"

    def list(self) -> list[Calendar]:
        return [_calendar(row) for row in self.rows("list_hours")]

    def save(self, calendar: Calendar) -> None:
        shifts = [[shift.weekday, shift.start, shift.end] for shift in calendar.shifts]
        holidays = [{"date": holiday.date.isoformat(), "name": holiday.name} for holiday in calendar.holidays]
        documents = {"shifts": Jsonb(shifts), "holidays": Jsonb(holidays)}
        if not self.run("save_hours", **columns(calendar) | documents):
            raise Conflict(f"There are business hours with the name {calendar.name!r} already.")

    def delete(self, calendar_id: UUID) -> None:
        self.send("delete_hours", id=calendar_id)


def _calendar(row: dict[str, Any]) -> Calendar:
    shifts = tuple(Shift(*shift) for shift in row["shifts"])
    holidays = tuple(Holiday(date.fromisoformat(day["date"]), day["name"]) for day in row["holidays"])
    return Calendar(**row | {"shifts": shifts, "holidays": holidays})


class Policies(Repository):
    file = "service_levels"

    def list(self) -> list[Policy]:
        return [_policy(row) for row in self.rows("list_policies")]

    def save(self, policy: Policy) -> None:
        conditions = {name: list(values) for name, values in policy.conditions.items()}
        targets = {priority: asdict(target) for priority, target in policy.targets.items()}
        documents = {"conditions": Jsonb(conditions), "targets": Jsonb(targets)}
        if not self.run("save_policy", **columns(policy) | documents):
            raise Conflict(f"There is an SLA policy with the name {policy.name!r} already.")

    def delete(self, policy_id: UUID) -> None:
        self.send("delete_policy", id=policy_id)


def _policy(row: dict[str, Any]) -> Policy:
    conditions = {name: tuple(values) for name, values in row["conditions"].items()}
    targets = {priority: Target(**target) for priority, target in row["targets"].items()}
    return Policy(**row | {"conditions": conditions, "targets": targets})


class TicketClocks(Repository):
    file = "service_levels"

    def of_tickets(self, ticket_ids: Collection[UUID]) -> list[TicketClock]:
        return self.many(TicketClock, "clocks_of", ticket_ids=list(ticket_ids))

    def save(self, clocks: Sequence[TicketClock]) -> None:
        self.run_many("save_clock", [columns(clock) for clock in clocks])

    def drop(self, clocks: Sequence[TicketClock]) -> None:
        self.run_many("drop_clock", [{"ticket_id": clock.ticket_id, "metric": clock.metric} for clock in clocks])


class ClockedTickets(Repository):
    file = "service_levels"

    def lock(self, ticket_ids: Collection[UUID]) -> list[Ticket]:
        return self.many(Ticket, "lock_tickets", ticket_ids=list(ticket_ids))

    def talk(self, ticket_ids: Collection[UUID]) -> list[Talk]:
        return self.many(Talk, "talk", ticket_ids=list(ticket_ids))


class DueClocks(Repository):
    file = "service_levels"

    def warn(self, now: datetime, limit: int) -> list[TicketClock]:
        return self.many(TicketClock, "warn", now=now, limit=limit)

    def breach(self, now: datetime, limit: int) -> list[TicketClock]:
        return self.many(TicketClock, "breach", now=now, limit=limit)


class StaleClocks(Repository):
    file = "service_levels"

    def mark(self) -> None:
        self.send("mark_stale")

    def tickets(self, limit: int) -> Sequence[UUID]:
        return [row["id"] for row in self.rows("stale_tickets", limit=limit)]
