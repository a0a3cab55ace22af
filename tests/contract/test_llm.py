"""One suite for every language model: the scripted one, and the OpenAI-compatible adapter against a server."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from supportmax.adapters.llm.openai_compatible import TRIES, OpenAICompatibleLLM
from supportmax.domain.answers import Usage
from supportmax.domain.errors import PermanentFailure, SupportMaxError, TransientFailure
from supportmax.ports import LLM, CallLimits, NoCompletion, Prompt
from tests.fakes.memory import ScriptedLLM
from tests.fakes.openai_server import OpenAIServer, Raw, completion

SCHEMA = {"type": "object", "properties": {"action": {"type": "string"}}}
ANSWER = {"action": "answer", "sentences": [{"text": "Grüße, “so” 💳", "sources": ["1"]}]}

LIMITS = CallLimits(seconds=60, output_tokens=100)


def _prompt(user: str) -> Prompt:
    return Prompt("answer", "system", user, SCHEMA)


PROMPT = _prompt("user")


@dataclass
class World:
    """A model, how to make it answer or fail, and what it was asked."""

    llm: LLM
    answer: Callable[[dict[str, Any]], None]
    fail: Callable[[], None]
    refuse: Callable[[], None]
    asked: Callable[[], list[str]]


def _scripted() -> World:
    llm = ScriptedLLM(deque())

    def fail() -> None:
        llm.script.append(TransientFailure("down"))

    def refuse() -> None:
        llm.script.append(PermanentFailure("wrong key"))

    return World(llm, llm.script.append, fail, refuse, lambda: llm.asked)


def _openai(server: OpenAIServer) -> World:
    def fail() -> None:
        server.answers.extend([Raw(503, b"{}")] * TRIES)

    def refuse() -> None:
        server.answers.append(Raw(401, b'{"error": {"message": "wrong key"}}'))

    def asked() -> list[str]:
        return [str(request["messages"][1]["content"]) for request in server.requests]

    return World(_adapter(server), server.answers.append, fail, refuse, asked)


def _adapter(server: OpenAIServer) -> OpenAICompatibleLLM:
    return OpenAICompatibleLLM("small", "sk-test", server.url)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer.start() as started:
        yield started


@pytest.fixture(params=["scripted", "openai"])
def world(request: pytest.FixtureRequest, server: OpenAIServer) -> World:
    return _scripted() if request.param == "scripted" else _openai(server)


def test_it_answers_with_data_and_what_it_cost(world: World) -> None:
    world.answer(ANSWER)
    found = world.llm.complete(PROMPT, LIMITS)
    assert found.data == ANSWER
    assert found.usage == Usage(model="scripted", input_tokens=10, output_tokens=5)


def test_it_is_asked_what_the_caller_asks(world: World) -> None:
    for _ in range(2):
        world.answer(ANSWER)
    world.llm.complete(_prompt("first"), LIMITS)
    world.llm.complete(_prompt("“zweite” 💳"), LIMITS)
    assert world.asked() == ["first", "“zweite” 💳"]


def test_a_failure_may_pass_and_the_next_call_works(world: World) -> None:
    world.fail()
    world.answer(ANSWER)
    with pytest.raises(TransientFailure):
        world.llm.complete(PROMPT, LIMITS)
    assert world.llm.complete(PROMPT, LIMITS).data == ANSWER


def test_a_refusal_is_permanent(world: World) -> None:
    world.refuse()
    with pytest.raises(PermanentFailure):
        world.llm.complete(PROMPT, LIMITS)


# What only a server can do


def test_the_request_is_what_such_servers_expect(server: OpenAIServer) -> None:
    server.answers.append(ANSWER)
    _adapter(server).complete(Prompt("answer", "be brief", "what now?", SCHEMA), LIMITS)
    (request,) = server.requests
    assert (request["model"], request["temperature"], request["max_completion_tokens"]) == ("small", 0, 100)
    assert request["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "what now?"},
    ]
    assert request["response_format"]["json_schema"] == {"name": "answer", "strict": True, "schema": SCHEMA}
    assert server.keys == ["Bearer sk-test"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_request_that_the_server_will_never_take_is_permanent(status: int, server: OpenAIServer) -> None:
    server.answers.append(Raw(status, b'{"error": {"message": "no"}}'))
    with pytest.raises(PermanentFailure, match="SUPPORTMAX_LLM"):
        _adapter(server).complete(PROMPT, LIMITS)


def test_no_server_is_a_failure_that_may_pass() -> None:
    llm = OpenAICompatibleLLM("small", "sk-test", "http://127.0.0.1:1/v1")
    with pytest.raises(NoCompletion, match=r"cannot be reached: check SUPPORTMAX_LLM_BASE_URL"):
        llm.complete(PROMPT, LIMITS)


def test_the_tokens_of_a_server_that_counts_none_are_estimated(server: OpenAIServer) -> None:
    document = completion(ANSWER)
    del document["usage"]
    server.answers.append(Raw(body=json.dumps(document).encode()))
    usage = _adapter(server).complete(_prompt("x" * 400), LIMITS).usage
    assert usage.input_tokens == 101
    assert usage.output_tokens > 0


def test_failures_are_ours_whatever_happened(server: OpenAIServer) -> None:
    server.behave = lambda _: Raw(500)
    with pytest.raises(SupportMaxError) as caught:
        _adapter(server).complete(PROMPT, LIMITS)
    assert "sk-test" not in str(caught.value)
