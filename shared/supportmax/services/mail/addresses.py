"""Address headers: people and their mailboxes."""

import re
from email.utils import getaddresses
from inspect import signature
from typing import Any

from supportmax.domain.mail import MailAddress
from supportmax.services.mail.charsets import clean_line
from supportmax.services.mail.headers import RawMessage, attempt, decode_words, raw_headers

# The strict reader, younger than some Pythons we run on, drops a whole header for one bad address in it.
_LENIENT: dict[str, Any] = {"strict": False} if "strict" in signature(getaddresses).parameters else {}
_MAX_CHARS = 100_000
_MAX_ADDRESSES = 500
_BARE = re.compile(r"[^\s<>()\",;:@]{1,64}@[^\s<>()\",;:@]{1,255}")
_GROUPED_BY_SEMICOLON = re.compile(r";\s*(?=[^;]*@)")


def addresses(message: RawMessage, name: str) -> tuple[MailAddress, ...]:
    """All mailboxes of an address header, in order, without repeats; what is not an address is left out."""
    value = ", ".join(raw_headers(message, name))[:_MAX_CHARS]
    value = _comma_separated(value.replace("\r", "").replace("\n", " "))
    found = [_address(display, mailbox) for display, mailbox in _pairs(value)]
    known = [one for one in found if one is not None] or _bare(value)
    return tuple(dict.fromkeys(known))[:_MAX_ADDRESSES]


def _comma_separated(value: str) -> str:
    """Outlook writes `a@x; b@y`, which the standard reads as a group; real groups (`name: …;`) stay."""
    return value if ":" in value else _GROUPED_BY_SEMICOLON.sub(", ", value).rstrip("; ")


def _pairs(value: str) -> list[tuple[str, str]]:
    return attempt(lambda: getaddresses([value], **_LENIENT), [])


def _address(display: str, mailbox: str) -> MailAddress | None:
    mailbox = clean_line(decode_words(mailbox)).strip("<>\"' ").replace(" ", "")
    if not _BARE.fullmatch(mailbox):
        return None
    name = clean_line(decode_words(display)).strip("\"' ")
    return MailAddress(address=mailbox, name="" if name.lower() == mailbox.lower() else name)


def _bare(value: str) -> list[MailAddress]:
    """Last resort for a header that no rule can read: whatever looks like a mailbox."""
    return [MailAddress(address=match.group(), name="") for match in _BARE.finditer(decode_words(value))]
