"""`Idempotency-Key`: a POST that is sent again does nothing twice, and is answered as it was the first time.

A key is claimed once it is known who calls, and belongs to them. What succeeded is kept for a day; what failed did
nothing, so the same key may try again. A key whose request died with its server is free after a minute.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from fastapi import FastAPI, Request, Response
from starlette.responses import StreamingResponse

from supportmax.domain.errors import AlreadyDone, InvalidInput, KeyReused, StillWorking
from supportmax.domain.traffic import KeptAnswer
from supportmax.runtime.container import Container

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = timedelta(hours=24)
# Longer than a function may run.
ABANDONED = timedelta(minutes=1)
# A larger answer is not kept; asking again says that it was done.
MAX_KEPT = 1_000_000
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
# Visitors share a name, so theirs must be beyond guessing.
VISITOR_KEY = 16


class _Replay(Exception):  # noqa: N818 - it is no error
    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__()
        self.kept = kept


@dataclass(frozen=True, slots=True)
class _Claim:
    tools: Container
    workspace_id: UUID
    caller: str
    key: str

    def keep(self, response: Response, body: bytes | None) -> None:
        content_type = response.headers.get("content-type", "")
        with self.tools.store.begin(self.workspace_id) as tx:
            tx.idempotency_keys.keep(self.caller, self.key, response.status_code, content_type, body)

    def release(self) -> None:
        with self.tools.store.begin(self.workspace_id) as tx:
            tx.idempotency_keys.release(self.caller, self.key)


async def claim(request: Request, tools: Container, workspace_id: UUID, caller: str, shortest: int = 1) -> None:
    """Make the request's key ours, if it has one. Raises what answers the request instead of doing it again."""
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST" or getattr(request.state, "claim", None):
        return
    if not _KEY.fullmatch(key) or len(key) < shortest:
        raise InvalidInput(f"{HEADER}: {shortest} to 255 visible ASCII characters, such as a UUID")
    fingerprint = _fingerprint(request, await request.body())
    with tools.store.begin(workspace_id) as tx:
        kept = tx.idempotency_keys.claim(caller, key, fingerprint, ABANDONED)
    if kept:
        _answer_again(kept, fingerprint)
    request.state.claim = _Claim(tools, workspace_id, caller, key)


def _answer_again(kept: KeptAnswer, fingerprint: bytes) -> None:
    if kept.fingerprint != fingerprint:
        raise KeyReused(f"{HEADER}: it was sent with another request before")
    if kept.status is None:
        raise StillWorking("The first request with this key is still worked on.")
    if kept.body is None:
        raise AlreadyDone("This was done already; its answer was not kept.")
    raise _Replay(kept)


async def keep_no_answer(request: Request) -> None:
    """A dependency of endpoints whose answers hold a secret that is shown once."""
    request.state.secret_answer = True


def install(app: FastAPI) -> None:
    app.middleware("http")(_finish)
    app.add_exception_handler(_Replay, _replay)


async def _replay(_: Request, replay: Exception) -> Response:
    kept = cast(_Replay, replay).kept
    headers = {REPLAYED: "true"} | ({"content-type": kept.content_type} if kept.content_type else {})
    return Response(kept.body, kept.status or 200, headers)


async def _finish(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    try:
        response = await call_next(request)
    except Exception:
        if mine := _claim_of(request):
            mine.release()
        raise
    mine = _claim_of(request)
    if mine is None:
        return response
    if not 200 <= response.status_code < 300:
        mine.release()
        return response
    return await _kept(mine, cast(StreamingResponse, response), getattr(request.state, "secret_answer", False))


def _claim_of(request: Request) -> _Claim | None:
    return cast(_Claim | None, getattr(request.state, "claim", None))


async def _kept(mine: _Claim, response: StreamingResponse, secret: bool) -> Response:
    parts = cast(AsyncIterator[bytes], response.body_iterator)
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        response.body_iterator = _recorded(mine, response, parts)
        return response
    body = b"".join([part async for part in parts])
    mine.keep(response, None if secret or len(body) > MAX_KEPT else body)
    headers = dict(response.headers)
    return Response(body, response.status_code, headers)


async def _recorded(mine: _Claim, response: Response, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream is kept when it is over. One that nobody heard to its end was worked on all the same."""
    heard, complete = bytearray(), False
    try:
        async for part in parts:
            heard += part
            yield part
        complete = len(heard) <= MAX_KEPT
    finally:
        mine.keep(response, bytes(heard) if complete else None)


def _fingerprint(request: Request, body: bytes) -> bytes:
    what = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(what + body).digest()
