"""The older way to chat: whoever holds a session's id may go on with it, for ids are unguessable."""

from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse

from functions.chat.models import ChatRequest, ChatResponse
from functions.chat.streaming import EVENT_STREAM, STREAM_EXAMPLE
from functions.chat.turn import answer
from supportmax.domain.ids import parse_id
from supportmax.runtime.http import CustomerWorkspace, Tools
from supportmax.services.answering.guard import accept_message
from supportmax.services.take_chat_turn import Said

router = APIRouter(tags=["Chat"])


@router.post(
    "/chat",
    summary="Take one chat turn",
    response_model=ChatResponse,
    responses={
        200: {
            "description": "The desk's reply.",
            "content": {EVENT_STREAM: {"schema": {"type": "string"}, "example": STREAM_EXAMPLE}},
        },
        401: {"description": "The widget key is not known."},
        404: {"description": "There is no such session."},
        413: {"description": "The message is too long."},
        429: {"description": "Too many messages; `Retry-After` says how many seconds to wait."},
    },
)
async def chat(
    body: ChatRequest, request: Request, tools: Tools, workspace_id: CustomerWorkspace
) -> ChatResponse | EventSourceResponse:
    """The desk answers from the knowledge base with its sources, asks back, or hands over to a human.

    A short follow-up such as *"and how long does that take?"* is understood in the light of the earlier turns.
    Once an agent has replied in the session's ticket, the machine stays silent and passes messages on.

    With `Accept: text/event-stream` a server that can stream (the container, not Lambda) sends events: `delta`
    (`{"text"}`, whole sentences, each checked against its sources before it leaves), then `final` (the response as
    below, which replaces the deltas) or `error` (a problem document). The turn is recorded even if you hang up.
    """
    text = accept_message(body.message)  # before anything is looked up
    session_id = parse_id(body.session_id, "session") if body.session_id else None
    return answer(request, tools, workspace_id, Said(text, session_id))
