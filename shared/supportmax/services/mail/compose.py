"""The raw mail of a reply: threaded for every client, and recognisable as automatic where it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message
from supportmax.domain.errors import PermanentFailure


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who it is from, to whom, and where an answer goes."""

    sender: str
    sender_name: str
    reply_to: str


class MailPolicy(EmailPolicy):
    """Writes what the standard library's policy gets wrong.

    It encodes a Message-ID that is longer than a line like a word of another language, and then no client finds the
    thread (ids of Exchange are that long); and it loses spaces where it folds a subject with such words.
    """

    _IDS = frozenset({"message-id", "in-reply-to", "references"})

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in self._IDS:
            return f"{name}: {f'{self.linesep} '.join(value.split())}{self.linesep}".encode("ascii", "ignore")
        if name.lower() == "subject" and not value.isascii():
            words = Header(value, "utf-8", header_name=name).encode(linesep=self.linesep)
            return f"{name}: {words}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


def reply_subject(subject: str) -> str:
    """`Re: …`, once."""
    line = " ".join(subject.split())
    return line if line[:3].lower() == "re:" else f"Re: {line}"


@dataclass(frozen=True, slots=True)
class EnclosedFile:
    """A file that goes with the mail."""

    name: str
    content_type: str
    content: bytes


def raw_mail(message: Message, envelope: Envelope, files: Sequence[EnclosedFile] = ()) -> bytes:
    """RFC 5322 bytes of a stored message. Raises PermanentFailure if it has no recipient.

    A machine's mail says so (RFC 3834), which keeps other machines from answering it.
    """
    if not message.recipient:
        raise PermanentFailure("the message has no recipient")
    mail = EmailMessage(MailPolicy())
    mail["From"] = formataddr((envelope.sender_name, envelope.sender))
    mail["To"] = message.recipient
    mail["Reply-To"] = envelope.reply_to
    mail["Subject"] = " ".join((message.subject or "Your request").split())
    mail["Date"] = format_datetime(utcnow())
    mail["Message-ID"] = message.mail_message_id
    if message.in_reply_to:
        mail["In-Reply-To"] = message.in_reply_to
    if message.mail_references:
        mail["References"] = " ".join(message.mail_references)
    if message.author_kind in {"assistant", "system"}:
        mail["Auto-Submitted"] = "auto-replied" if message.visibility == "public" else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.body)
    for file in files:
        main, _, sub = file.content_type.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    return mail.as_bytes()
