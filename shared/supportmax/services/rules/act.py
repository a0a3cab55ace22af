"""A rule acts on a ticket, where nobody is there to do it: with what it says, in its name."""

from datetime import timedelta

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message, Visibility
from supportmax.domain.events import TicketChanged
from supportmax.domain.ids import new_id
from supportmax.domain.rules.rule import Rule
from supportmax.domain.ticket_events import Cause
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction
from supportmax.services.manage_tickets import apply_values
from supportmax.services.queue_mail import Outgoing, queue_mail
from supportmax.services.rules.plan import Plan, tell

# Rules' mails about one ticket: whatever answers them, no loop of mails gets going.
MAILS = 1
WITHIN = timedelta(days=1)


def cause_of(rule: Rule) -> Cause:
    """Who: a trigger or an automation; why: its name."""
    return Cause(rule.kind, None, rule.name)


def act(tx: Transaction, rule: Rule, plan: Plan, mail_domain: str) -> None:
    """Carry the plan out, and count it."""
    for note in plan.notes:
        _say(tx, plan.ticket, note, "internal")
    if plan.reply:
        _reply(tx, rule, plan.ticket, plan.reply, mail_domain)
    if plan.values:
        apply_values(tx, plan.ticket, plan.values, cause_of(rule))
    tell(tx, plan)
    tx.rules.note_fired(rule.id)


def note_problem(tx: Transaction, rule: Rule, ticket: Ticket, kind: str, problem: str) -> None:
    """In the timeline of the ticket and on the rule: why it did not act."""
    cause = Cause(rule.kind, None, f"{rule.name}: {problem}")
    tx.ticket_events.add(ticket.id, kind, cause, {})
    tx.rules.note_problem(rule.id, f"#{ticket.number}: {problem}")


def _reply(tx: Transaction, rule: Rule, ticket: Ticket, text: str, mail_domain: str) -> None:
    """By the way the customer came. A ticket that nobody can be written to keeps it for the record."""
    if ticket.session_id is None or ticket.channel == "email":
        if tx.rule_facts.mails_of_rules(ticket.id, utcnow() - WITHIN) >= MAILS:
            note_problem(tx, rule, ticket, "reply_withheld", "rules mail about a ticket once a day at most")
            return
        if queue_mail(tx, ticket, Outgoing(text, "system", by_rule=True), mail_domain):
            return
    _say(tx, ticket, text, "public")
    tx.outbox.add(TicketChanged(ticket_id=ticket.id))


def _say(tx: Transaction, ticket: Ticket, text: str, visibility: Visibility) -> None:
    tx.messages.add(
        Message(
            id=new_id(),
            author_kind="system",
            visibility=visibility,
            channel="chat" if ticket.session_id else "api",
            body=text,
            created_at=utcnow(),
            ticket_id=ticket.id,
            session_id=ticket.session_id,
            by_rule=True,
        )
    )
