"""Administrators say when the desk works and what it promises; open promises follow within a minute."""

from datetime import timedelta
from uuid import UUID

from supportmax.domain.business_hours import BusinessHours
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Conflict, InvalidInput, NotFound
from supportmax.domain.people import User
from supportmax.domain.sla_policies import METRICS, Calendar, Policy
from supportmax.ports import Transaction

MOST_CALENDARS = 100
MOST_POLICIES = 100


def find_calendar(tx: Transaction, calendar_id: UUID) -> Calendar:
    """Raises NotFound."""
    found = next((known for known in tx.business_hours.list() if known.id == calendar_id), None)
    if found is None:
        raise NotFound("No such business hours.")
    return found


def save_calendar(tx: Transaction, calendar: Calendar, actor: User) -> Calendar:
    """Raises InvalidInput for hours that cannot be or make a promise due in years, Conflict for a taken name."""
    hours = calendar.hours
    known = tx.business_hours.list()
    new = all(other.id != calendar.id for other in known)
    if new and len(known) >= MOST_CALENDARS:
        raise Conflict(f"A workspace has at most {MOST_CALENDARS} business hours.")
    for policy in tx.sla_policies.list():
        if policy.business_hours_id == calendar.id:
            _check_reach(policy, hours, "holidays")
    tx.business_hours.save(calendar)
    _record(tx, actor, "business_hours", calendar.id, "created" if new else "updated", calendar.name)
    return calendar


def delete_calendar(tx: Transaction, calendar_id: UUID, actor: User) -> None:
    """Raises NotFound, and Conflict while a policy counts by them."""
    calendar = find_calendar(tx, calendar_id)
    if users := [policy.name for policy in tx.sla_policies.list() if policy.business_hours_id == calendar_id]:
        raise Conflict(f"The SLA policy {users[0]!r} counts by these business hours: give it others first.")
    tx.business_hours.delete(calendar_id)
    _record(tx, actor, "business_hours", calendar_id, "deleted", calendar.name)


def find_policy(tx: Transaction, policy_id: UUID) -> Policy:
    """Raises NotFound."""
    found = next((known for known in tx.sla_policies.list() if known.id == policy_id), None)
    if found is None:
        raise NotFound("No such SLA policy.")
    return found


def save_policy(tx: Transaction, policy: Policy, actor: User) -> Policy:
    """Raises InvalidInput that names the field, Conflict for a name that is taken."""
    known = tx.sla_policies.list()
    new = all(other.id != policy.id for other in known)
    if new and len(known) >= MOST_POLICIES:
        raise Conflict(f"A workspace has at most {MOST_POLICIES} SLA policies.")
    _check_policy(tx, policy)
    tx.sla_policies.save(policy)
    _record(tx, actor, "sla_policy", policy.id, "created" if new else "updated", policy.name)
    return policy


def delete_policy(tx: Transaction, policy_id: UUID, actor: User) -> None:
    """Raises NotFound. What it promised is promised no more, or by the next policy that a ticket matches."""
    policy = find_policy(tx, policy_id)
    tx.sla_policies.delete(policy_id)
    _record(tx, actor, "sla_policy", policy_id, "deleted", policy.name)


def _record(tx: Transaction, actor: User, kind: str, subject_id: UUID, done: str, name: str) -> None:
    """In the audit log; and the clocks that run are to be worked out again."""
    tx.stale_clocks.mark()
    tx.audit.add(str(actor.id), f"{kind}.{done}", kind, subject_id, {"name": name})


def _check_policy(tx: Transaction, policy: Policy) -> None:
    if not any(target.minutes(metric) for target in policy.targets.values() for metric in METRICS):
        raise InvalidInput("targets: at least one priority needs a target")
    if policy.warn_percent is not None and policy.warn_minutes is not None:
        raise InvalidInput("warn_minutes: give either warn_percent or warn_minutes")
    groups = {str(group.id) for group in tx.groups.list()}
    if set(policy.conditions.get("group_id", ())) - groups:
        raise InvalidInput("conditions.group_id: there is no such group")
    if policy.breach_group_id and str(policy.breach_group_id) not in groups:
        raise InvalidInput("on_breach.group_id: there is no such group")
    labels = {label.name for label in tx.labels.list()}
    if unknown := set(policy.conditions.get("category", ())) - labels:
        raise InvalidInput(f"conditions.category: there is no label {min(unknown)!r}")
    _check_hours(tx, policy)


def _check_hours(tx: Transaction, policy: Policy) -> None:
    if policy.business_hours_id is None:
        return
    try:
        hours = find_calendar(tx, policy.business_hours_id).hours
    except NotFound:
        raise InvalidInput("business_hours_id: there are no such business hours") from None
    _check_reach(policy, hours, "targets")


def _check_reach(policy: Policy, hours: BusinessHours, field: str) -> None:
    """The longest promise comes due within the years that are looked ahead."""
    lengths = [
        minutes
        for target in policy.targets.values()
        for metric in METRICS
        if not target.calendar_hours and (minutes := target.minutes(metric))
    ]
    try:
        hours.add(utcnow(), timedelta(minutes=max(lengths, default=1)))
    except InvalidInput:
        raise InvalidInput(
            f"{field}: by these business hours a promise of {policy.name!r} would be due in more than three years"
        ) from None
