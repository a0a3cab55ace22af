"""Time has passed: an automation acts on the tickets for which its conditions have come to hold.

On each once while the ticket keeps its status, and on so many a run; the schedule asks again every minute.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Conflict, InvalidInput, NotFound
from supportmax.domain.events import AutomationDue, Envelope
from supportmax.domain.rules.conditions import unmet
from supportmax.domain.rules.rule import Rule
from supportmax.ports import Store, Transaction
from supportmax.services.rules.act import act, note_problem
from supportmax.services.rules.plan import make_plan

LOOKED_AT = 500
ACTED_ON = 100
# Tickets a transaction: how long others wait for one.
BATCH = 25
# On one ticket within a day; beyond, it goes round and round with another rule.
OFTEN = 5
WITHIN = timedelta(days=1)


def run_automation(store: Store, envelope: Envelope, mail_domain: str) -> None:
    """Handle AutomationDue. Delivered twice, or beside itself, it still acts once: each ticket's state is claimed."""
    event = envelope.event
    assert isinstance(event, AutomationDue)
    with store.begin(envelope.workspace_id) as tx:
        rule = _enabled(tx, event.rule_id)
        due = _look(tx, rule) if rule else []
    for batch in _batches(due):
        with store.begin(envelope.workspace_id) as tx:
            for ticket_id in batch:
                if rule:
                    _fire(tx, rule, ticket_id, mail_domain)


def _enabled(tx: Transaction, rule_id: UUID) -> Rule | None:
    try:
        rule = tx.rules.get("automation", rule_id)
    except NotFound:
        return None
    return rule if rule.enabled else None


def _look(tx: Transaction, rule: Rule) -> list[UUID]:
    """Tickets to act on, from where it stopped the last time; at the end it begins again."""
    tickets = tx.rule_facts.candidates(rule, rule.looked_at, LOOKED_AT)
    due = [facts.ticket.id for facts in tx.rule_facts.of_tickets(tickets) if not unmet(rule.conditions, facts)]
    if len(due) > ACTED_ON:
        due = due[:ACTED_ON]
        tx.rules.look_on(rule.id, due[-1])
    else:
        tx.rules.look_on(rule.id, tickets[-1].id if len(tickets) == LOOKED_AT else None)
    return due


def _batches(ticket_ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ticket_ids), BATCH):
        yield ticket_ids[start : start + BATCH]


def _fire(tx: Transaction, rule: Rule, ticket_id: UUID, mail_domain: str) -> None:
    """Unless the ticket has changed since it was looked at."""
    try:
        ticket = tx.tickets.lock(ticket_id)
    except NotFound:
        return
    (facts,) = tx.rule_facts.of_tickets([ticket])
    if unmet(rule.conditions, facts) or not tx.rule_firings.claim(rule.id, ticket_id, facts.status_since):
        return
    if tx.rule_firings.count(rule.id, ticket_id, utcnow() - WITHIN) > OFTEN:
        note_problem(tx, rule, ticket, "loop_stopped", f"stopped: it acted {OFTEN} times on the ticket within a day")
        return
    try:
        plan = make_plan(tx, ticket, rule.actions, rule.name)
    except (InvalidInput, Conflict) as error:
        note_problem(tx, rule, ticket, "rule_failed", error.message)
        return
    if not plan.does_nothing:
        act(tx, rule, plan, mail_domain)
