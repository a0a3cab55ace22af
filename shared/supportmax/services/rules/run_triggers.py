"""Something happened in a ticket: the triggers that wait for it act, in their order, each on what the one before left.

What they change may make others act: a chain. In a chain each trigger acts once, and a chain has so many steps at most.
A trigger that would change the ticket again is a loop: it is stopped, and shown in the timeline and on the trigger.
"""

from dataclasses import replace

from supportmax.domain.conversation import Message
from supportmax.domain.errors import Conflict, InvalidInput
from supportmax.domain.events import Envelope, TicketTouched
from supportmax.domain.rules.conditions import unmet
from supportmax.domain.rules.rule import Rule, happenings
from supportmax.domain.touched import Chain
from supportmax.ports import Store, Transaction
from supportmax.services.current_ticket import current_ticket
from supportmax.services.rules.act import act, note_problem
from supportmax.services.rules.plan import Plan, make_plan

CONSUMER = "triggers"
LONGEST_CHAIN = 10


def run_triggers(store: Store, envelope: Envelope, mail_domain: str) -> None:
    """Handle TicketTouched, once."""
    event = envelope.event
    assert isinstance(event, TicketTouched)
    with store.begin(envelope.workspace_id) as tx:
        if not tx.inbox.first_time(CONSUMER, envelope.id):
            return
        events, messages = tx.rule_facts.written(event.rows)
        happened = happenings(events, messages)
        chain = Chain(frozenset(event.fired), event.depth)
        for rule in tx.rules.list("trigger"):
            if rule.enabled and happened & set(rule.events):
                chain = _consider(tx, rule, event, chain, messages, mail_domain)


def _consider(
    tx: Transaction, rule: Rule, event: TicketTouched, chain: Chain, messages: list[Message], mail_domain: str
) -> Chain:
    """The chain after it. What the trigger writes is a step further in the chain than what began it."""
    plan = _plan(tx, rule, event, messages)
    if plan is None or plan.does_nothing:
        return chain
    if rule.id in chain.fired or event.depth >= LONGEST_CHAIN:
        if plan.values:
            note_problem(tx, rule, plan.ticket, "loop_stopped", _why(rule, chain))
        return chain
    chain = Chain(chain.fired | {rule.id}, event.depth + 1)
    tx.touched.chain = chain
    act(tx, rule, plan, mail_domain)
    return chain


def _plan(tx: Transaction, rule: Rule, event: TicketTouched, messages: list[Message]) -> Plan | None:
    """None if its conditions do not hold, or what it wants cannot be."""
    ticket = current_ticket(tx, event.ticket_id)
    if ticket is None:
        return None
    (facts,) = tx.rule_facts.of_tickets([ticket])
    said = [message.body for message in messages if message.author_kind == "customer"]
    if unmet(rule.conditions, replace(facts, body=said[-1]) if said else facts):
        return None
    try:
        return make_plan(tx, ticket, rule.actions, rule.name)
    except (InvalidInput, Conflict) as error:
        note_problem(tx, rule, ticket, "rule_failed", error.message)
        return None


def _why(rule: Rule, chain: Chain) -> str:
    if rule.id in chain.fired:
        return "stopped: it would change the ticket again because of what followed from its own change"
    return f"stopped: triggers have set off one another {LONGEST_CHAIN} times"
