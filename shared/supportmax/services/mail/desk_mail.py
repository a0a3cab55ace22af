"""A mail that the desk itself writes to somebody, in no thread: a link, a notice, a question."""

from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.services.mail.compose import MailPolicy


def desk_mail(mail_id: UUID, desk: tuple[str, str], recipient: str, subject: str, text: str) -> EmailMessage:
    """`desk` is its name and its address. The same `mail_id` makes the same Message-ID when it is sent again."""
    name, address = desk
    mail = EmailMessage(MailPolicy())
    mail["From"] = formataddr((one_line(name), address))
    mail["To"] = recipient
    mail["Subject"] = one_line(subject)
    mail["Date"] = format_datetime(utcnow())
    mail["Message-ID"] = f"<{mail_id}@{address.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text, cte="quoted-printable")
    return mail


def one_line(text: str) -> str:
    return " ".join(text.split())
