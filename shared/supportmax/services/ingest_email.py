"""A mail arrived: make it a ticket, a reply in one, or a held item that an agent can see. Nothing is lost."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Attachment, AuthorKind, Message
from supportmax.domain.errors import InvalidInput
from supportmax.domain.events import TicketChanged, TicketOpened
from supportmax.domain.ids import new_id
from supportmax.domain.inbound import InboundMail
from supportmax.domain.mail import ParsedMail
from supportmax.domain.people import User, normal_email
from supportmax.domain.ticket_events import by_customer, by_user
from supportmax.domain.tickets import SUBJECT_LIMIT, NewTicket, Ticket
from supportmax.domain.visible_text import visible
from supportmax.ports import ObjectStore, Store, Transaction
from supportmax.services.current_ticket import current_ticket, customer_wrote
from supportmax.services.hand_over import human_in_charge, notify_followers
from supportmax.services.mail.message_text import bare_subject
from supportmax.services.mail.parse import parse_mail
from supportmax.services.mail.reply_address import ReplyAddresses
from supportmax.services.was_erased import mail_was_erased


@dataclass(frozen=True, slots=True)
class Mailroom:
    """Where mail comes from and its files go. `inbound` keeps the raw mail, but of somebody who was erased.

    `secret` is the desk's own: it keys the hashes by which such mail is known.
    """

    inbound: ObjectStore
    attachments: ObjectStore
    addresses: ReplyAddresses
    secret: str


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A parsed mail on its way to a ticket."""

    key: str
    mail: ParsedMail
    fingerprint: str

    @property
    def sender(self) -> str:
        return normal_email(self.mail.from_.address) if self.mail.from_ else ""


def ingest_email(mailroom: Mailroom, store: Store, workspace_id: UUID, key: str) -> None:
    """Take in the mail stored under `key`; the same mail again, under any key, changes nothing."""
    raw = key.encode()
    try:
        raw = mailroom.inbound.get(key)
        mail = parse_mail(raw)
    except InvalidInput as error:  # too large to fetch, or not a mail at all
        _quarantine(store, workspace_id, key, _digest(raw), str(error))
        return
    arrived = _Arrived(key, mail, fingerprint(mail))
    if not arrived.sender:
        _quarantine(store, workspace_id, key, arrived.fingerprint, "the mail names no sender", mail)
        return
    with store.begin(workspace_id) as tx:
        erased = mail_was_erased(tx, mail, arrived.fingerprint, mailroom.secret)
    if erased:
        mailroom.inbound.delete(key)
        return
    _take_in(mailroom, store, workspace_id, arrived)


def fingerprint(mail: ParsedMail) -> str:
    """The same for every delivery of one mail, whatever relays added to its header; never the same for two mails."""
    sender = mail.from_.address if mail.from_ else ""
    date = mail.date.isoformat() if mail.date else ""
    files = "".join(hashlib.sha256(file.content).hexdigest() for file in mail.attachments)
    parts = [mail.message_id or "", sender, mail.subject, date, mail.text, files]
    return _digest("\x1f".join(parts).encode("utf-8", "replace"))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _quarantine(
    store: Store, workspace_id: UUID, key: str, mark: str, reason: str, mail: ParsedMail | None = None
) -> None:
    with store.begin(workspace_id) as tx:
        if tx.inbound_mails.kept_as(mark) is None:
            subject = mail.subject[:SUBJECT_LIMIT] if mail else None
            tx.inbound_mails.add(
                InboundMail(
                    id=new_id(), fingerprint=mark, object_key=key, outcome="quarantined", reason=reason, subject=subject
                )
            )


def _take_in(mailroom: Mailroom, store: Store, workspace_id: UUID, arrived: _Arrived) -> None:
    with store.begin(workspace_id) as tx:
        if kept := tx.inbound_mails.kept_as(arrived.fingerprint):
            if kept != arrived.key:  # a copy that no row names would outlive its sender's erasure
                mailroom.inbound.delete(arrived.key)
            return
        ticket = _thread(tx, mailroom.addresses, arrived)
        if arrived.mail.auto_submitted:
            _hold(tx, arrived, ticket if ticket and not ticket.deleted_at else None)
            return
        sender = tx.users.customer(arrived.sender, arrived.mail.from_.name if arrived.mail.from_ else "")
        if ticket and sender.role != "customer":
            _note_of_agent(tx, mailroom, arrived, ticket, sender)
            return
        closed = ticket if ticket and ticket.status == "closed" else None
        outcome = "reply" if ticket and not closed else "ticket"
        if ticket is None or closed:
            ticket = _open(tx, arrived.mail, sender, closed)
        message = _add_message(tx, arrived, ticket, sender.id, "customer")
        _keep_files(tx, mailroom.attachments, arrived.mail, message)
        _follow_up(tx, ticket, message, is_reply=outcome == "reply")
        _record(tx, arrived, outcome, ticket_id=ticket.id, message_id=message.id)


