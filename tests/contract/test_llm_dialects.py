"""The conformance suite: the adapter against every kind of server that calls itself OpenAI-compatible.

Whatever a server does, a call ends in an answer that fits the schema, or in a failure of ours, within its deadline.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from supportmax.adapters.llm.openai_compatible import TRIES, OpenAICompatibleLLM
from supportmax.domain.answers import Usage
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import PermanentFailure
from supportmax.ports import CallLimits, Completion, NoCompletion, Prompt
from supportmax.services.answering.generate import SCHEMA, SYSTEM
from tests.fakes.openai_server import Answer, Cut, Drip, Endless, Hang, OpenAIServer, Raw, Stream, completion

GOOD: dict[str, Any] = {"action": "answer", "sentences": [{"text": "Grüße, “so” 💳 {ok}", "sources": ["1"]}]}
TEXT = json.dumps(GOOD)
WHOLE = json.dumps(completion(GOOD)).encode()
PROMPT = Prompt("answer", SYSTEM, "user", SCHEMA)
LIMITS = CallLimits(seconds=30, output_tokens=500)
SHORT = CallLimits(seconds=1.2, output_tokens=500)
Behaviour = Callable[[dict[str, Any]], Answer]


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """The first call of a process imports the client, which takes longer than the short deadlines here."""
    with OpenAIServer.start() as server:
        server.answers.append(GOOD)
        _ask(server, CallLimits(seconds=120, output_tokens=500))


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer.start() as started:
        yield started


def _ask(server: OpenAIServer, limits: CallLimits = LIMITS, stream: bool = False) -> Completion:
    llm = OpenAICompatibleLLM("small", "sk-test", server.url)
    return llm.complete(PROMPT, limits, (lambda _: None) if stream else None)


def _refusing(*words: str) -> Behaviour:
    """A server that answers 400 to every request with one of these parameters, as vLLM, Ollama and others do."""

    def behave(request: dict[str, Any]) -> Answer:
        for word in words:
            if word in request:
                return Raw(400, json.dumps({"error": {"message": f"Unsupported parameter: {word}"}}).encode())
        return GOOD

    return behave


def _strict(request: dict[str, Any]) -> Answer:
    """OpenAI's rules for strict schemas: every object closed, every property required."""
    asked = request["response_format"]["json_schema"]
    todo = [asked["schema"]]
    while todo:
        schema = todo.pop()
        if schema.get("type") == "object":
            closed = schema.get("additionalProperties") is False
            if not closed or set(schema["required"]) != set(schema["properties"]):
                return Raw(400, b'{"error": {"message": "Invalid schema for response_format"}}')
            todo += schema["properties"].values()
        todo += [schema["items"]] if "items" in schema else []
    return GOOD if asked["strict"] else Raw(400, b'{"error": {"message": "strict"}}')


def _json_object_only(request: dict[str, Any]) -> Answer:
    if request.get("response_format", {}).get("type") == "json_schema":
        return Raw(422, b'{"error": {"message": "response_format.type must be json_object or text"}}')
    return GOOD


def _streaming(request: dict[str, Any]) -> Answer:
    return Stream([TEXT[n : n + 7] for n in range(0, len(TEXT), 7)]) if request.get("stream") else GOOD


