"""A chat turn as server-sent events, where the server can stream: under uvicorn, not behind the gateway's Lambda."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from fastapi import Request
from fastapi.sse import EventSourceResponse, format_sse_event

from functions.chat.models import ChatResponse
from supportmax.runtime import problems
from supportmax.services.answering.speak import Say
from supportmax.services.take_chat_turn import ChatReply

EVENT_STREAM = "text/event-stream"
STREAM_EXAMPLE = (
    'event: delta\ndata: {"text": "Freeze the card in the app at once."}\n\n'
    'event: delta\ndata: {"text": " A new one takes three to five days."}\n\n'
    'event: final\ndata: {"session_id": "019ab0c2-7a10-7c3e-9d52-0d4f6a1b2c3d", "reply": "Freeze the card in …", …}\n\n'
)
HEARTBEAT_SECONDS = 10.0
# Each holds a database connection. The event loop must stay free for heartbeats, so turns run beside it.
THREADS = 8
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="turn")
TakeTurn = Callable[[Say], ChatReply]
_Send = Callable[[str, str], None]


def can_stream(request: Request) -> bool:
    """Whether the client asks for a stream and there is no gateway that would collect it first."""
    return EVENT_STREAM in request.headers.get("accept", "") and "aws.event" not in request.scope


def stream(take: TakeTurn, request: Request) -> EventSourceResponse:
    """Events `delta`, then `final` or `error`. The turn goes on, and is recorded, even if nobody listens any more."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(_events(take, request), headers=headers)


async def _events(take: TakeTurn, request: Request) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    ready: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(event: bytes | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the server has stopped
            loop.call_soon_threadsafe(ready.put_nowait, event)

    done = _pool.submit(_run, take, request, lambda name, data: put(format_sse_event(event=name, data_str=data)))
    done.add_done_callback(lambda _: put(None))
    while True:
        try:
            event = await asyncio.wait_for(ready.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            event = format_sse_event(comment="still working")
        if event is None:
            return
        yield event


def _run(take: TakeTurn, request: Request, send: _Send) -> None:
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        send("delta", json.dumps({"text": words}))

    try:
        reply = take(say)
    except Exception as error:
        send("error", problems.document(request, error))
        return
    spoken = "".join(said)
    rest = reply.answer.reply.removeprefix(spoken)
    if rest and reply.answer.reply.startswith(spoken):  # else the draft was refused later on: the final event counts
        say(rest)
    send("final", ChatResponse.of(reply).model_dump_json())
