"""The endpoints a chat widget calls. Whoever holds a session's id may read it: ids are unguessable."""

import time
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.sse import EventSourceResponse

from functions.chat.models import ChatRequest, ChatResponse, MessagePage, MessageView
from functions.chat.streaming import EVENT_STREAM, STREAM_EXAMPLE, can_stream, stream
from supportmax.domain.ids import parse_id
from supportmax.runtime import rate_limits
from supportmax.runtime.emf import note_turn
from supportmax.runtime.http import After, CustomerWorkspace, Limit, Tools, cursor, page
from supportmax.runtime.rate_limits import Policy
from supportmax.services.answering.guard import accept_message
from supportmax.services.answering.speak import Say
from supportmax.services.take_chat_turn import ChatReply, take_chat_turn

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
    if session_id:
        policy = Policy("chat", tools.settings.rate_limit_chat)
        rate_limits.count(request, tools, workspace_id, f"chat:{session_id}", policy)
    answerer, promise, store = tools.answerer_for(workspace_id), tools.settings.response_promise, tools.store

    def take(say: Say | None) -> ChatReply:
        started = time.perf_counter()
        reply = take_chat_turn(replace(answerer, say=say), store, workspace_id, text, session_id, promise)
        note_turn(reply.answer.action, (time.perf_counter() - started) * 1000)
        return reply

    return stream(take, request) if can_stream(request) else ChatResponse.of(take(None))


@router.get(
    "/v1/sessions/{session_id}/messages",
    summary="List a session's messages",
    responses={401: {"description": "The widget key is not known."}},
)
async def list_session_messages(
    session_id: Annotated[
        str, Path(description="A session's id, as `POST /chat` gave it.", json_schema_extra={"format": "uuid"})
    ],
    tools: Tools,
    workspace_id: CustomerWorkspace,
    after: After = None,
    limit: Limit = 50,
) -> MessagePage:
    """Oldest first, with replies of agents; internal notes are left out. Whoever holds the id may read it."""
    wanted = parse_id(session_id, "session")
    with tools.store.begin(workspace_id) as tx:
        tx.sessions.get(wanted)
        rows = tx.messages.of_session(wanted, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda m: m.id)
    return MessagePage(messages=[MessageView.of(m) for m in shown], next_cursor=next_cursor)
