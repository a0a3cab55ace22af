"""One suite for every language model: the scripted one, and the OpenAI-compatible adapter against a server."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from supportmax.adapters.llm.openai_compatible import OpenAICompatibleLLM
from supportmax.domain.answers import Usage
from supportmax.domain.errors import PermanentFailure, SupportMaxError, TransientFailure
from supportmax.ports import LLM
from tests.fakes.memory import ScriptedLLM
from tests.fakes.openai_server import Drip, Hang, OpenAIServer, Raw, completion

SCHEMA = {"type": "object", "properties": {"action": {"type": "string"}}}
ANSWER = {"action": "answer", "sentences": [{"text": "Grüße, “so” 💳", "sources": ["1"]}]}


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
        server.answers.append(Raw(503, b"{}"))

    def refuse() -> None:
        server.answers.append(Raw(401, b'{"error": {"message": "wrong key"}}'))

    def asked() -> list[str]:
        return [str(request["messages"][1]["content"]) for request in server.requests]

    return World(_adapter(server), server.answers.append, fail, refuse, asked)


def _adapter(server: OpenAIServer, deadline: float = 5) -> OpenAICompatibleLLM:
    return OpenAICompatibleLLM("small", "sk-test", server.url, deadline)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer.start() as started:
        yield started


@pytest.fixture(params=["scripted", "openai"])
def world(request: pytest.FixtureRequest, server: OpenAIServer) -> World:
    return _scripted() if request.param == "scripted" else _openai(server)


def test_it_answers_with_data_and_what_it_cost(world: World) -> None:
    world.answer(ANSWER)
    found = world.llm.complete("system", "user", SCHEMA)
    assert found.data == ANSWER
    assert found.usage == Usage(model="scripted", input_tokens=10, output_tokens=5)


def test_it_is_asked_what_the_caller_asks(world: World) -> None:
    for _ in range(2):
        world.answer(ANSWER)
    world.llm.complete("system", "first", SCHEMA)
    world.llm.complete("system", "“zweite” 💳", SCHEMA)
    assert world.asked() == ["first", "“zweite” 💳"]


def test_a_failure_may_pass_and_the_next_call_works(world: World) -> None:
    world.fail()
    world.answer(ANSWER)
    with pytest.raises(TransientFailure):
        world.llm.complete("system", "user", SCHEMA)
    assert world.llm.complete("system", "user", SCHEMA).data == ANSWER


def test_a_refusal_is_permanent(world: World) -> None:
    world.refuse()
    with pytest.raises(PermanentFailure):
        world.llm.complete("system", "user", SCHEMA)


# What only a server can do


def test_the_request_is_what_such_servers_expect(server: OpenAIServer) -> None:
    server.answers.append(ANSWER)
    _adapter(server).complete("be brief", "what now?", SCHEMA)
    (request,) = server.requests
    assert (request["model"], request["temperature"]) == ("small", 0)
    assert request["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "what now?"},
    ]
    assert request["response_format"]["json_schema"] == {"name": "answer", "strict": True, "schema": SCHEMA}
    assert server.keys == ["Bearer sk-test"]


WHOLE = json.dumps(completion(ANSWER)).encode()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Raw(429, b'{"error": {"message": "slow down"}}'), id="429"),
        pytest.param(Raw(500, b"oops", "text/plain"), id="500"),
        pytest.param(Raw(502, b"<html>Bad gateway</html>", "text/html"), id="502"),
        pytest.param(Raw(200, b"<html>Please sign in</html>", "text/html"), id="a page instead"),
        pytest.param(Raw(200, WHOLE[:80]), id="truncated document"),
        pytest.param(Raw(200, WHOLE[:80], declared=len(WHOLE)), id="cut connection"),
        pytest.param(Raw(200, b""), id="empty"),
        pytest.param(Raw(200, b"null"), id="null"),
        pytest.param(Raw(200, b"[]"), id="a list"),
        pytest.param(Raw(200, b'{"error": "overloaded"}'), id="an error with 200"),
        pytest.param(Raw(200, b'{"choices": []}'), id="no choices"),
        pytest.param(Raw(200, b'{"choices": [{"message": null}]}'), id="no message"),
        pytest.param(Raw(200, b'{"choices": "x"}'), id="odd choices"),
        pytest.param("", id="empty message"),
        pytest.param('{"action": "answ', id="truncated message"),
        pytest.param("[1]", id="not an object"),
        pytest.param("I am a poet", id="prose"),
        pytest.param(Hang(), id="silence"),
        pytest.param(Drip(), id="a drip"),
    ],
)
def test_no_usable_answer_in_time_is_a_failure_that_may_pass(answer: Any, server: OpenAIServer) -> None:
    server.answers.append(answer)
    with pytest.raises(TransientFailure, match=r"^language model: "):
        _adapter(server, deadline=0.3).complete("system", "user", SCHEMA)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_request_that_the_server_will_never_take_is_permanent(status: int, server: OpenAIServer) -> None:
    server.answers.append(Raw(status, b'{"error": {"message": "no"}}'))
    with pytest.raises(PermanentFailure, match="SUPPORTMAX_LLM"):
        _adapter(server).complete("system", "user", SCHEMA)


def test_no_server_is_a_failure_that_may_pass() -> None:
    llm = OpenAICompatibleLLM("small", "sk-test", "http://127.0.0.1:1/v1", 0.3)
    with pytest.raises(TransientFailure):
        llm.complete("system", "user", SCHEMA)


def test_a_server_that_counts_no_tokens_costs_nothing(server: OpenAIServer) -> None:
    document = completion(ANSWER)
    del document["usage"]
    server.answers.append(Raw(body=json.dumps(document).encode()))
    assert _adapter(server).complete("system", "user", SCHEMA).usage == Usage(model="scripted")


def test_failures_are_ours_whatever_happened(server: OpenAIServer) -> None:
    server.answers.append(Raw(500))
    with pytest.raises(SupportMaxError) as caught:
        _adapter(server).complete("system", "user", SCHEMA)
    assert "sk-test" not in str(caught.value)
