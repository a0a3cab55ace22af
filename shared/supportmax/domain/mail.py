"""A mail as people see it, independent of MIME."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class AutoKind(StrEnum):
    """Why a machine and not a person sent it."""

    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LIST = "list"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class MailAddress:
    """A mailbox; `name` is the display name, "" when there is none."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        """`Ann Lee <ann@example.com>`, with quotes where the name needs them."""
        if not self.name:
            return self.address
        escaped = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return (
            f'"{escaped}" <{self.address}>'
            if set(self.name) & set('()<>[]:;@\\,."')
            else f"{self.name} <{self.address}>"
        )


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """A file in a mail: `name` is safe for a file system, `content` is decoded, `size` is its length in bytes.

    `inline` says that the HTML shows it by its `content_id` (without angle brackets).
    """

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str | None = None
    inline: bool = False

    @property
    def size(self) -> int:
        """Decoded length in bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail read into text.

    `text` is the whole body as plain text; `reply_text` what the sender wrote now, `quoted_text` the quotes and the
    signature below it. `html` is sanitised, None when the sender sent none. `date` is aware and in UTC.
    `auto_submitted` is a reason such as "Auto-Submitted: auto-replied" when no person sent it, `auto_kind` its kind.
    Message ids carry their angle brackets.
    """

    message_id: str | None
    from_: MailAddress | None
    to: tuple[MailAddress, ...]
    cc: tuple[MailAddress, ...]
    reply_to: tuple[MailAddress, ...]
    subject: str
    date: datetime | None
    text: str
    html: str | None
    reply_text: str
    quoted_text: str
    attachments: tuple[MailAttachment, ...]
    auto_submitted: str | None
    auto_kind: AutoKind | None
    in_reply_to: str | None
    references: tuple[str, ...]

    def to_json_dict(self) -> dict[str, Any]:
        """What `supportmax mail parse --json` prints for a file, without the file's name."""
        return {
            "message_id": self.message_id,
            "from": str(self.from_) if self.from_ else None,
            "to": [str(address) for address in self.to],
            "subject": self.subject,
            "date": self.date.isoformat() if self.date else None,
            "text": self.text,
            "reply_text": self.reply_text,
            "attachments": [{"name": a.name, "type": a.content_type, "size": a.size} for a in self.attachments],
            "auto_submitted": self.auto_submitted,
            "error": None,
        }
