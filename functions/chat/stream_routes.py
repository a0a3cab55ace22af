"""What is new in a chat, as server-sent events.

Under uvicorn the connection stays open. Behind the gateway, which hands over whole answers only, it tells what is new
and ends: clients of server-sent events come back by themselves, with the id of the last event.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, format_sse_event

from functions.chat.models import MessageView, SessionState
from functions.chat.session_routes import GUESTS
from functions.chat.streaming import EVENT_STREAM, can_stream
from supportmax.domain.chats import Sighting
from supportmax.domain.errors import InvalidInput, SupportMaxError, TransientFailure
from supportmax.runtime import problems
from supportmax.runtime.container import Container
from supportmax.runtime.http import Tools
from supportmax.runtime.visitors import Visiting, page_of
from supportmax.services.visit_chat import see_chat, token_place

router = APIRouter(tags=["Widget"])
EXAMPLE = (
    'id: 019ab0c2-7a88-7f10-b3c2-1a2b3c4d5e6f\nevent: message\ndata: {"id": "019ab0c2-7…", "author": "agent", …}\n\n'
    'event: session\ndata: {"in_charge": "agent", "agent_typing": true, …}\n\n'
)
LOOK_EVERY = 1.0
HEARTBEAT_LOOKS = 10
# A stream ends then, and its client comes back: a server that stops does not wait for long.
LONGEST_LOOKS = 300
RETRY = b"retry: 2000\n\n"
AT_ONCE = 100
# Whoever comes when so many listen to this process hears what is new, and comes back.
MOST = 200
# Each holds a database connection; a look takes a few milliseconds.
THREADS = 2
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="stream")


@router.get(
    "/v1/sessions/{session_id}/stream",
    summary="Hear what is new in a chat",
    response_class=StreamingResponse,  # FastAPI would want a generator for EventSourceResponse
    responses={
        **GUESTS,
        200: {
            "description": "Events, until one of both hangs up.",
            "content": {EVENT_STREAM: {"schema": {}, "example": EXAMPLE}},  # OpenAPI 3.1 has no words for events
        },
    },
)
async def stream_session(
    guest: Visiting,
    request: Request,
    tools: Tools,
    last_event_id: Annotated[str, Header(description="The id of the last event, to go on from there.")] = "",
) -> EventSourceResponse:
    """`message` for each message, `session` with who is in charge, typing and read marks whenever that changes.

    Ask with `Accept: text/event-stream`. Without it, and where a server cannot stream (Lambda behind the gateway), it
    sends what is new and ends; clients come back after two seconds. `error` holds a problem document, such as that the
    token is not good any more.
    """
    watch = _Watch(tools, request, guest.chat.id, _message_id(last_event_id))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stays = can_stream(request) and len(_listening) < MOST
    return EventSourceResponse(watch.events() if stays else watch.look_once(), headers=headers)


def _message_id(last_event_id: str) -> UUID | None:
    try:
        return UUID(last_event_id) if last_event_id else None
    except ValueError:
        raise InvalidInput("Last-Event-ID: the id of a message") from None


_listening: "set[_Watch]" = set()


class _Watch:
    """Looks again and again at one chat, for as long as its token is good."""

    def __init__(self, tools: Container, request: Request, chat: UUID, after: UUID | None) -> None:
        self._tools, self._request, self._chat, self._after = tools, request, chat, after
        self._token = request.headers["x-session-token"]
        self._version = ""
        self._over = False

    async def look_once(self) -> AsyncIterator[bytes]:
        yield RETRY
        for event in self._happened():
            yield event

    async def events(self) -> AsyncIterator[bytes]:
        _listening.add(self)
        try:
            yield RETRY
            for number in range(1, LONGEST_LOOKS + 1):
                for event in await asyncio.get_running_loop().run_in_executor(_pool, self._happened):
                    yield event
                if self._over:
                    return
                if number % HEARTBEAT_LOOKS == 0:
                    yield format_sse_event(comment="still here")
                await asyncio.sleep(LOOK_EVERY)
        finally:
            _listening.discard(self)

    def _happened(self) -> list[bytes]:
        """Since the last look; the last event is `error` when the token is not good any more."""
        try:
            return list(self._news(self._look()))
        except TransientFailure:  # the database comes back
            return []
        except SupportMaxError as error:
            self._over = True
            return [format_sse_event(event="error", data_str=problems.document(self._request, error))]

    def _look(self) -> Sighting:
        workspace_id, _ = token_place(self._token)
        with self._tools.store.begin(workspace_id) as tx:
            page = page_of(self._request, self._tools)
            return see_chat(tx, self._chat, self._token, page, self._after, AT_ONCE)

    def _news(self, seen: Sighting) -> Iterator[bytes]:
        for message in seen.messages:
            self._after = message.id
            said = MessageView.of(message).model_dump_json()
            yield format_sse_event(event="message", id=str(message.id), data_str=said)
        if seen.chat.version != self._version:
            self._version = seen.chat.version
            yield format_sse_event(event="session", data_str=SessionState.of(seen.chat).model_dump_json())
