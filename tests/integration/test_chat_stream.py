"""A turn as server-sent events, from a real server."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psycopg
import pytest

from functions.chat import streaming
from supportmax.domain.answers import Usage
from supportmax.domain.prices import price_of
from supportmax.ports import CallLimits, Completion, OnText, Prompt
from supportmax.runtime import container
from supportmax.services.ask_model import Models, Provider
from tests.articles import BASICS, CARD
from tests.cloud import Cloud
from tests.serving import serving_api

QUESTION = {"message": "The machine swallowed my card"}
EVENTS = Path(__file__).parents[2] / "events"
STREAM = {"Accept": "text/event-stream"}
FIRST, SECOND = "Freeze the card at once.", "A new one takes three to five days."
Connection = psycopg.Connection[tuple[object, ...]]
Said = tuple[str, dict[str, Any]]


@dataclass
class TypingLLM:
    """Writes its sentences one by one; before the last one it waits for `go_on`."""

    sentences: list[tuple[str, list[str]]]
    go_on: Event = field(default_factory=Event)
    begun: Event = field(default_factory=Event)
    model: str = "typing"

    def complete(self, prompt: Prompt, limits: CallLimits, on_text: OnText | None = None) -> Completion:
        data = {"action": "answer", "sentences": [{"text": t, "sources": s} for t, s in self.sentences]}
        if on_text:
            text = json.dumps(data)
            on_text(text[: text.rindex('{"text"') + 10])
        self.begun.set()
        assert self.go_on.wait(30)
        return Completion(data, Usage(model=self.model, input_tokens=10, output_tokens=5))


@pytest.fixture
def desk(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Taught, with one thread for the turns."""
    articles = [
        {name: getattr(a, name) for name in ("external_id", "title", "body", "questions", "topics")} for a in BASICS
    ]
    headers = cloud.person("agent")[1]
    cloud.http("knowledge").post("/v1/articles/import", json={"articles": articles}, headers=headers)
    cloud.drain()
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(streaming, "_pool", pool)
        yield cloud
        pool.submit(container.get().database.close).result()


@pytest.fixture
def url(desk: Cloud) -> Iterator[str]:
    """The container's app under uvicorn."""
    with serving_api() as address:
        yield address


def _type(desk: Cloud, *sentences: tuple[str, list[str]]) -> TypingLLM:
    llm = TypingLLM(list(sentences))
    models = Models([Provider("typing", llm, price_of("typing", "0.25/0.025/2"))])
    desk.tools.answerer = replace(desk.tools.answerer, models=models)
    return llm


def _events(lines: Iterator[str]) -> Iterator[Said]:
    """Every event as its name and data, a comment as its own text."""
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
        elif line.startswith(":"):
            yield line, {}


def _stream(url: str, body: dict[str, Any]) -> list[Said]:
    with httpx.stream("POST", f"{url}/chat", json=body, headers=STREAM, timeout=30) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        return list(_events(response.iter_lines()))


def test_the_articles_words_come_as_one_piece_and_then_the_whole_response(url: str) -> None:
    (delta, words), (final, response) = _stream(url, QUESTION)
    assert (delta, final) == ("delta", "final")
    assert words["text"] == response["reply"]
    assert response["reply"] in CARD.body
    assert response["citations"][0]["article_id"] == CARD.external_id
    whole = httpx.post(f"{url}/chat", json=QUESTION, timeout=30).json()
    assert whole.keys() == response.keys()
    assert whole["reply"] == response["reply"]


def test_a_verified_sentence_is_read_while_the_model_still_writes(url: str, desk: Cloud) -> None:
    llm = _type(desk, (FIRST, ["1"]), (SECOND, ["1"]))
    with httpx.stream("POST", f"{url}/chat", json=QUESTION, headers=STREAM, timeout=30) as response:
        events = _events(response.iter_lines())
        assert next(events) == ("delta", {"text": FIRST})
        llm.go_on.set()
        assert next(events) == ("delta", {"text": f" {SECOND}"})
        assert next(events)[1]["reply"] == f"{FIRST} {SECOND}"