PARTS = {"choices": [{"message": {"content": [{"type": "text", "text": TEXT[:20]}, {"text": TEXT[20:]}]}}]}
EVERYTHING = ("temperature", "max_completion_tokens", "max_tokens", "response_format", "stream_options", "stream")
ANSWERING: dict[str, Behaviour] = {
    "normal": lambda _: GOOD,
    "strict schema": _strict,
    "json object only": _json_object_only,
    "no schema": _refusing("response_format"),
    "no temperature": _refusing("temperature"),
    "max_tokens only": _refusing("max_completion_tokens"),
    "no limit at all": _refusing("max_completion_tokens", "max_tokens"),
    "hardly anything": _refusing(*EVERYTHING),
    "streams": _streaming,
    "does not stream": _refusing("stream_options", "stream"),
    "content in parts": lambda _: Raw(body=json.dumps(PARTS).encode()),
    "thinks aloud": lambda _: f"<think>They ask {{this}}. Hm.</think>\n\n{TEXT}",
    "fences": lambda _: f"```json\n{TEXT}\n```",
    "talks around it": lambda _: f"Here is the answer:\n{TEXT}\nHope that helps!",
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("behave", ANSWERING.values(), ids=ANSWERING.keys())
def test_an_answer_that_fits_the_schema(behave: Behaviour, stream: bool, server: OpenAIServer) -> None:
    server.behave = behave
    assert _ask(server, stream=stream).data == GOOD


def _cut_off(text: str | None) -> dict[str, Any]:
    """What a server sends when the tokens are used up, by reasoning perhaps."""
    choice = {"finish_reason": "length", "message": {"role": "assistant", "content": text}}
    return completion("") | {"choices": [choice]}


FAILING: dict[str, tuple[Answer, str]] = {
    "429": (Raw(429, b'{"error": {"message": "slow down"}}'), "rate_limited"),
    "429 for long": (Raw(429, b"{}", headers={"Retry-After": "60"}), "rate_limited"),
    "500": (Raw(500, b"oops", "text/plain"), "unavailable"),
    "502": (Raw(502, b"<html>Bad gateway</html>", "text/html"), "unavailable"),
    "hang": (Hang(), "timeout"),
    "slow drip": (Drip(), "timeout"),
    "dripping headers": (Drip(headers=True), "timeout"),
    "cut connection": (Raw(200, WHOLE[:80], declared=len(WHOLE)), "disconnected"),
    "cut before the first byte": (Cut(), "disconnected"),
    "cut stream": (Stream([TEXT[:30]], done=False), "invalid"),
    "truncated document": (Raw(200, WHOLE[:80]), "invalid"),
    "truncated json": (TEXT[:30], "invalid"),
    "truncated json streamed": (Stream([TEXT[:30]]), "invalid"),
    "wrong schema": ({"action": "refund", "sentences": []}, "invalid"),
    "extra fields": (GOOD | {"tool": "refund"}, "invalid"),
    "wrong types": ({"action": "answer", "sentences": "all of them"}, "invalid"),
    "a list": ("[1]", "invalid"),
    "prose": ("I am a poet", "invalid"),
    "deep nesting": ('{"a":' * 50_000, "invalid"),
    "empty": ("", "invalid"),
    "empty body": (Raw(200, b""), "invalid"),
    "null": (Raw(200, b"null"), "invalid"),
    "no choices": (Raw(200, b'{"choices": []}'), "invalid"),
    "odd choices": (Raw(200, b'{"choices": "x"}'), "invalid"),
    "no message": (Raw(200, b'{"choices": [{"message": null}]}'), "invalid"),
    "an error with 200": (Raw(200, b'{"error": "overloaded"}'), "invalid"),
    "a page instead": (Raw(200, b"<html>Please sign in</html>", "text/html"), "invalid"),
    "refusal": (
        Raw(200, b'{"choices": [{"message": {"content": null, "refusal": "I cannot help with that."}}]}'),
        "refused",
    ),
    "cut off at the limit": (Raw(200, json.dumps(_cut_off(TEXT[:30])).encode()), "cut_off"),
    "thought until the limit": (Raw(200, json.dumps(_cut_off(None)).encode()), "cut_off"),
    "an endless error": (Endless(500), "unavailable"),
    "an endless answer": (Endless(200), "invalid"),
    "odd tokens": (Raw(200, json.dumps(completion("no") | {"usage": {"prompt_tokens": 10**18}}).encode()), "invalid"),
    "huge output": (json.dumps(GOOD | {"more": "x" * 2_000_000}), "invalid"),
    "huge stream": (Stream([TEXT, "x" * 2_000_000]), "invalid"),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("answer", "outcome"), FAILING.values(), ids=FAILING.keys())
def test_no_usable_answer(answer: Answer, outcome: str, stream: bool, server: OpenAIServer) -> None:
    server.behave = lambda _: answer
    with pytest.raises(NoCompletion, match=r"^language model small: ") as caught:
        _ask(server, SHORT, stream)
    assert caught.value.outcome == outcome
    assert len(server.requests) <= TRIES


def test_a_silent_server_is_not_waited_for(server: OpenAIServer) -> None:
    server.behave = lambda _: Hang()
    with pytest.raises(NoCompletion):
        _ask(server, SHORT)
    assert server.silent == 1  # it still has not answered
    assert not server.closing.is_set()


YESTERDAY = format_datetime(utcnow() - timedelta(days=1), usegmt=True)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Retry-After": "0"}, id="in seconds"),
        pytest.param({"Retry-After": YESTERDAY}, id="a date"),
        pytest.param({"Retry-After": "soon"}, id="nonsense"),
        pytest.param({}, id="not at all"),
    ],
)
def test_a_busy_server_is_asked_again_when_it_says(headers: dict[str, str], server: OpenAIServer) -> None:
    server.answers.extend([Raw(429, b"{}", headers=headers), GOOD])
    assert _ask(server).data == GOOD
    assert len(server.requests) == 2


def test_a_wait_that_does_not_fit_the_deadline_is_not_begun(server: OpenAIServer) -> None:
    server.answers.append(Raw(429, b"{}", headers={"Retry-After": "29.8"}))
    with pytest.raises(NoCompletion):
        _ask(server)
    assert len(server.requests) == 1


def test_what_was_paid_for_is_not_asked_for_again_unasked(server: OpenAIServer) -> None:
    """Whoever keeps the budget decides that."""
    server.answers.extend([TEXT[:30], GOOD])
    with pytest.raises(NoCompletion) as caught:
        _ask(server)
    assert caught.value.usage == Usage(model="scripted", input_tokens=10, output_tokens=5)
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [Hang(), Cut(), Raw(200, WHOLE[:80], declared=len(WHOLE)), Endless(200)])
def test_what_became_of_a_request_is_not_known_when_its_answer_is_lost(answer: Answer, server: OpenAIServer) -> None:
    server.behave = lambda _: answer
    with pytest.raises(NoCompletion) as caught:
        _ask(server, SHORT)
    assert caught.value.usage is None


