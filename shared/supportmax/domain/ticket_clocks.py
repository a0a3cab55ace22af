"""The clocks of a ticket: what its promises have come to, worked out from the ticket and what was said in it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from supportmax.domain.business_hours import BusinessHours
from supportmax.domain.errors import InvalidInput
from supportmax.domain.sla import Clock, Metric
from supportmax.domain.tickets import Ticket

State = Literal["running", "paused", "fulfilled", "none"]
OVER = frozenset({"solved", "closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketClock:
    """One promise on one ticket, as stored. `policy` is its name, None when it is gone.

    `left_over` is what was left when it last began to run, or was paused. `due_at` is None while it is paused, and
    stays when it is fulfilled. A promise once broken stays broken: `breached_at`.
    """

    ticket_id: UUID
    metric: Metric
    policy_id: UUID | None
    policy: str | None = None
    business_hours_id: UUID | None
    promised: timedelta
    left_over: timedelta
    running_since: datetime | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    fulfilled_at: datetime | None = None
    is_next: bool = False
    stale: bool = False

    @property
    def paused(self) -> bool:
        return self.running_since is None and self.fulfilled_at is None


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said in a ticket, as far as clocks care.

    `answered`: an agent has replied, or the desk by mail. `waiting_since`: the customer's first message after the last
    reply.
    """

    ticket_id: UUID
    answered: bool
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What a policy promises for one metric. `hours` None: around the clock."""

    policy_id: UUID
    policy: str
    length: timedelta
    warn_before: timedelta | None
    business_hours_id: UUID | None = None
    hours: BusinessHours | None = None


def state_of(metric: Metric, ticket: Ticket, talk: Talk) -> State:
    """What the clock should be doing. A ticket that was merged, or is spam, is promised nothing."""
    if ticket.merged_into_id or (ticket.status == "closed" and "spam" in ticket.tags):
        return "none"
    if metric == "next_response" and not talk.answered:
        return "none"
    if ticket.deleted_at:
        return "paused"
    if ticket.status in OVER or _answered(metric, talk):
        return "fulfilled"
    return "paused" if metric == "resolution" and ticket.status == "pending" else "running"


def _answered(metric: Metric, talk: Talk) -> bool:
    if metric == "first_response":
        return talk.answered
    return metric == "next_response" and talk.waiting_since is None


def begin(ticket: Ticket, metric: Metric, promise: Promise, state: State, since: datetime) -> TicketClock | None:
    """A clock where there was none; for what is fulfilled already there will be none."""
    if state not in {"running", "paused"}:
        return None
    fresh = TicketClock(
        ticket_id=ticket.id,
        metric=metric,
        policy_id=promise.policy_id,
        policy=promise.policy,
        business_hours_id=promise.business_hours_id,
        promised=promise.length,
        left_over=promise.length,
    )
    return _with(fresh, Clock(promise.hours, promise.length, since if state == "running" else None), promise)


def advance(
    clock: TicketClock, promise: Promise, before: BusinessHours | None, state: State, now: datetime
) -> TicketClock:
    """The clock as it is now. `before` are the hours by which it counted so far."""
    counted = Clock(before, clock.left_over, clock.running_since)
    if state != "running" and clock.running_since and clock.due_at and clock.due_at < now:
        clock = replace(clock, breached_at=clock.breached_at or clock.due_at)
    if state == "fulfilled":
        return _fulfilled(clock, counted.pause(now), now)
    counted = _retarget(counted, clock, promise, now)
    counted = counted.run(now) if state == "running" else counted.pause(now)
    return _with(replace(clock, fulfilled_at=None), counted, promise)


def _retarget(counted: Clock, clock: TicketClock, promise: Promise, now: datetime) -> Clock:
    """By another promise what has passed stays passed."""
    if promise.length == clock.promised and promise.hours == counted.hours:
        return counted
    rested = counted.pause(now)
    changed = replace(rested, hours=promise.hours, left=rested.left + promise.length - clock.promised)
    return changed.run(now) if counted.running_since else changed


def _fulfilled(clock: TicketClock, rested: Clock, now: datetime) -> TicketClock:
    """At rest; when it was due is still of interest."""
    return replace(
        clock,
        left_over=rested.left,
        running_since=None,
        warn_at=None,
        fulfilled_at=clock.fulfilled_at or now,
        is_next=False,
        stale=False,
    )


def _with(clock: TicketClock, counted: Clock, promise: Promise) -> TicketClock:
    due_at, warn_at = _times(counted, promise.warn_before)
    told = clock.warned_at is not None or clock.breached_at is not None
    return replace(
        clock,
        policy_id=promise.policy_id,
        policy=promise.policy,
        business_hours_id=promise.business_hours_id,
        promised=promise.length,
        left_over=counted.left,
        running_since=counted.running_since,
        due_at=due_at,
        warn_at=None if told else warn_at,
        stale=False,
    )


def _times(counted: Clock, before: timedelta | None) -> tuple[datetime | None, datetime | None]:
    """When it is due, and when to warn. Hours that come in years, or never, break no promise."""
    try:
        return counted.due_at, None if before is None else counted.warn_at(before)
    except InvalidInput:
        return None, None
