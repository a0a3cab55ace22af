"""Walk a MIME tree: which parts are the body, which are files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import chain, islice

from supportmax.domain.mail import MailAttachment
from supportmax.services.mail.attachments import file_name, part_bytes, to_attachment
from supportmax.services.mail.charsets import clean_text, decode_bytes
from supportmax.services.mail.flowed import unflow
from supportmax.services.mail.headers import RawMessage, children, parameter, raw_header
from supportmax.services.mail.html_text import html_to_text

MAX_DEPTH = 30
MAX_PARTS = 500
MAX_BODY_CHARS = 2_000_000
_MAX_ENCLOSED = 5
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_NAMES_HTML = re.compile(r"\bhtml\b", re.IGNORECASE)
_ABOUT_READING = re.compile(
    r"\b(?:view|display|support|client|read|program|anzeig|darstell|afficher|mostrar|visualizz)", re.IGNORECASE
)


@dataclass(slots=True)
class Segment:
    """One piece of the body in the forms in which it was sent."""

    plain: str | None = None
    html: str | None = None

    def as_text(self) -> str:
        """Plain text; a plain form beside HTML that is empty or only says "this is HTML" counts as not sent."""
        plain = self.plain or ""
        if not self.html or (plain.strip() and not _is_html_note(plain)):
            return plain
        return html_to_text(self.html) or plain

    def as_html(self) -> str:
        """The HTML form, or the plain one escaped."""
        return self.html if self.html is not None else f"<pre>{escape(self.plain or '')}</pre>"


def _is_html_note(plain: str) -> bool:
    plain = plain.strip()
    is_short = len(plain) < 250 and plain.count("\n") < 4
    return is_short and bool(_NAMES_HTML.search(plain) and _ABOUT_READING.search(plain))


@dataclass(slots=True)
class Body:
    """What a mail holds: body segments in order, and files."""

    segments: list[Segment] = field(default_factory=list)
    attachments: list[MailAttachment] = field(default_factory=list)
    parts: int = 0

    def text(self) -> str:
        """The whole body as plain text."""
        texts = [segment.as_text().strip("\n") for segment in self.segments]
        return clean_text("\n\n".join(text for text in texts if text.strip()))[:MAX_BODY_CHARS].rstrip()

    def html(self) -> str | None:
        """The whole body as (unsafe) HTML, None when no segment had any."""
        if not any(segment.html for segment in self.segments):
            return None
        return clean_text("\n".join(segment.as_html() for segment in self.segments))


def read_body(message: RawMessage) -> Body:
    """Body and files of a mail. A mail that only encloses another one shows the text of that one."""
    body = Body()
    body.segments = _collect(message, body, depth=0, is_root=True)
    if not any(segment.plain or segment.html for segment in body.segments):
        body.segments = _enclosed(message) or body.segments
    return body


def _collect(part: RawMessage, body: Body, *, depth: int, is_root: bool = False) -> list[Segment]:
    body.parts += 1
    if body.parts > MAX_PARTS:
        return []
    kind = part.get_content_type()
    if part.is_multipart() and kind.startswith("multipart/") and depth < MAX_DEPTH and not _is_file(part):
        found = [_collect(child, body, depth=depth + 1) for child in children(part)]
        return _merge_alternatives(found) if kind == "multipart/alternative" else list(chain.from_iterable(found))
    if _is_body(part, kind, is_root=is_root):
        return [_segment(part, kind)]
    body.attachments.append(to_attachment(part, len(body.attachments) + 1))
    return []


def _is_file(part: RawMessage) -> bool:
    return raw_header(part, "content-disposition").strip().lower().startswith("attachment")


def _is_body(part: RawMessage, kind: str, *, is_root: bool) -> bool:
    """Text that the sender's program shows in line. A lone multipart without parts is text that lost its marks."""
    if part.is_multipart() or _is_file(part):
        return False
    if kind.startswith("multipart/"):
        return True
    return kind in {"text/plain", "text/html"} and (is_root or not file_name(part))


def _segment(part: RawMessage, kind: str) -> Segment:
    data = part_bytes(part)[: 4 * MAX_BODY_CHARS]
    charset = parameter(part, "charset", "content-type") or None
    if kind == "text/html":
        meta = _META_CHARSET.search(data[:2048]) if charset is None else None
        declared = meta[1].decode("ascii", "ignore") if meta else charset
        return Segment(html=clean_text(decode_bytes(data, declared)))
    text = clean_text(decode_bytes(data, charset))
    if parameter(part, "format", "content-type").lower() == "flowed":
        text = unflow(text, delete_space=parameter(part, "delsp", "content-type").lower() == "yes")
    return Segment(plain=text)


def _merge_alternatives(found: list[list[Segment]]) -> list[Segment]:
    """One segment: the first plain form, and the last (best) HTML form that is a form of its own."""
    plains = [some for some in found if any(one.plain is not None for one in some)]
    htmls = [some for some in found if any(one.html is not None for one in some)]
    plain = "\n\n".join(one.as_text() for one in plains[0]) if plains else None
    html = "\n".join(one.as_html() for one in htmls[-1]) if htmls else None
    return [Segment(plain=plain, html=html)] if plain is not None or html is not None else []


def _enclosed(message: RawMessage) -> list[Segment]:
    """Segments of the first mail inside that has any, for "forward as attachment" without a word of its own."""
    for inner in islice(_inner_mails(message), _MAX_ENCLOSED):
        segments = _collect(inner, Body(), depth=1, is_root=True)
        if any(segment.plain or segment.html for segment in segments):
            return segments
    return []


def _inner_mails(message: RawMessage) -> Iterator[RawMessage]:
    for part in message.walk():
        if part.get_content_type() in {"message/rfc822", "message/global"}:
            yield from children(part)
