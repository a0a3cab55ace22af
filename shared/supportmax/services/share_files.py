"""Files of agents: uploaded straight to the object store, taken by a message, fetched by a link that expires."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Attachment
from supportmax.domain.errors import InvalidInput
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.ticket_work import Upload
from supportmax.ports import Transaction
from supportmax.ports.files import FileLinks, UploadForm
from supportmax.services.current_ticket import changeable
from supportmax.services.mail.attachments import safe_name

UPLOAD_LIMIT = 25 * 1024 * 1024
UPLOAD_TIME = timedelta(minutes=15)
DOWNLOAD_TIME = timedelta(minutes=5)
# An upload that no message took is forgotten after this long.
KEPT = timedelta(days=1)
# What mail services refuse, too: https://support.google.com/mail/answer/6590
_RUNS = re.compile(
    r"(?i)\.(ade|adp|apk|appx|bat|cab|chm|cmd|com|cpl|dll|dmg|exe|hta|ins|iso|jar|jse?|lib|lnk|mde|msc|msi|msp|mst|nsh|"
    r"pif|ps1|scr|sct|shb|sys|vbe?|vbs|vxd|wsc|wsf|wsh)$"
)
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9.+_-]{0,99}/[a-z0-9][a-z0-9.+_-]{0,99}")


@dataclass(frozen=True, slots=True)
class FileRequest:
    """What somebody wants to upload; `size` in bytes."""

    name: str
    content_type: str
    size: int


def request_upload(
    tx: Transaction, links: FileLinks, ticket_id: UUID, wanted: FileRequest, actor: User
) -> tuple[Upload, UploadForm, datetime]:
    """The upload, the form for it, and when that expires.

    Raises NotFound, Conflict for a merged ticket, InvalidInput for a file that is too large or could be run.
    """
    changeable(tx, ticket_id)
    name = safe_name(wanted.name)
    if _RUNS.search(name):
        raise InvalidInput("name: programs and scripts cannot be attached")
    if not _CONTENT_TYPE.fullmatch(wanted.content_type):
        raise InvalidInput("content_type: must be a media type such as application/pdf")
    if not 0 < wanted.size <= UPLOAD_LIMIT:
        raise InvalidInput(f"size: must be 1 to {UPLOAD_LIMIT:,} bytes")
    upload_id = new_id()
    upload = Upload(
        id=upload_id,
        ticket_id=ticket_id,
        name=name,
        content_type=wanted.content_type,
        size=wanted.size,
        object_key=f"{tx.workspace_id}/uploads/{ticket_id}/{upload_id}/{name}",
        created_by=actor.id,
    )
    tx.uploads.add(upload)
    form = links.upload(upload.object_key, upload.content_type, upload.size, UPLOAD_TIME)
    return upload, form, utcnow() + UPLOAD_TIME


def take_uploads(tx: Transaction, links: FileLinks, ticket_id: UUID, upload_ids: Sequence[UUID]) -> list[Upload]:
    """The files for a message of this ticket. Raises InvalidInput for one that is not there, or not any more."""
    found = {upload.id: upload for upload in tx.uploads.take(ticket_id, upload_ids)}
    for upload_id in upload_ids:
        if upload_id not in found:
            raise InvalidInput(f"upload_ids: {upload_id} is no upload of this ticket, or was used before")
        if links.size(found[upload_id].object_key) != found[upload_id].size:
            raise InvalidInput(f"upload_ids: {found[upload_id].name} has not been uploaded yet")
    return [found[upload_id] for upload_id in dict.fromkeys(upload_ids)]


def download_link(links: FileLinks, attachment: Attachment) -> tuple[str, datetime]:
    """A URL for the file, and when it expires."""
    url = links.download(attachment.object_key, attachment.name, attachment.content_type, DOWNLOAD_TIME)
    return url, utcnow() + DOWNLOAD_TIME
