"""Limits of rate, and requests that are repeated with the same Idempotency-Key."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient

from functions.chat import streaming
from infra.container.app import app as whole
from supportmax.runtime import container
from tests.cloud import Cloud, Response
from tests.desk import ADMIN

Connection = psycopg.Connection[tuple[object, ...]]
Headers = dict[str, str]
PROBLEM = "urn:supportmax:problem:"
TICKET = {"subject": "A subject", "body": "A body"}


def _problem(response: Response, status: int, kind: str) -> None:
    assert (response.status_code, response.json()["type"]) == (status, PROBLEM + kind), response.text
    assert response.headers["content-type"] == "application/problem+json"


# Rate


@pytest.fixture
def strict(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Three requests a minute of each kind."""
    for kind in ("CALLER", "ADDRESS", "SIGN_IN", "CHAT"):
        monkeypatch.setenv(f"SUPPORTMAX_RATE_LIMIT_{kind}", "3")
    cloud.forget()
    return cloud


def test_every_answer_says_what_is_left(strict: Cloud) -> None:
    headers = strict.person("agent")[1]
    answers = [strict.http("tickets").get("/v1/tickets", headers=headers) for _ in range(4)]
    assert [answer.headers["ratelimit-policy"] for answer in answers] == ['"caller";q=3;w=60'] * 4
    left = [answer.headers["ratelimit"].rpartition(";")[0] for answer in answers]
    assert left == ['"caller";r=2', '"caller";r=1', '"caller";r=0', '"caller";r=0']
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    _problem(answers[3], 429, "too-many-requests")
    seconds = int(answers[3].headers["retry-after"])
    assert 0 < seconds <= 60
    assert answers[3].headers["ratelimit"] == f'"caller";r=0;t={seconds}'
    assert "RateLimit" in answers[0].headers["access-control-expose-headers"]


def test_the_count_begins_anew_with_the_next_window(strict: Cloud, owner: Connection) -> None:
    headers = strict.person("agent")[1]
    tickets = strict.http("tickets")
    assert [tickets.get("/v1/tickets", headers=headers).status_code for _ in range(4)] == [200, 200, 200, 429]
    owner.execute("UPDATE rate_limits SET window_started_at = window_started_at - interval '60 seconds'")
    assert tickets.get("/v1/tickets", headers=headers).status_code == 200


def test_one_caller_does_not_use_up_anothers_requests(strict: Cloud) -> None:
    noisy, quiet = strict.person("agent")[1], strict.person("agent")[1]
    tickets = strict.http("tickets")
    assert [tickets.get("/v1/tickets", headers=noisy).status_code for _ in range(4)][-1] == 429
    assert tickets.get("/v1/tickets", headers=quiet).status_code == 200


