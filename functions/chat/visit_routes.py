"""What visitors do in a chat beside talking: they type, read, end it, and take a transcript along."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from functions.chat.session_routes import GUESTS, SessionView, VisitorEmail
from supportmax.runtime.http import Body, Tools
from supportmax.runtime.rate_limits import address_of
from supportmax.runtime.visitors import Visiting
from supportmax.services.mail_transcript import mail_transcript
from supportmax.services.steer_chat import Steering, steer_as_visitor

router = APIRouter(tags=["Widget"])


class Visit(Body):
    """What the visitor does; a field that is left out stays."""

    typing: bool | None = Field(default=None, description="Say it every few seconds; it is forgotten after eight.")
    read: Annotated[int, Field(ge=0, le=2**53)] | None = Field(
        default=None, description="The `position` up to which they have read. It never goes back."
    )
    end: Literal[True] | None = Field(default=None, description="The chat is over; it can still be read.")


class TranscriptWish(Body):
    """Where the transcript shall go."""

    email: VisitorEmail | None = Field(
        default=None, description="Needed where the chat has none; else it is the chat's own address, or left out."
    )


class TranscriptView(Body):
    """Where it goes."""

    email: str


@router.patch(
    "/v1/sessions/{session_id}",
    summary="Tell what a visitor does in a chat",
    responses=GUESTS | {409: {"description": "The chat has ended."}},
)
async def update_session(body: Visit, guest: Visiting, tools: Tools) -> SessionView:
    """They type, have read, or end it. Agents see that in the ticket's chat."""
    wanted = Steering(typing=body.typing, read=body.read, end=bool(body.end))
    with tools.store.begin(guest.workspace_id) as tx:
        return SessionView.of(steer_as_visitor(tx, guest.chat, wanted))


@router.post(
    "/v1/sessions/{session_id}/transcript",
    status_code=202,
    summary="Mail a chat's transcript",
    responses=GUESTS | {409: {"description": "It was sent already, or there is nothing to send, or no address."}},
)
async def mail_session_transcript(
    body: TranscriptWish, guest: Visiting, request: Request, tools: Tools
) -> TranscriptView:
    """To the visitor's own address, once a chat; a verified visitor may ask again the next day."""
    with tools.store.begin(guest.workspace_id) as tx:
        address = mail_transcript(tx, guest.chat, body.email, address_of(request), tools.settings.mail_domain)
    return TranscriptView(email=address)
