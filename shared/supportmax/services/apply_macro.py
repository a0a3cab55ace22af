"""An agent applies a macro: its words and changes go the same ways as if the agent had typed them."""

from uuid import UUID

from supportmax.domain.macros import Macro
from supportmax.domain.people import User
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction
from supportmax.services.current_ticket import changeable
from supportmax.services.manage_tickets import at_version, change_ticket
from supportmax.services.reply_to_ticket import Reply, reply_to_ticket
from supportmax.services.rules.plan import Plan, make_plan, tell


def plan_macro(
    tx: Transaction, ticket_id: UUID, macro: Macro, agent: User, versions: frozenset[int] | None = None
) -> Plan:
    """What it would say and change.

    Raises NotFound, Conflict for a merged ticket or a reply in a closed one, PreconditionFailed for another version,
    InvalidInput for a change that the ticket cannot get.
    """
    ticket = at_version(changeable(tx, ticket_id), versions)
    return make_plan(tx, ticket, macro.actions, f"macro: {macro.name}", agent)


def apply_plan(tx: Transaction, plan: Plan, agent: User, mail_domain: str) -> Ticket:
    """The words first: a reply makes the ticket pending, unless the macro says what it becomes."""
    ticket_id = plan.ticket.id
    for note in plan.notes:
        reply_to_ticket(tx, ticket_id, Reply(note, "internal"), agent, mail_domain)
    if plan.reply:
        reply_to_ticket(tx, ticket_id, Reply(plan.reply), agent, mail_domain)
    changed = change_ticket(tx, ticket_id, plan.change, agent)
    tell(tx, plan)
    return changed
