"""What the schedule does about promises: it warns before they break, and escalates when they do."""

from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.events import HandOverRequested, TicketChanged
from supportmax.domain.sla import Metric
from supportmax.domain.sla_policies import Policy
from supportmax.domain.ticket_clocks import TicketClock
from supportmax.domain.ticket_events import by_system
from supportmax.domain.tickets import Ticket
from supportmax.ports import Store, Transaction
from supportmax.services.hand_over import notify_followers
from supportmax.services.keep_clocks import note_event, renew
from supportmax.services.notify import notify

AT_ONCE = 500
WORDS: dict[Metric, str] = {
    "first_response": "first response",
    "next_response": "next response",
    "resolution": "resolution",
}


def watch_clocks(store: Store, workspace_id: UUID) -> dict[str, int]:
    """Returns counts, for the log. What does not fit comes a minute later."""
    with store.begin(workspace_id) as tx:
        if stale := tx.stale_clocks.tickets(AT_ONCE):
            renew(tx, stale)
    with store.begin(workspace_id) as tx:
        warned = tx.due_clocks.warn(utcnow(), AT_ONCE)
        for clock in warned:
            _warn(tx, clock)
    with store.begin(workspace_id) as tx:
        breached = tx.due_clocks.breach(utcnow(), AT_ONCE)
        policies = {policy.id: policy for policy in tx.sla_policies.list()} if breached else {}
        for clock in breached:
            _escalate(tx, clock, policies.get(clock.policy_id) if clock.policy_id else None)
    return {"warned": len(warned), "breached": len(breached)}


def _warn(tx: Transaction, clock: TicketClock) -> None:
    note_event(tx, clock, "sla_warned")
    ticket = tx.tickets.get(clock.ticket_id)
    text = f"#{ticket.number}: {WORDS[clock.metric]} due {_when(clock)} ({clock.policy}): {ticket.subject}"
    _tell(tx, ticket, text)


def _escalate(tx: Transaction, clock: TicketClock, policy: Policy | None) -> None:
    """What the policy says happens first, so that the human whom the hand-over finds is one of the right group."""
    note_event(tx, clock, "sla_breached")
    ticket = tx.tickets.get(clock.ticket_id)
    why = f"SLA policy {clock.policy} breached: {WORDS[clock.metric]} was due {_when(clock)}"
    if changes := _changes(ticket, policy):
        ticket = tx.tickets.update(ticket.id, changes, by_system(why))
    if ticket.assignee_id is None:
        _tell(tx, ticket, f"#{ticket.number}: {why}: {ticket.subject}")
    tx.outbox.add(HandOverRequested(ticket_id=ticket.id, reason=why))
    tx.outbox.add(TicketChanged(ticket_id=ticket.id))


def _changes(ticket: Ticket, policy: Policy | None) -> dict[str, Any]:
    """Another group's members have not got the ticket yet: it has no assignee there."""
    changes: dict[str, Any] = {}
    if policy and policy.breach_priority and policy.breach_priority != ticket.priority:
        changes["priority"] = policy.breach_priority
    if policy and policy.breach_group_id and policy.breach_group_id != ticket.group_id:
        changes |= {"group_id": policy.breach_group_id, "assignee_id": None}
    return changes


def _tell(tx: Transaction, ticket: Ticket, text: str) -> None:
    """Who has the ticket and who follows it; while nobody has it, its group."""
    notify_followers(tx, ticket, text, "sla_warning")
    if ticket.assignee_id is None and ticket.group_id:
        notify(tx, tx.groups.members(ticket.group_id), ticket.id, text, "sla_warning")


def _when(clock: TicketClock) -> str:
    return f"{clock.due_at:%Y-%m-%d %H:%M} UTC" if clock.due_at else "now"