def test_a_key_is_counted_by_itself(strict: Cloud) -> None:
    http, headers = strict.http("admin"), strict.person("admin")[1]
    made = http.post("/v1/api-keys", json={"name": "k", "scopes": ["people:read"]}, headers=headers).json()
    key = {"Authorization": f"Bearer {made['key']}"}
    assert [http.get("/v1/me", headers=key).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert http.get("/v1/me", headers=headers).status_code == 200


def test_a_failed_request_counts(strict: Cloud) -> None:
    headers = strict.person("agent")[1]
    tickets = strict.http("tickets")
    found = [tickets.post("/v1/tickets", json={}, headers=headers).status_code for _ in range(4)]
    assert found == [422, 422, 422, 429]


def test_visitors_are_counted_by_their_address(strict: Cloud, owner: Connection) -> None:
    chat = strict.http("chat")
    answers = [chat.post("/chat", json={"message": "hello"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"address";r=2')
    assert owner.execute("SELECT count(*) FROM rate_limits WHERE caller LIKE '%testclient%'").fetchone() == (0,)


def test_one_chat_is_counted_beside_its_address(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTMAX_RATE_LIMIT_CHAT", "2")
    cloud.forget()
    chat = cloud.http("chat")
    session = chat.post("/chat", json={"message": "hello"}).json()["session_id"]
    answers = [chat.post("/chat", json={"message": "hello", "session_id": session}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["ratelimit-policy"] == '"address";q=6000;w=60, "chat";q=2;w=60'
    assert chat.post("/chat", json={"message": "hello"}).status_code == 200


def test_who_is_not_signed_in_is_counted_by_address(strict: Cloud) -> None:
    http = strict.http("admin")
    found = [http.post("/v1/auth/refresh", json={"refresh_token": "x"}).status_code for _ in range(4)]
    assert found == [401, 401, 401, 429]


def test_an_invalid_key_leaves_nothing_behind(cloud: Cloud, owner: Connection) -> None:
    from supportmax.domain.ids import new_id
    from supportmax.services.recognise_caller import new_key

    for _ in range(3):
        forged = {"Authorization": f"Bearer {new_key(cloud.workspace_id, new_id())}"}
        assert cloud.http("admin").get("/v1/me", headers=forged).status_code == 401
    assert owner.execute("SELECT count(*) FROM rate_limits").fetchone() == (0,)


def test_counters_and_answers_are_swept(cloud: Cloud, owner: Connection) -> None:
    headers = cloud.person("agent")[1] | {"Idempotency-Key": str(uuid4())}
    cloud.http("tickets").post("/v1/tickets", json=TICKET, headers=headers)
    cloud.invoke("maintenance", {})
    assert _rows(owner) == (1, 1)
    owner.execute("UPDATE rate_limits SET window_started_at = now() - interval '11 minutes'")
    owner.execute("UPDATE idempotency_keys SET claimed_at = now() - interval '25 hours'")
    cloud.invoke("maintenance", {})
    assert _rows(owner) == (0, 0)


def _rows(owner: Connection) -> tuple[object, ...] | None:
    return owner.execute(
        "SELECT (SELECT count(*) FROM rate_limits), (SELECT count(*) FROM idempotency_keys)"
    ).fetchone()


# Repeating


@pytest.fixture
def keyed(cloud: Cloud) -> Headers:
    """An agent's headers with a key."""
    return cloud.person("agent")[1] | {"Idempotency-Key": str(uuid4())}


def _open(cloud: Cloud, headers: Headers, **also: Any) -> Response:
    return cloud.http("tickets").post("/v1/tickets", json=TICKET | also, headers=headers)


def _tickets(owner: Connection) -> object:
    row = owner.execute("SELECT count(*) FROM tickets").fetchone()
    assert row
    return row[0]


def test_the_same_request_again_does_nothing_and_says_the_same(cloud: Cloud, keyed: Headers, owner: Connection) -> None:
    first, again = _open(cloud, keyed), _open(cloud, keyed)
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert _tickets(owner) == 1
    assert len(cloud.waiting("classify")) == 1


def test_another_request_with_the_same_key_is_refused(cloud: Cloud, keyed: Headers, owner: Connection) -> None:
    ticket = _open(cloud, keyed).json()
    _problem(_open(cloud, keyed, subject="Another"), 409, "idempotency-key-reused")
    elsewhere = f"/v1/tickets/{ticket['id']}/messages"
    _problem(cloud.http("tickets").post(elsewhere, json=TICKET, headers=keyed), 409, "idempotency-key-reused")
    assert _tickets(owner) == 1


def test_a_key_belongs_to_whoever_sent_it(cloud: Cloud, keyed: Headers, owner: Connection) -> None:
    other = cloud.person("agent")[1] | {"Idempotency-Key": keyed["Idempotency-Key"]}
    assert _open(cloud, keyed).json()["id"] != _open(cloud, other).json()["id"]
    assert _tickets(owner) == 2


def test_what_failed_may_be_tried_again(cloud: Cloud, keyed: Headers) -> None:
    assert _open(cloud, keyed, category="no such label").status_code == 422
    assert _open(cloud, keyed).status_code == 201


def test_a_crash_frees_the_key(cloud: Cloud, keyed: Headers, monkeypatch: pytest.MonkeyPatch) -> None:
    from functions.tickets import routes

    with monkeypatch.context() as broken:
        broken.setattr(routes, "open_ticket", lambda *_: 1 / 0)
        assert _open(cloud, keyed).status_code == 500
    assert _open(cloud, keyed).status_code == 201


def test_a_request_that_is_worked_on_is_not_begun_again(cloud: Cloud, keyed: Headers, owner: Connection) -> None:
    _open(cloud, keyed)
    owner.execute("UPDATE idempotency_keys SET status = NULL, body = NULL")
    refused = _open(cloud, keyed)
    _problem(refused, 409, "request-in-progress")
    assert int(refused.headers["retry-after"]) > 0
    owner.execute("UPDATE idempotency_keys SET claimed_at = now() - interval '61 seconds'")  # its server died
    assert _open(cloud, keyed).status_code == 201


def test_of_many_at_once_one_is_done(cloud: Cloud, keyed: Headers, owner: Connection) -> None:
    """Each client has a thread, and so a connection, of its own."""

    def send(_: int) -> int:
        with TestClient(whole) as client:
            status = client.post("/v1/tickets", json=TICKET, headers=keyed).status_code
            assert client.portal
            client.portal.call(container.get().database.close)
        return int(status)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(send, range(8)))
    assert set(found) <= {201, 409}
    assert 201 in found
    assert _tickets(owner) == 1


def test_after_a_day_a_key_is_forgotten(cloud: Cloud, keyed: Headers, owner: Connection) -> None:
    _open(cloud, keyed)
    owner.execute("UPDATE idempotency_keys SET claimed_at = now() - interval '24 hours 1 second'")
    assert _open(cloud, keyed, subject="Another").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a b", "é".encode()])
def test_a_key_that_is_none(key: str | bytes, cloud: Cloud, keyed: Headers) -> None:
    sent = key if isinstance(key, bytes) else key.encode()
    headers = {b"Authorization": keyed["Authorization"].encode(), b"Idempotency-Key": sent}
    response = cloud.http("tickets").post("/v1/tickets", json=TICKET, headers=headers)
    _problem(response, 422, "invalid-input")
    assert response.json()["detail"].startswith("Idempotency-Key")


def test_it_is_for_posts_alone(cloud: Cloud, keyed: Headers) -> None:
    url = f"/v1/tickets/{_open(cloud, keyed).json()['id']}"
    tickets = cloud.http("tickets")
    assert tickets.get(url, headers=keyed).status_code == 200
    assert tickets.patch(url, json={"priority": "high"}, headers=keyed).json()["priority"] == "high"


def test_a_chat_message_is_said_once(cloud: Cloud, owner: Connection) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    chat = cloud.http("chat")
    first = chat.post("/chat", json={"message": "hello"}, headers=key)
    again = chat.post("/chat", json={"message": "hello"}, headers=key)
    assert first.json() == again.json()
    said = owner.execute("SELECT body FROM messages WHERE author_kind = 'customer'").fetchall()
    assert said == [("hello",)]
    _problem(chat.post("/chat", json={"message": "bye"}, headers=key), 409, "idempotency-key-reused")


def test_a_visitors_key_must_be_beyond_guessing(cloud: Cloud) -> None:
    response = cloud.http("chat").post("/chat", json={"message": "hello"}, headers={"Idempotency-Key": "1"})
    _problem(response, 422, "invalid-input")


def test_a_streamed_turn_is_told_again_as_it_was(
    cloud: Cloud, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": str(uuid4()), "Accept": "text/event-stream"}
    with ThreadPoolExecutor(1) as pool, TestClient(whole) as client:
        monkeypatch.setattr(streaming, "_pool", pool)
        first = client.post("/chat", json={"message": "hello"}, headers=headers)
        again = client.post("/chat", json={"message": "hello"}, headers=headers)
        assert client.portal
        client.portal.call(container.get().database.close)
        pool.submit(container.get().database.close).result()
    assert "event: final" in first.text
    assert (again.text, again.headers["content-type"]) == (first.text, first.headers["content-type"])
    assert owner.execute("SELECT count(*) FROM messages WHERE author_kind = 'customer'").fetchone() == (1,)


def test_a_secret_is_not_kept_and_not_made_twice(cloud: Cloud, owner: Connection) -> None:
    headers = cloud.person("admin")[1] | {"Idempotency-Key": str(uuid4())}
    body = {"name": "k", "scopes": ["admin"]}
    made = cloud.http("admin").post("/v1/api-keys", json=body, headers=headers)
    assert made.status_code == 201
    _problem(cloud.http("admin").post("/v1/api-keys", json=body, headers=headers), 409, "already-done")
    assert owner.execute("SELECT count(*) FROM api_keys").fetchone() == (1,)
    kept = json.dumps([str(row) for row in owner.execute("SELECT row_to_json(k)::text FROM idempotency_keys k")])
    assert made.json()["key"] not in kept


def test_signing_in_keeps_no_answer(cloud: Cloud, owner: Connection) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    body = {"email": ADMIN.email, "password": ADMIN.password}
    tokens = [cloud.http("admin").post("/v1/auth/token", json=body, headers=headers) for _ in range(2)]
    assert {answer.status_code for answer in tokens} == {200}
    assert owner.execute("SELECT count(*) FROM idempotency_keys").fetchone() == (0,)