def test_a_sentence_that_no_source_carries_never_leaves(url: str, desk: Cloud) -> None:
    llm = _type(desk, ("Call +1 900 555.", ["99"]), (FIRST, ["1"]))
    llm.go_on.set()
    events = _stream(url, QUESTION)
    assert "900" not in json.dumps(events)
    assert events[-1][0] == "final"
    assert "".join(data["text"] for name, data in events if name == "delta") == events[-1][1]["reply"]


def test_a_quiet_stream_shows_that_it_lives(url: str, desk: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.05)
    llm = _type(desk, (FIRST, ["1"]))
    with httpx.stream("POST", f"{url}/chat", json=QUESTION, headers=STREAM, timeout=30) as response:
        events = _events(response.iter_lines())
        assert next(events)[0].startswith(":")
        llm.go_on.set()
        assert next(data for name, data in events if name == "final")["reply"] == FIRST


def test_other_requests_are_served_while_a_turn_waits_for_its_model(url: str, desk: Cloud) -> None:
    llm = _type(desk, (FIRST, ["1"]))
    with httpx.stream("POST", f"{url}/chat", json=QUESTION, headers=STREAM, timeout=30) as response:
        assert llm.begun.wait(30)
        assert httpx.get(f"{url}/health", timeout=30).status_code in {200, 503}
        llm.go_on.set()
        assert [name for name, _ in _events(response.iter_lines())][-1] == "final"


def test_whoever_hangs_up_finds_the_turn_in_the_session(url: str, desk: Cloud, owner: Connection) -> None:
    llm = _type(desk, (FIRST, ["1"]), (SECOND, ["1"]))
    with httpx.stream("POST", f"{url}/chat", json=QUESTION, headers=STREAM, timeout=30) as response:
        assert next(_events(response.iter_lines()))[0] == "delta"
    llm.go_on.set()
    streaming._pool.submit(lambda: None).result(30)  # behind the turn in the only thread
    said = owner.execute("SELECT author_kind, body FROM messages ORDER BY id").fetchall()
    assert said == [("customer", QUESTION["message"]), ("assistant", f"{FIRST} {SECOND}")]
    assert owner.execute("SELECT action FROM turns").fetchall() == [("answer",)]


def test_an_agent_who_takes_over_meanwhile_has_the_last_word(url: str, desk: Cloud, owner: Connection) -> None:
    asked = httpx.post(f"{url}/chat", json={"message": "Let me talk to a human"}, timeout=30).json()
    llm = _type(desk, (FIRST, ["1"]), (SECOND, ["1"]))
    body = QUESTION | {"session_id": asked["session_id"]}
    with httpx.stream("POST", f"{url}/chat", json=body, headers=STREAM, timeout=30) as response:
        assert llm.begun.wait(30)
        agent = desk.person("agent")[1]
        path = f"{url}/v1/tickets/{asked['ticket_id']}/messages"
        assert httpx.post(path, json={"body": "Ada here."}, headers=agent, timeout=30).status_code == 201
        llm.go_on.set()
        final, last = list(_events(response.iter_lines()))[-1]
    assert (final, last["action"], last["message_id"]) == ("final", "hand_over", None)
    said = owner.execute("SELECT body FROM messages WHERE author_kind = 'assistant'").fetchall()
    assert not any(FIRST in str(body) for (body,) in said)


def test_an_error_under_way_is_an_event_with_the_problem(url: str) -> None:
    events = _stream(url, QUESTION | {"session_id": "019ab0c2-7a10-7c3e-9d52-0d4f6a1b2c3d"})
    ((name, problem),) = events
    assert (name, problem["status"], problem["type"]) == ("error", 404, "urn:supportmax:problem:not-found")


def test_what_is_wrong_from_the_start_is_no_stream(url: str) -> None:
    response = httpx.post(f"{url}/chat", json={"message": " "}, headers=STREAM, timeout=30)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")


def test_behind_the_gateway_the_answer_comes_whole(desk: Cloud) -> None:
    event = json.loads((EVENTS / "apigw_chat_post.json").read_text("utf-8"))
    event["headers"]["Accept"] = STREAM["Accept"]
    event["multiValueHeaders"]["Accept"] = [STREAM["Accept"]]
    answer = desk.invoke("chat", event)
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/json")
    assert json.loads(answer["body"])["action"] in {"answer", "clarify", "hand_over", "small_talk"}
