"""What a rule would do, without doing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.errors import Conflict, InvalidInput
from supportmax.domain.rules.conditions import Facts, unmet
from supportmax.domain.rules.rule import Rule
from supportmax.domain.tickets import Ticket, TicketFilter
from supportmax.ports import Transaction
from supportmax.services.rules.plan import Plan, make_plan


@dataclass(frozen=True, slots=True)
class Trial:
    """`unmet` holds the paths of conditions that do not hold. `problem`: why it could not act although they do."""

    ticket: Ticket
    unmet: list[str]
    plan: Plan | None = None
    problem: str | None = None


def try_rule(tx: Transaction, rule: Rule, ticket_id: UUID | None, last: int) -> list[Trial]:
    """On that ticket; or on `last` tickets: the newest for a trigger, those due for an automation. Raises NotFound.

    A trigger's events are not looked at: suppose that they happened.
    """
    return [_try(tx, rule, facts) for facts in tx.rule_facts.of_tickets(_tickets(tx, rule, ticket_id, last))]


def _tickets(tx: Transaction, rule: Rule, ticket_id: UUID | None, last: int) -> Sequence[Ticket]:
    if ticket_id:
        return [tx.tickets.get(ticket_id)]
    if rule.kind == "automation":
        return tx.rule_facts.candidates(rule, None, last)
    return tx.tickets.list(TicketFilter(), None, last)


def _try(tx: Transaction, rule: Rule, facts: Facts) -> Trial:
    missing = unmet(rule.conditions, facts)
    if missing:
        return Trial(facts.ticket, missing)
    try:
        return Trial(facts.ticket, [], make_plan(tx, facts.ticket, rule.actions, rule.name))
    except (InvalidInput, Conflict) as error:
        return Trial(facts.ticket, [], problem=error.message)
