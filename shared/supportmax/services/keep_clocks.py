"""The clocks of tickets follow what happens in them: worked out again before every transaction that touched them ends.

Nobody who changes a ticket, or says something in it, has to think of its clocks: the store tells which were touched.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from supportmax.domain.business_hours import BusinessHours
from supportmax.domain.clock import utcnow
from supportmax.domain.sla import Metric
from supportmax.domain.sla_policies import METRICS, Policy
from supportmax.domain.ticket_clocks import Promise, Talk, TicketClock, advance, begin, state_of
from supportmax.domain.ticket_events import by_system
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction


@dataclass(frozen=True, slots=True)
class Rules:
    """What the workspace promises now."""

    policies: list[Policy]
    hours: Mapping[UUID, BusinessHours]

    def promise(self, ticket: Ticket, metric: Metric) -> Promise | None:
        """By the first policy that the ticket matches."""
        policy = next((policy for policy in self.policies if policy.matches(ticket)), None)
        target = policy.targets.get(ticket.priority) if policy else None
        minutes = target.minutes(metric) if target else None
        if policy is None or target is None or minutes is None:
            return None
        length = timedelta(minutes=minutes)
        hours_id = None if target.calendar_hours else policy.business_hours_id
        hours = self.hours[hours_id] if hours_id else None
        return Promise(policy.id, policy.name, length, policy.warn_before(length), hours_id, hours)


def touched(tx: Transaction, ticket_ids: Collection[UUID]) -> None:
    """What the store does before it commits. Where nothing is promised it costs one query."""
    if policies := tx.sla_policies.list():
        _renew(tx, ticket_ids, policies)


def renew(tx: Transaction, ticket_ids: Collection[UUID]) -> None:
    """Work their clocks out again, also where there is no policy any more."""
    _renew(tx, ticket_ids, tx.sla_policies.list())


def _renew(tx: Transaction, ticket_ids: Collection[UUID], policies: list[Policy]) -> None:
    rules = Rules(policies, {calendar.id: calendar.hours for calendar in tx.business_hours.list()})
    tickets = tx.clocked_tickets.lock(ticket_ids)
    talks = {talk.ticket_id: talk for talk in tx.clocked_tickets.talk(ticket_ids)}
    stored = {(clock.ticket_id, clock.metric): clock for clock in tx.ticket_clocks.of_tickets(ticket_ids)}
    now = utcnow()
    after = [clock for ticket in tickets for clock in _clocks(ticket, talks[ticket.id], rules, stored, now)]
    kept = {(clock.ticket_id, clock.metric) for clock in after}
    tx.ticket_clocks.drop([clock for key, clock in stored.items() if key not in kept])
    tx.ticket_clocks.save([clock for clock in after if stored.get((clock.ticket_id, clock.metric)) != clock])
    for clock in after:
        _note(tx, stored.get((clock.ticket_id, clock.metric)), clock)


Stored = Mapping[tuple[UUID, Metric], TicketClock]


def _clocks(ticket: Ticket, talk: Talk, rules: Rules, stored: Stored, now: datetime) -> list[TicketClock]:
    found = [
        clock
        for metric in METRICS
        if (clock := _clock(ticket, talk, rules, stored.get((ticket.id, metric)), metric, now))
    ]
    first = min((c.due_at for c in found if c.due_at and not c.fulfilled_at), default=None)
    following = next((c for c in found if c.due_at == first and not c.fulfilled_at and first), None)
    return [replace(clock, is_next=clock is following) for clock in found]


def _clock(
    ticket: Ticket, talk: Talk, rules: Rules, clock: TicketClock | None, metric: Metric, now: datetime
) -> TicketClock | None:
    state, promise = state_of(metric, ticket, talk), rules.promise(ticket, metric)
    if promise is None or state == "none":
        return clock if clock and clock.fulfilled_at else None
    # The database's clock may be ahead of ours.
    since = min(now, (metric == "next_response" and talk.waiting_since) or ticket.created_at)
    anew = metric == "next_response" and state == "running" and clock and _is_over(clock, talk)
    if clock is None or anew:
        return begin(ticket, metric, promise, state, since)
    before = rules.hours.get(clock.business_hours_id) if clock.business_hours_id else None
    return advance(clock, promise, before, state, now)


def _is_over(clock: TicketClock, talk: Talk) -> bool:
    """The customer has written since it was fulfilled: they are promised a reply again."""
    return bool(clock.fulfilled_at and talk.waiting_since and talk.waiting_since > clock.fulfilled_at)


def _note(tx: Transaction, before: TicketClock | None, after: TicketClock) -> None:
    """In the timeline: it was kept, or it was found broken before the schedule came by."""
    if after.breached_at and not (before and before.breached_at):
        note_event(tx, after, "sla_breached")
    elif after.fulfilled_at and not after.breached_at and not (before and before.fulfilled_at):
        note_event(tx, after, "sla_met")


def note_event(tx: Transaction, clock: TicketClock, kind: str) -> None:
    """What became of a promise: `kind` is `sla_met`, `sla_warned` or `sla_breached`."""
    changes = {"sla": {"from": None, "to": dict(_facts(clock))}}
    tx.ticket_events.add(clock.ticket_id, kind, by_system(f"SLA policy {clock.policy}"), changes)


def _facts(clock: TicketClock) -> Iterator[tuple[str, str]]:
    yield "metric", clock.metric
    for name in ("due_at", "breached_at", "fulfilled_at"):
        if moment := getattr(clock, name):
            yield name, moment.isoformat()
