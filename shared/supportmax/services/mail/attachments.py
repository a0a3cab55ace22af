"""Files in a mail: decoded bytes under a name that is safe in any file system or object store."""

import mimetypes
import re
from email.generator import BytesGenerator
from io import BytesIO

from supportmax.domain.mail import MailAttachment
from supportmax.services.mail.charsets import clean_line
from supportmax.services.mail.headers import RawMessage, attempt, children, parameter, raw_header, text_header

_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
_CONTENT_TYPE = re.compile(r"[a-z0-9.+_-]{1,100}/[a-z0-9.+_-]{1,100}")
_MAX_NAME_BYTES = 180
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_EXTENSIONS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "image/jpeg": ".jpg",
    "text/plain": ".txt",
    "application/pgp-signature": ".asc",
}


def file_name(part: RawMessage) -> str:
    """The name that the sender gave the part, "" when none."""
    return parameter(part, "filename", "content-disposition") or parameter(part, "name", "content-type")


def to_attachment(part: RawMessage, number: int) -> MailAttachment:
    """A leaf part, or a whole enclosed mail, as a file; `number` names it when the sender did not."""
    content_type = part.get_content_type()
    if not _CONTENT_TYPE.fullmatch(content_type):
        content_type = "application/octet-stream"
    content_id = clean_line(raw_header(part, "content-id")).strip("<> ") or None
    disposition = raw_header(part, "content-disposition").strip().lower()
    return MailAttachment(
        name=safe_name(file_name(part) or _invented_name(part, content_type, number)),
        content_type=content_type,
        content=part_bytes(part),
        content_id=content_id,
        inline=content_id is not None and not disposition.startswith("attachment"),
    )


def part_bytes(part: RawMessage) -> bytes:
    """Decoded content; for an enclosed mail its source."""
    if part.is_multipart():
        return attempt(lambda: _source(part), b"")
    payload = attempt(lambda: part.get_payload(decode=True), None)
    return payload if isinstance(payload, bytes) else b""


def _source(part: RawMessage) -> bytes:
    """The enclosed mail (or report blocks) without the headers of the part that carries it."""
    out = BytesIO()
    for block in children(part):
        BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(block)
    return out.getvalue()


def safe_name(name: str) -> str:
    """The last part of a path without characters that mean something to a shell, a URL or Windows."""
    name = clean_line(re.split(r"[/\\]", name)[-1])
    name = _FORBIDDEN.sub("_", name).lstrip(". ").rstrip(". ")
    if _RESERVED.match(name):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    suffix = f"{dot}{extension}" if stem and len(extension) <= 16 else ""
    stem = name.removesuffix(suffix) if suffix else name
    room = _MAX_NAME_BYTES - len(suffix.encode())
    return (stem.encode()[:room].decode(errors="ignore") + suffix) or "attachment"


def _invented_name(part: RawMessage, content_type: str, number: int) -> str:
    extension = (
        _EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type) or _text_or_binary(content_type)
    )
    subject = ""
    if content_type in {"message/rfc822", "message/global"}:
        subject = next((text_header(mail, "subject") for mail in children(part)), "")
    stem = subject.replace("/", "-").replace(": ", " ")[:80]
    return f"{stem or f'attachment-{number}'}{extension}"


def _text_or_binary(content_type: str) -> str:
    return ".txt" if content_type.startswith(("text/", "message/")) else ".bin"