def _thread(tx: Transaction, addresses: ReplyAddresses, arrived: _Arrived) -> Ticket | None:
    """The ticket the mail belongs to: by our signed reply address, else by an id its sender took part in.

    A number in the subject threads nobody: anyone can write one.
    """
    mail = arrived.mail
    for recipient in (*mail.to, *mail.cc):
        ticket_id = addresses.ticket_of(recipient.address, arrived.sender)
        if ticket_id and (ticket := current_ticket(tx, ticket_id, deleted=True)):
            return ticket
    ids = [i for i in (mail.in_reply_to, *reversed(mail.references)) if i]
    found = tx.messages.find_thread(ids, arrived.sender)
    return current_ticket(tx, found, deleted=True) if found else None


def _hold(tx: Transaction, arrived: _Arrived, ticket: Ticket | None) -> None:
    """Automatic mail gets no answer. In a known thread it is a note for the agent, else it is held for a look."""
    reason = f"{arrived.mail.auto_kind}: {arrived.mail.auto_submitted}"
    message = _add_message(tx, arrived, ticket, None, "system") if ticket else None
    _record(tx, arrived, "suspended", reason, ticket.id if ticket else None, message.id if message else None)


def _note_of_agent(tx: Transaction, mailroom: Mailroom, arrived: _Arrived, ticket: Ticket, agent: User) -> None:
    """An agent answered a notification: colleagues read it, the customer does not. What an agent deleted is back."""
    if ticket.deleted_at:
        tx.tickets.update(ticket.id, {"deleted_at": None}, by_user(agent, "answered by mail"), "restored")
    message = _add_message(tx, arrived, ticket, agent.id, "agent")
    _keep_files(tx, mailroom.attachments, arrived.mail, message)
    _record(tx, arrived, "reply", "note of an agent", ticket.id, message.id)


def _open(tx: Transaction, mail: ParsedMail, requester: User, closed: Ticket | None) -> Ticket:
    """A new ticket; it follows up the closed one that the mail answers."""
    subject = bare_subject(mail.subject)[:SUBJECT_LIMIT] or "(no subject)"
    new = NewTicket(id=new_id(), subject=subject, channel="email", requester_id=requester.id)
    ticket = tx.tickets.add(new, by_customer(requester.id))
    if closed:
        tx.ticket_links.add(ticket.id, "follow_up_of", closed.id)
    return ticket


def _add_message(
    tx: Transaction, arrived: _Arrived, ticket: Ticket, author_id: UUID | None, author_kind: AuthorKind
) -> Message:
    """Only what a customer wrote is public."""
    mail = arrived.mail
    return tx.messages.add(
        Message(
            id=new_id(),
            author_kind=author_kind,
            author_id=author_id,
            visibility="public" if author_kind == "customer" else "internal",
            channel="email",
            subject=mail.subject[:SUBJECT_LIMIT],
            body=visible(mail.reply_text or mail.text),
            quoted_text=visible(mail.quoted_text) or None,
            body_html=visible(mail.html) if mail.html is not None else None,
            created_at=utcnow(),
            ticket_id=ticket.id,
            session_id=ticket.session_id,
            mail_message_id=mail.message_id,
            in_reply_to=mail.in_reply_to,
            mail_references=list(mail.references),
            raw_object=arrived.key,
        )
    )


def _keep_files(tx: Transaction, objects: ObjectStore, mail: ParsedMail, message: Message) -> None:
    """Files go to the object store first: a rolled-back transaction leaves a stray object, never a dangling row."""
    for file in mail.attachments:
        attachment_id = new_id()
        key = f"{tx.workspace_id}/{message.id}/{attachment_id}/{file.name}"
        objects.put(key, file.content, file.content_type)
        tx.attachments.add(Attachment(attachment_id, message.id, file.name, file.content_type, file.size, key))


def _follow_up(tx: Transaction, ticket: Ticket, message: Message, is_reply: bool) -> None:
    """A new ticket, or one without a human, goes to triage; a human who has it hears of the reply."""
    if is_reply:
        ticket = customer_wrote(tx, ticket, message.author_id)
    if is_reply and (human_in_charge(ticket) or ticket.assignee_id):
        notify_followers(tx, ticket, f"New reply in #{ticket.number}: {ticket.subject}", "customer_replied")
        tx.outbox.add(TicketChanged(ticket_id=ticket.id))
    else:
        tx.outbox.add(TicketOpened(ticket_id=ticket.id, message_id=message.id))


def _record(
    tx: Transaction,
    arrived: _Arrived,
    outcome: str,
    reason: str | None = None,
    ticket_id: UUID | None = None,
    message_id: UUID | None = None,
) -> None:
    tx.inbound_mails.add(
        InboundMail(
            id=new_id(),
            fingerprint=arrived.fingerprint,
            object_key=arrived.key,
            outcome=outcome,
            sender=arrived.sender,
            subject=arrived.mail.subject[:SUBJECT_LIMIT],
            reason=reason,
            ticket_id=ticket_id,
            message_id=message_id,
        )
    )
