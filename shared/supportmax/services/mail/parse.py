"""The front door: raw bytes of a mail to `ParsedMail`."""

import re
from datetime import UTC, datetime
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parsedate_to_datetime

from supportmax.domain.errors import InvalidInput, TooLarge
from supportmax.domain.mail import ParsedMail
from supportmax.services.mail.addresses import addresses
from supportmax.services.mail.auto_submitted import detect_auto_submitted
from supportmax.services.mail.body import read_body
from supportmax.services.mail.charsets import clean_line
from supportmax.services.mail.headers import RawHeaders, RawMessage, attempt, decode_words, raw_header, text_header
from supportmax.services.mail.html_text import sanitise_html
from supportmax.services.mail.reply_text import split_reply

MAX_MAIL_BYTES = 40 * 1024 * 1024  # what SES accepts
_LEADING_BLANK = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n)*")
_KNOWN_HEADERS = frozenset(
    {"from", "to", "cc", "bcc", "subject", "date", "message-id", "received", "mime-version", "content-type"}
    | {"return-path", "reply-to", "sender", "delivered-to", "in-reply-to", "references", "x-envelope-from"}
)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")
_COMMENT = re.compile(r"\([^()]*\)")
_MAX_REFERENCES = 100


def parse_mail(raw: bytes) -> ParsedMail:
    """Read a mail (at most 40 MiB).

    Raises InvalidInput for what is no mail at all (empty, binary, no headers); anything else gives as much as can be
    read of it, however broken.
    """
    message = _read_message(raw)
    body = read_body(message)
    text = body.text()
    split = split_reply(text)
    senders = addresses(message, "From")
    auto = detect_auto_submitted(message, text)
    html = body.html()
    return ParsedMail(
        message_id=_message_id(message),
        from_=senders[0] if senders else None,
        to=addresses(message, "To"),
        cc=addresses(message, "Cc"),
        reply_to=addresses(message, "Reply-To"),
        subject=text_header(message, "Subject"),
        date=_date(raw_header(message, "Date")),
        text=text,
        html=sanitise_html(html) if html is not None else None,
        reply_text=split.reply,
        quoted_text=split.folded,
        attachments=tuple(body.attachments),
        auto_submitted=clean_line(auto[1]) if auto else None,
        auto_kind=auto[0] if auto else None,
        in_reply_to=next(iter(_message_ids(raw_header(message, "In-Reply-To"))), None),
        references=_message_ids(raw_header(message, "References"))[-_MAX_REFERENCES:],
    )


def _read_message(raw: bytes) -> RawMessage:
    if len(raw) > MAX_MAIL_BYTES:
        raise TooLarge(f"The mail has {len(raw)} bytes; at most {MAX_MAIL_BYTES} are accepted.")
    raw = _LEADING_BLANK.sub(b"", raw, count=1)
    if not raw.strip(b"\x00 \t\r\n"):
        raise InvalidInput("Not a mail: the file is empty.")
    message = _parse(raw)
    if not _KNOWN_HEADERS & {name.lower() for name in message}:
        raise InvalidInput("Not a mail: it does not begin with mail headers such as From, To or Subject.")
    return message


def _parse(raw: bytes) -> RawMessage:
    """The MIME tree; of a tree too deep for the standard library only headers and source text."""
    policy = RawHeaders()
    try:
        return BytesParser(policy=policy).parsebytes(raw)
    except RecursionError:
        return BytesHeaderParser(policy=policy).parsebytes(raw)


def _message_id(message: RawMessage) -> str | None:
    value = clean_line(decode_words(raw_header(message, "Message-ID")))
    return next(iter(_message_ids(value)), None) or (f"<{value}>" if re.fullmatch(r"[^\s<>]{3,990}", value) else None)


def _message_ids(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean_line(found) for found in _MESSAGE_ID.findall(value)))


def _date(value: str) -> datetime | None:
    """The Date header in UTC; None when missing or impossible. A date without a zone counts as UTC."""
    return attempt(lambda: _utc(_COMMENT.sub(" ", value)), None)


def _utc(value: str) -> datetime:
    moment = parsedate_to_datetime(clean_line(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
