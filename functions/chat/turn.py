"""One turn as both ways to chat take it: streamed where that is possible, and told to CloudWatch."""

import time
from dataclasses import replace
from uuid import UUID

from fastapi import Request
from fastapi.sse import EventSourceResponse

from functions.chat.models import ChatResponse
from functions.chat.streaming import can_stream, stream
from supportmax.runtime import rate_limits
from supportmax.runtime.container import Container
from supportmax.runtime.emf import note_turn
from supportmax.runtime.rate_limits import Policy
from supportmax.services.answering.speak import Say
from supportmax.services.take_chat_turn import ChatReply, Said, take_chat_turn


def answer(request: Request, tools: Container, workspace_id: UUID, said: Said) -> ChatResponse | EventSourceResponse:
    """Raises TooManyRequests when too much is said in one chat, and what `take_chat_turn` raises."""
    if said.session_id:
        policy = Policy("chat", tools.settings.rate_limit_chat)
        rate_limits.count(request, tools, workspace_id, f"chat:{said.session_id}", policy)
    answerer, promise, store = tools.answerer_for(workspace_id), tools.settings.response_promise, tools.store

    def take(say: Say | None) -> ChatReply:
        started = time.perf_counter()
        reply = take_chat_turn(replace(answerer, say=say), store, workspace_id, said, promise)
        note_turn(reply.answer.action, (time.perf_counter() - started) * 1000)
        return reply

    return stream(take, request) if can_stream(request) else ChatResponse.of(take(None))
