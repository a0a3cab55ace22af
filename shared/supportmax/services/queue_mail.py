"""A message that is to leave as mail: its headers are fixed when it is written, so that sending is mechanical."""

from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import AuthorKind, Message
from supportmax.domain.events import ReplyReady
from supportmax.domain.ids import new_id
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction
from supportmax.services.answering.links import without_links
from supportmax.services.mail.compose import reply_subject

# RFC 5322 asks for the whole chain; beyond this many, clients look at the first and the last ones only.
MAX_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is said, by whom."""

    body: str
    author_kind: AuthorKind
    author_id: UUID | None = None
    by_rule: bool = False


def _subject(ticket: Ticket, outgoing: Outgoing) -> str:
    """The customer's own; a machine does not send on the links in it."""
    return ticket.subject if outgoing.author_kind == "agent" else without_links(ticket.subject) or "Your request"


def queue_mail(tx: Transaction, ticket: Ticket, outgoing: Outgoing, mail_domain: str) -> Message | None:
    """Store a public reply and queue it for sending. None if nobody can be written to."""
    requester = tx.users.get(ticket.requester_id) if ticket.requester_id else None
    if requester is None or not requester.email:
        return None
    before = [
        m for m in tx.messages.of_ticket(ticket.id, None, 1_000) if m.mail_message_id and m.visibility == "public"
    ]
    chain = [*before[-1].mail_references, before[-1].mail_message_id] if before else []
    message_id = new_id()
    message = tx.messages.add(
        Message(
            id=message_id,
            author_kind=outgoing.author_kind,
            author_id=outgoing.author_id,
            channel="email",
            body=outgoing.body,
            subject=reply_subject(_subject(ticket, outgoing)),
            created_at=utcnow(),
            ticket_id=ticket.id,
            session_id=ticket.session_id,
            mail_message_id=f"<{message_id}@{mail_domain}>",
            in_reply_to=before[-1].mail_message_id if before else None,
            mail_references=[reference for reference in chain if reference][-MAX_REFERENCES:],
            recipient=requester.email,
            delivery="queued",
            by_rule=outgoing.by_rule,
        )
    )
    tx.outbox.add(ReplyReady(message_id=message.id))
    return message