def test_a_server_that_takes_a_schema_and_ignores_it_reads_it_in_words(server: OpenAIServer) -> None:
    """As Anthropic's endpoint does."""

    def behave(request: dict[str, Any]) -> Answer:
        return GOOD if json.dumps(SCHEMA) in request["messages"][0]["content"] else "Freeze the card."

    server.behave = behave
    llm = OpenAICompatibleLLM("small", "sk-test", server.url)
    with pytest.raises(NoCompletion):
        llm.complete(PROMPT, LIMITS)
    assert llm.complete(PROMPT, LIMITS).data == GOOD


def test_an_endless_error_is_not_read_to_its_end(server: OpenAIServer) -> None:
    server.behave = lambda _: Endless(500)
    with pytest.raises(NoCompletion):
        _ask(server, CallLimits(seconds=0.7, output_tokens=10))
    assert server.sent < 20_000_000  # what sockets hold; there is no end


@pytest.mark.parametrize("name", ["prompt_tokens_details", "prompt_cache_hit_tokens"])
def test_cached_tokens_are_counted(name: str, server: OpenAIServer) -> None:
    cached: Any = {"cached_tokens": 8} if name == "prompt_tokens_details" else 8
    usage = {"prompt_tokens": 10, "completion_tokens": 5, name: cached}
    server.answers.append(Raw(200, json.dumps(completion(GOOD) | {"usage": usage}).encode()))
    assert _ask(server).usage.cached_tokens == 8


def test_a_stream_says_what_it_cost(server: OpenAIServer) -> None:
    server.behave = _streaming
    assert _ask(server, stream=True).usage == Usage(model="scripted", input_tokens=10, output_tokens=5)


def test_what_a_server_refuses_is_remembered(server: OpenAIServer) -> None:
    server.behave = _refusing("temperature", "response_format")
    llm = OpenAICompatibleLLM("small", "sk-test", server.url)
    llm.complete(PROMPT, LIMITS)
    tried = len(server.requests)
    llm.complete(PROMPT, LIMITS)
    assert len(server.requests) == tried + 1
    assert "temperature" not in server.requests[-1]
    assert json.dumps(SCHEMA) in server.requests[-1]["messages"][0]["content"]


def test_streamed_text_is_heard_as_it_comes(server: OpenAIServer) -> None:
    server.behave = _streaming
    heard: list[str] = []
    OpenAICompatibleLLM("small", "sk-test", server.url).complete(PROMPT, LIMITS, heard.append)
    assert heard[-1] == TEXT
    assert len(heard) > 5
    assert all(TEXT.startswith(text) for text in heard)


@pytest.mark.parametrize(
    ("status", "change"),
    [
        (401, "check SUPPORTMAX_LLM_API_KEY"),
        (403, "check SUPPORTMAX_LLM_API_KEY"),
        (404, "knows no model 'small': check SUPPORTMAX_LLM_MODEL"),
        (400, "check SUPPORTMAX_LLM_"),
        (413, "check SUPPORTMAX_LLM_"),
        (402, "no credit left"),
    ],
)
def test_a_request_that_can_never_work_says_what_to_change(status: int, change: str, server: OpenAIServer) -> None:
    server.answers.append(Raw(status, b'{"error": {"message": "no"}}'))
    with pytest.raises(PermanentFailure, match=change) as caught:
        _ask(server)
    assert "sk-test" not in str(caught.value)


def test_an_account_without_money_is_not_waited_for(server: OpenAIServer) -> None:
    """OpenAI's 429 for it looks like a busy server's."""
    error = {
        "error": {"message": "You exceeded your quota", "type": "insufficient_quota", "code": "insufficient_quota"}
    }
    server.answers.append(Raw(429, json.dumps(error).encode()))
    with pytest.raises(PermanentFailure, match="no credit left"):
        _ask(server)


def test_the_vendors_name_for_what_is_wrong_is_told_but_not_its_prose(server: OpenAIServer) -> None:
    error = {"error": {"message": "Your input “my card 4111…” is long", "code": "context_length_exceeded"}}
    server.answers.append(Raw(400, json.dumps(error).encode()))
    with pytest.raises(PermanentFailure, match=r"\(400, context_length_exceeded\)") as caught:
        _ask(server)
    assert "4111" not in str(caught.value)


@pytest.mark.parametrize("base_url", ["api.example.com/v1", "ftp://api.example.com/v1"])
def test_what_is_no_address_says_so(base_url: str) -> None:
    with pytest.raises(PermanentFailure, match="check SUPPORTMAX_LLM_BASE_URL"):
        OpenAICompatibleLLM("small", "", base_url).complete(PROMPT, LIMITS)


def test_azure_wants_its_version_with_every_request(server: OpenAIServer) -> None:
    server.answers.append(GOOD)
    base = f"{server.url}/openai/deployments/small?api-version=2026-01-01"
    OpenAICompatibleLLM("small", "sk-test", base).complete(PROMPT, LIMITS)
    assert server.paths == ["/v1/openai/deployments/small/chat/completions?api-version=2026-01-01"]
