"""What is new in a chat, heard from a real server; and messages that are sent again."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from bench.chats import Pace, Where, chat
from functions.chat import stream_routes, streaming
from supportmax.runtime import container
from tests.cloud import Cloud
from tests.serving import serving_api
from tests.tickets import Front
from tests.widget import Site, Visitor

Connection = psycopg.Connection[tuple[object, ...]]
EVENTS = Path(__file__).parents[2] / "events"
STREAM = {"Accept": "text/event-stream"}
HUMAN = "I want to speak to a human"


@pytest.fixture
def url(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The container's app under uvicorn, which looks often."""
    monkeypatch.setattr(stream_routes, "LOOK_EVERY", 0.02)
    with ThreadPoolExecutor(1) as looks, ThreadPoolExecutor(1) as turns, serving_api() as address:
        monkeypatch.setattr(stream_routes, "_pool", looks)
        monkeypatch.setattr(streaming, "_pool", turns)
        yield address
        for pool in (looks, turns):
            pool.submit(container.get().database.close).result()


def _events(lines: Iterator[str]) -> Iterator[tuple[str, str, Any]]:
    """Name, id and data of every event."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        found[name] = value
        if not line and "data" in found:
            yield found["event"], found.get("id", ""), json.loads(found["data"])
            found = {}


def _listen(url: str, ann: Visitor, **headers: str) -> Any:
    given = STREAM | {"X-Session-Token": ann.token, "Origin": ann.origin} | headers
    return httpx.stream("GET", f"{url}{ann.path}/stream", headers=given, timeout=30)


def test_what_is_new_is_heard_as_it_happens(cloud: Cloud, url: str) -> None:
    site, agent = Site.of(cloud), Front.of(cloud)
    ann = site.visitor()
    ticket = ann.say(HUMAN).json()["ticket_id"]
    with _listen(url, ann) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["access-control-allow-origin"] == ann.origin
        events = _events(response.iter_lines())
        first, second, state = (next(events) for _ in range(3))
        assert [(name, data["author"]) for name, _, data in (first, second)] == [
            ("message", "customer"), ("message", "assistant"),
        ]  # fmt: skip
        assert (state[0], state[2]["in_charge"]) == ("session", "assistant")
        agent.ok("PATCH", f"/v1/tickets/{ticket}/chat", {"typing": True})
        assert next(events)[2]["agent_typing"] is True
        agent.ok("POST", f"/v1/tickets/{ticket}/messages", {"body": "for us", "visibility": "internal"})
        agent.ok("POST", f"/v1/tickets/{ticket}/messages", {"body": "Hello, this is Ines."})
        assert next(events)[2]["text"] == "Hello, this is Ines."
        assert next(events)[2]["in_charge"] == "agent"

    with _listen(url, ann, **{"Last-Event-ID": second[1]}) as response:  # it comes back
        events = _events(response.iter_lines())
        assert [next(events)[2].get("text"), next(events)[0]] == ["Hello, this is Ines.", "session"]
        headers = cloud.person("admin")[1]
        cloud.http("admin").delete(f"/v1/widget-keys/{site.key['id']}", headers=headers)
        name, _, problem = next(events)
        assert (name, problem["status"]) == ("error", 401)
        assert list(events) == []
    with _listen(url, ann) as response:
        assert response.status_code == 401


def test_where_nothing_can_be_streamed_it_tells_what_is_new_and_ends(
    cloud: Cloud, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Site.of(cloud).visitor()
    ann.say("hello")
    event = json.loads((EVENTS / "apigw_chat_post.json").read_text("utf-8"))
    headers = STREAM | {"X-Session-Token": ann.token}
    event |= {"httpMethod": "GET", "path": f"{ann.path}/stream", "body": None, "headers": headers}
    event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
    answer = cloud.invoke("chat", event)
    assert answer["statusCode"] == 200
    assert [name for name, _, _ in _events(iter(answer["body"].splitlines()))] == ["message", "message", "session"]
    monkeypatch.setattr(stream_routes, "MOST", 0)
    with _listen(url, ann) as response:  # nor where too many listen
        assert [name for name, _, _ in _events(response.iter_lines())] == ["message", "message", "session"]
    wrong = ann.call("GET", f"{ann.path}/stream", headers={"Last-Event-ID": "nonsense"})
    assert (wrong.status_code, wrong.json()["detail"]) == (422, "Last-Event-ID: the id of a message")


def test_a_message_that_is_sent_again_is_stored_once(cloud: Cloud, url: str, owner: Connection) -> None:
    ann = Site.of(cloud).visitor()

    def send(_: int) -> tuple[int, Any]:
        headers = STREAM | {"X-Session-Token": ann.token, "Idempotency-Key": "message-one"}
        answer = httpx.post(f"{url}{ann.path}/messages", json={"message": HUMAN}, headers=headers, timeout=30)
        events = list(_events(iter(answer.text.splitlines()))) if answer.status_code < 300 else []
        return answer.status_code, events[-1][2]["message_id"] if events else None

    with ThreadPoolExecutor(6) as pool:
        at_once = list(pool.map(send, range(6)))
    assert {status for status, _ in at_once} <= {200, 201, 409}
    first = send(0)  # whoever was told to wait
    owner.execute("DELETE FROM idempotency_keys")  # as after a day without a connection
    late = ann.say(HUMAN, key="message-one").json()["message_id"]
    assert {found for _, found in [*at_once, first] if found} == {late}
    said = owner.execute("SELECT author_kind, session_position FROM messages ORDER BY session_position").fetchall()
    assert said == [("customer", 1), ("assistant", 2)]
    owner.execute("DELETE FROM idempotency_keys")
    assert ann.say("Something else", key="message-one").json()["type"].endswith("idempotency-key-reused")
    ann.call("PATCH", ann.path, json={"end": True})
    assert ann.say(HUMAN, key="message-one").json()["message_id"] == late  # it was kept before the chat ended


def test_several_visitors_chat_at_once(cloud: Cloud, url: str) -> None:
    where, pace = Where(url, Site.of(cloud).key["key"]), Pace(between_messages=0.5, between_looks=0.2)
    with ThreadPoolExecutor(1) as pool:  # where no other test's event loop is in the way
        found = pool.submit(chat, where, 8, 2.0, pace).result()
    assert found.errors == []
    assert found.turns.n >= found.visitors
    assert found.sent_again
    assert found.nothing_new
