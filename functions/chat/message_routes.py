"""The messages of a session: written by its visitor, read by short polling."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.sse import EventSourceResponse

from functions.chat.models import ChatResponse, MessagePage, MessageView, SaidMessage, SessionState
from functions.chat.session_routes import GUESTS
from functions.chat.streaming import EVENT_STREAM, STREAM_EXAMPLE
from functions.chat.turn import answer
from supportmax.domain.chats import Sighting
from supportmax.runtime.http import After, Limit, Tools, WidgetKeyHeader, cursor, page
from supportmax.runtime.idempotency import HEADER
from supportmax.runtime.versions import is_known
from supportmax.runtime.visitors import SessionId, SessionToken, Visiting, look_in
from supportmax.services.answering.guard import accept_message
from supportmax.services.take_chat_turn import Said

router = APIRouter(tags=["Widget"])


@router.post(
    "/v1/sessions/{session_id}/messages",
    status_code=201,
    summary="Say something in a chat",
    response_model=ChatResponse,
    responses={
        **GUESTS,
        201: {
            "description": "The message is stored; this is the desk's reply.",
            "content": {EVENT_STREAM: {"schema": {"type": "string"}, "example": STREAM_EXAMPLE}},
        },
        409: {"description": "The chat has ended; or the Idempotency-Key was used before, or is worked on."},
        413: {"description": "The message is too long."},
    },
)
async def add_session_message(
    body: SaidMessage, guest: Visiting, request: Request, tools: Tools
) -> ChatResponse | EventSourceResponse:
    """What `POST /chat` does, in a chat with a token.

    Send a new `Idempotency-Key` with each message, and the same one when you send it again, be it days later: it is
    stored once for as long as the chat is there. Without a key, every request is a message.
    """
    said = Said(accept_message(body.message), guest.chat.id, with_token=True, key=request.headers.get(HEADER))
    return answer(request, tools, guest.workspace_id, said)


@router.get(
    "/v1/sessions/{session_id}/messages",
    summary="List a session's messages",
    responses={**GUESTS, 304: {"description": "Nothing is new."}},
)
async def list_session_messages(
    session_id: SessionId,
    request: Request,
    response: Response,
    tools: Tools,
    token: SessionToken = "",
    x_widget_key: WidgetKeyHeader = "",
    if_none_match: Annotated[str, Header(description="The `ETag` of the answer before: 304 if nothing is new.")] = "",
    after: After = None,
    limit: Limit = 50,
) -> MessagePage:
    """Oldest first, with replies of agents; internal notes are left out.

    To hear what is new, ask every second or two with the last message's id as `after`, and with the `ETag` as
    `If-None-Match`: it changes with every message, with typing, with what was read. A session of `POST /chat` needs no
    token: whoever holds its id may read it.
    """
    _, seen = await look_in(request, tools, (session_id, token, x_widget_key), cursor(after), limit + 1)
    tag = f'"{seen.chat.version}"'
    if not seen.messages and is_known(if_none_match, tag):  # the tag tells of the chat, not of the page
        return Response(status_code=304, headers={"ETag": tag})  # type: ignore[return-value]
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "no-cache"
    return _page(seen, limit)


def _page(seen: Sighting, limit: int) -> MessagePage:
    shown, next_cursor = page(seen.messages, limit, lambda m: m.id)
    messages = [MessageView.of(message) for message in shown]
    return MessagePage(messages=messages, next_cursor=next_cursor, session=SessionState.of(seen.chat))
