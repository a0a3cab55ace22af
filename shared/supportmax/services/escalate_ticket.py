"""Hand a ticket to a human with what a human needs: the reason, a summary, an owner, and a word to both sides."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message
from supportmax.domain.events import Envelope, HandOverRequested, ReplyReady, TicketChanged
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.ticket_events import by_system
from supportmax.domain.tickets import Ticket, solving_time
from supportmax.ports import Store, Transaction
from supportmax.services.answering.links import defanged
from supportmax.services.assign_ticket import find_agent, wait_for_agent
from supportmax.services.current_ticket import current_ticket
from supportmax.services.hand_over import human_in_charge, notify_followers
from supportmax.services.notify import preference
from supportmax.services.queue_mail import Outgoing, queue_mail

CONSUMER = "escalate"
SUMMARY_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class EscalationMail:
    """`mail_domain` makes Message-IDs; `promise` says to the customer when a human answers."""

    mail_domain: str
    promise: str


def escalate_ticket(store: Store, envelope: Envelope, settings: EscalationMail) -> None:
    """Handle HandOverRequested once: record, assign, notify, mail, and tell the CRM."""
    event = envelope.event
    assert isinstance(event, HandOverRequested)
    with store.begin(envelope.workspace_id) as tx:
        if not tx.inbox.first_time(CONSUMER, envelope.id):
            return
        ticket = current_ticket(tx, event.ticket_id)
        if ticket is None or (ticket.solved_at and ticket.solved_at > envelope.occurred_at):
            return  # nobody has to look at it any more
        agent = _agent_for(tx, ticket)
        conversation = tx.messages.of_ticket(ticket.id, None, 200)
        summary = summarise(conversation)
        tx.escalations.add(ticket.id, event.reason, summary, ticket.group_id, agent.id if agent else None)
        changes: dict[str, Any] = {"assignee_id": agent.id if agent else None}
        if ticket.status != "closed":
            changes |= {"status": "open"} | solving_time({"status": "open"})
        ticket = tx.tickets.update(ticket.id, changes, by_system(f"handed over: {event.reason}"))
        text = f"#{ticket.number} {ticket.subject} ({event.reason})"
        notify_followers(tx, ticket, text, but={agent.id} if agent else ())
        if agent:
            wanted = preference(tx, agent.id, "assigned")
            if wanted.in_app:
                tx.notifications.add(agent.id, ticket.id, text, "assigned")
            if wanted.mail:
                _mail_agent(tx, ticket, agent, f"Why: {event.reason}\n\n{summary}", settings)
        else:
            wait_for_agent(tx, ticket)
        _acknowledge(tx, ticket, conversation, settings)
        tx.outbox.add(TicketChanged(ticket_id=ticket.id))


def _agent_for(tx: Transaction, ticket: Ticket) -> User | None:
    """Who has it keeps it, unless they were deactivated."""
    if ticket.assignee_id and tx.accounts.get(ticket.assignee_id).deactivated_at is None:
        return tx.users.get(ticket.assignee_id)
    return find_agent(tx, ticket)


def summarise(conversation: list[Message]) -> str:
    """The first thing the customer asked, the last things said since: what an agent reads before answering."""
    said = [m for m in conversation if m.visibility == "public" and m.body.strip()]
    if not said:
        return "(no messages)"
    lines = [_line(said[0], SUMMARY_CHARACTERS // 2)]
    lines += [_line(m, SUMMARY_CHARACTERS // 6) for m in said[1:][-3:]]
    return "\n".join(lines)


def _line(message: Message, limit: int) -> str:
    who = {"customer": "Customer", "agent": "Agent", "assistant": "Assistant"}.get(message.author_kind, "System")
    text = " ".join(message.body.split())
    shown = text if len(text) <= limit else f"{text[:limit].rsplit(' ', 1)[0]} …"
    return f"{who}: {defanged(shown) if message.author_kind == 'customer' else shown}"


def _mail_agent(tx: Transaction, ticket: Ticket, agent: User, text: str, settings: EscalationMail) -> None:
    """A mail to the agent; it is an internal message, so the customer never sees it."""
    message_id = new_id()
    tx.messages.add(
        Message(
            id=message_id,
            author_kind="system",
            visibility="internal",
            channel="email",
            subject=f"[#{ticket.number}] {defanged(ticket.subject)}",
            body=(
                f"A ticket was assigned to you.\n\n{text}\n\n"
                f"Priority: {ticket.priority}\nCategory: {ticket.category or '-'}"
            ),
            created_at=utcnow(),
            ticket_id=ticket.id,
            mail_message_id=f"<{message_id}@{settings.mail_domain}>",
            recipient=agent.email,
            delivery="queued",
        )
    )
    tx.outbox.add(ReplyReady(message_id=message_id))


def _acknowledge(tx: Transaction, ticket: Ticket, conversation: list[Message], settings: EscalationMail) -> None:
    """Tell a customer who wrote by mail that a human has it; at most one automatic mail a day."""
    since = utcnow() - timedelta(days=1)
    if ticket.channel != "email" or human_in_charge(ticket) or tx.turns.machine_mails(ticket.id, since):
        return
    if not any(m.author_kind == "customer" for m in conversation):
        return
    text = f"Hello,\n\nthank you for your message. Our team has it as #{ticket.number}. {settings.promise}"
    queue_mail(tx, ticket, Outgoing(text, "system"), settings.mail_domain)
