"""An agent answers the customer, or leaves a note for colleagues."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Attachment, Message, Visibility
from supportmax.domain.errors import Conflict, InvalidInput
from supportmax.domain.events import TicketChanged
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.ticket_events import by_user
from supportmax.domain.ticket_work import Upload
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction
from supportmax.services.current_ticket import changeable
from supportmax.services.hand_over import notify_followers
from supportmax.services.mention import mentioned
from supportmax.services.notify import notify
from supportmax.services.queue_mail import Outgoing, queue_mail

# SES takes 10 MB a mail, in which three bytes of a file are four.
MAILED = 7_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent says, to whom, with which files."""

    body: str
    visibility: Visibility = "public"
    files: Sequence[Upload] = ()


def reply_to_ticket(tx: Transaction, ticket_id: UUID, reply: Reply, actor: User, mail_domain: str) -> Message:
    """A public reply goes out by the channel the customer came by; a note stays inside.

    Raises NotFound, and Conflict for a merged ticket or a public reply to a closed one.
    """
    ticket = changeable(tx, ticket_id)
    if reply.visibility == "internal":
        message = _add(tx, ticket, reply, actor)
        _tell_colleagues(tx, ticket, reply, actor)
    else:
        message = _answer(tx, ticket, reply, actor, mail_domain)
    for file in reply.files:
        tx.attachments.add(Attachment(file.id, message.id, file.name, file.content_type, file.size, file.object_key))
    tx.outbox.add(TicketChanged(ticket_id=ticket_id))
    return message


def _tell_colleagues(tx: Transaction, ticket: Ticket, reply: Reply, actor: User) -> None:
    """Of a note: those whom it mentions, and those who follow the ticket."""
    called = {user.id for user in mentioned(tx, reply.body)} - {actor.id}
    told = f"{actor.name} mentioned you in #{ticket.number}: {ticket.subject}"
    notify(tx, called, ticket.id, told, "mentioned")
    text = f"New note in #{ticket.number}: {ticket.subject}"
    notify_followers(tx, ticket, text, "note_added", {actor.id, *called})


def _answer(tx: Transaction, ticket: Ticket, reply: Reply, actor: User, mail_domain: str) -> Message:
    if ticket.status == "closed":
        raise Conflict("The ticket is closed: open a follow-up with follow_up_of, or leave an internal note.")
    mailed = None
    if _goes_by_mail(tx, ticket):
        _check_size(reply.files)
        mailed = queue_mail(tx, ticket, Outgoing(reply.body, "agent", actor.id), mail_domain)
    if ticket.session_id:
        tx.chat_states.put_in_charge(ticket.session_id, None)
    _first_response(tx, ticket, actor)
    return mailed or _add(tx, ticket, reply, actor)


def _goes_by_mail(tx: Transaction, ticket: Ticket) -> bool:
    """Also where the chat is over and nobody reads on. A chat that was merged into a mail reads it, too."""
    return (
        ticket.session_id is None or ticket.channel == "email" or tx.chats.get(ticket.session_id).ended_at is not None
    )


def _check_size(files: Sequence[Upload]) -> None:
    if sum(file.size for file in files) > MAILED:
        raise InvalidInput(f"upload_ids: the files of a reply by mail have at most {MAILED:,} bytes together")


def _add(tx: Transaction, ticket: Ticket, reply: Reply, actor: User) -> Message:
    return tx.messages.add(
        Message(
            id=new_id(),
            author_kind="agent",
            author_id=actor.id,
            visibility=reply.visibility,
            channel="chat" if ticket.session_id else "api",
            body=reply.body,
            created_at=utcnow(),
            ticket_id=ticket.id,
            session_id=ticket.session_id,
        )
    )


def _first_response(tx: Transaction, ticket: Ticket, actor: User) -> None:
    changes: dict[str, Any] = {"status": "pending"}
    if ticket.solved_at:
        changes["solved_at"] = None
    if ticket.first_response_at is None:
        changes["first_response_at"] = utcnow()
    if ticket.assignee_id is None:
        changes["assignee_id"] = actor.id
    tx.tickets.update(ticket.id, changes, by_user(actor, "a public reply"))
