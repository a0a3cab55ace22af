"""Mails as customers send them."""

from email.message import EmailMessage
from uuid import uuid4

from tests.desk import SUPPORT

ANN = "Ann Lee <ann@customer.example>"
ANN_ADDRESS = "ann@customer.example"
MALLORY = "Mallory <mallory@elsewhere.example>"


def letter(text: str, sender: str = ANN, subject: str = "My card", to: str = SUPPORT, **headers: str) -> bytes:
    """A plain mail. Underscores in the names of further headers stand for hyphens."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = "Mon, 23 Nov 2026 10:00:00 +0000"
    mail.set_content(text)
    headers.setdefault("Message_ID", f"<{uuid4()}@customer.example>")
    # By hand: the standard library would encode a long id.
    extra = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return extra.encode() + mail.as_bytes()


def answer_to(mail: EmailMessage, text: str, sender: str = ANN, by: str = "address") -> bytes:
    """A reply to a mail of the desk: to its reply address, or (`by="references"`) as clients that ignore it do."""
    to = str(mail["Reply-To"]) if by == "address" else SUPPORT
    headers = {} if by == "address" else {"In_Reply_To": str(mail["Message-ID"]), "References": str(mail["Message-ID"])}
    return letter(text, sender, f"Re: {mail['Subject']}", to, **headers)
