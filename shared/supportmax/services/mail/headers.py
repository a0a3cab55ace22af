"""Header values as text: folded lines, RFC 2047 words, RFC 2231 parameters, raw 8-bit bytes."""

import base64
import binascii
import re
from collections.abc import Callable
from email.message import Message
from email.policy import Compat32
from typing import Any, TypeAlias, TypeVar

from supportmax.services.mail.charsets import clean_line, decode_bytes

T = TypeVar("T")
RawMessage: TypeAlias = "Message[str, str]"

_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*)*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?[^?\s]+\?[bBqQ]\?)")
_SURROGATE = re.compile("[\ud800-\udfff]")


class RawHeaders(Compat32):
    """The oldest policy (it never raises), giving header values as they stand."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """The value unchanged; bytes above 127 are surrogate escapes."""
        return value


def children(part: RawMessage) -> list[RawMessage]:
    """The parts of a multipart, or the one mail that a message part encloses; empty for a leaf."""
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def attempt(read: Callable[[], T], fallback: T) -> T:
    """`read()`, or `fallback` where the standard library stumbles over hostile input."""
    try:
        return read()
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return fallback


def text_header(message: RawMessage, name: str) -> str:
    """A header for people to read: decoded, on one line; "" when missing."""
    return clean_line(decode_words(raw_header(message, name)))


def raw_header(message: RawMessage, name: str) -> str:
    """First value of a header, 8-bit bytes decoded, encoded words left alone; "" when missing."""
    return unescape_bytes(str(message.get(name, "") or ""))


def raw_headers(message: RawMessage, name: str) -> list[str]:
    """Every value of a header."""
    return [unescape_bytes(str(value)) for value in message.get_all(name) or []]


def unescape_bytes(value: str) -> str:
    """Bytes that the parser smuggled through as surrogates become text."""
    if not _SURROGATE.search(value):
        return value
    if not _is_escaped(value):
        return _SURROGATE.sub("", value)
    return decode_bytes(value.encode("utf-8", "surrogateescape"), None)


def _is_escaped(value: str) -> bool:
    return all("\udc80" <= char <= "\udcff" for char in _SURROGATE.findall(value))


def decode_words(value: str) -> str:
    """Decode RFC 2047 encoded words; neighbours in one charset are joined first, for they may split a character."""
    value = _BETWEEN_WORDS.sub(r"\1\2", value.replace("\r", "").replace("\n", ""))
    out: list[str] = []
    pending, charset, position = b"", "", 0
    for match in _WORD.finditer(value):
        if pending and (match.start() != position or match[1].lower() != charset):
            out.append(decode_bytes(pending, charset))
            pending = b""
        out.append(value[position : match.start()])
        pending, charset, position = pending + _word_bytes(match[2], match[3]), match[1].lower(), match.end()
    out.extend((decode_bytes(pending, charset) if pending else "", value[position:]))
    return "".join(out)


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "surrogateescape")
    if encoding in "bB":
        return decode_base64(data)
    return binascii.a2b_qp(data, header=True)


def decode_base64(data: bytes) -> bytes:
    """Base64 with missing padding or foreign characters; what cannot be read is left out."""
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    return base64.b64decode(data[: len(data) - 1 if len(data) % 4 == 1 else None] + b"=" * (-len(data) % 4))


def parameter(message: RawMessage, name: str, header: str) -> str:
    """A parameter of a header (RFC 2231 and RFC 2047 decoded), such as filename or charset; "" when missing."""
    value: Any = attempt(lambda: message.get_param(name, None, header), None)
    if value is None:
        return ""
    if isinstance(value, tuple):
        charset, _, text = value
        return clean_line(decode_bytes(_latin_bytes(text), charset or None))
    return clean_line(decode_words(unescape_bytes(str(value))))


def _latin_bytes(text: str) -> bytes:
    """The standard library hands RFC 2231 values over as Latin-1 characters that stand for bytes."""
    return text.encode("latin-1") if max(text, default="") <= "\xff" else text.encode("utf-8", "surrogateescape")
