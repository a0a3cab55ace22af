"""Send a queued message: claim it, hand it to the mail service, record what happened."""

from collections.abc import Sequence
from dataclasses import dataclass

from supportmax.domain.conversation import Attachment, Message
from supportmax.domain.errors import NotFound, OutcomeUnknown, PermanentFailure, TransientFailure
from supportmax.domain.events import Envelope, ReplyReady
from supportmax.ports import Mailer, ObjectStore, Store, Transaction
from supportmax.services.hand_over import human_in_charge, tell_human
from supportmax.services.mail import compose
from supportmax.services.mail.reply_address import ReplyAddresses


@dataclass(frozen=True, slots=True)
class Sender:
    """`sender` and `name` go into From; replies come back through `addresses`.

    `message_id_domain` is set where the provider replaces the Message-ID by `<delivery id@that domain>`, as SES does.
    `attachments` keeps the files that agents enclose.
    """

    mailer: Mailer
    sender: str
    name: str
    addresses: ReplyAddresses
    message_id_domain: str = ""
    attachments: ObjectStore | None = None


def send_mail(sender: Sender, store: Store, envelope: Envelope) -> bool:
    """Handle ReplyReady; returns whether the mail left.

    A message is sent at most once: what was claimed and not recorded becomes `unknown`.
    """
    event = envelope.event
    assert isinstance(event, ReplyReady)
    with store.begin(envelope.workspace_id) as tx:
        message = _claim(tx, event)
        enclosed = tx.attachments.of_messages([message.id]) if message else []
    if message is None:
        return False
    mail = compose.Envelope(sender.sender, sender.name, _reply_to(sender, message))
    try:
        raw = compose.raw_mail(message, mail, _files(sender, enclosed))
        delivery_id = sender.mailer.send(raw, sender.sender, message.recipient or "")
    except TransientFailure:
        with store.begin(envelope.workspace_id) as tx:
            tx.deliveries.record(message.id, "queued")
        raise
    except PermanentFailure as error:
        _fail(store, envelope, message, "failed", error)
        raise
    except OutcomeUnknown as error:
        _fail(store, envelope, message, "unknown", error)
        return False
    with store.begin(envelope.workspace_id) as tx:
        given = f"<{delivery_id}@{sender.message_id_domain}>" if sender.message_id_domain else None
        tx.deliveries.record(message.id, "sent", delivery_id, given)
    return True


def _claim(tx: Transaction, event: ReplyReady) -> Message | None:
    """The message, if it is ours to send; nothing leaves of a deleted ticket, nor a machine's reply after a human's."""
    message = tx.deliveries.claim(event.message_id)
    if message is None or message.ticket_id is None:
        return message
    ticket = tx.tickets.get(message.ticket_id, deleted=True)
    automatic = message.author_kind != "agent" and message.visibility == "public" and not message.by_rule
    if ticket.deleted_at or (automatic and human_in_charge(ticket)):
        tx.deliveries.record(message.id, "cancelled")
        return None
    return message


def _files(sender: Sender, enclosed: Sequence[Attachment]) -> list[compose.EnclosedFile]:
    """With their bytes. Raises PermanentFailure when one is gone: the mail must not leave without it unnoticed."""
    files = []
    for file in enclosed:
        try:
            content = sender.attachments.get(file.object_key) if sender.attachments else None
        except NotFound:
            content = None
        if content is None:
            raise PermanentFailure(f"the attachment {file.name} is not there any more")
        files.append(compose.EnclosedFile(file.name, file.content_type, content))
    return files


def _reply_to(sender: Sender, message: Message) -> str:
    if message.ticket_id is None or not message.recipient:
        return sender.sender
    return sender.addresses.for_ticket(message.ticket_id, message.recipient)


def _fail(store: Store, envelope: Envelope, message: Message, state: str, error: Exception) -> None:
    """A mail that did not certainly go out is something an agent must see."""
    with store.begin(envelope.workspace_id) as tx:
        tx.deliveries.record(message.id, "failed" if state == "failed" else "unknown")
        if message.ticket_id:
            ticket = tx.tickets.get(message.ticket_id, deleted=True)
            tell_human(tx, ticket, f"Mail to {message.recipient} in #{ticket.number}: {state}. {error}"[:500])
