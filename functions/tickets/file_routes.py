"""Files of messages: up to the object store and down from it, past the functions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints

from functions.tickets.common import TicketId
from supportmax.domain.ids import parse_id
from supportmax.runtime.http import Body, SignedIn, Tools
from supportmax.services.share_files import UPLOAD_LIMIT, FileRequest, download_link, request_upload

router = APIRouter(tags=["Tickets"])


class UploadBody(Body):
    """The file that you want to attach."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    content_type: Annotated[str, StringConstraints(max_length=200, to_lower=True)]
    size: Annotated[int, Field(ge=1, le=UPLOAD_LIMIT, description="In bytes, exactly.")]


class UploadView(Body):
    """Send `fields` and then the file, as `file`, to `url` as multipart/form-data (POST)."""

    id: UUID = Field(description="For the `upload_ids` of a message.")
    name: str = Field(description="As it is stored: safe in any file system.")
    url: str
    fields: dict[str, str]
    expires_at: datetime


class DownloadView(Body):
    """A file; `url` gives it to whoever has it until `expires_at`."""

    id: UUID
    message_id: UUID
    name: str
    content_type: str
    size: int
    url: str
    expires_at: datetime


@router.post(
    "/v1/tickets/{ticket_id}/uploads",
    status_code=201,
    summary="Upload a file for a message",
    responses={409: {"description": "The ticket was merged."}},
)
async def begin_upload(ticket_id: TicketId, body: UploadBody, agent: SignedIn, tools: Tools) -> UploadView:
    """Gives a form that takes this one file. A message with its `upload_ids` makes it an attachment; an upload that no
    message takes is forgotten after a day. Programs are refused.
    """
    wanted = FileRequest(body.name, body.content_type, body.size)
    with tools.store.begin(agent.workspace_id) as tx:
        made = request_upload(tx, tools.file_links, parse_id(ticket_id, "ticket"), wanted, agent.user)
    upload, form, expires_at = made
    return UploadView(id=upload.id, name=upload.name, url=form.url, fields=dict(form.fields), expires_at=expires_at)


@router.get("/v1/attachments/{attachment_id}", summary="Download a file of a message")
async def get_attachment(
    attachment_id: Annotated[str, Path(description="An attachment's id.", json_schema_extra={"format": "uuid"})],
    agent: SignedIn,
    tools: Tools,
) -> DownloadView:
    """The link is good for five minutes, and always saves the file: nothing of a stranger's runs in your page."""
    with tools.store.begin(agent.workspace_id) as tx:
        found = tx.attachments.get(parse_id(attachment_id, "attachment"))
    url, expires_at = download_link(tools.file_links, found)
    return DownloadView(
        id=found.id,
        message_id=found.message_id,
        name=found.name,
        content_type=found.content_type,
        size=found.size,
        url=url,
        expires_at=expires_at,
    )
