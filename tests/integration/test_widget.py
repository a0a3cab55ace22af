"""Chats of widgets, from the key of a page to the token of a visitor."""

from typing import Any

import psycopg
import pytest

from tests.cloud import Cloud, Response
from tests.tickets import Front
from tests.widget import SHOP, Site

Connection = psycopg.Connection[tuple[object, ...]]
PROBLEM = "urn:supportmax:problem:"


def problem(response: Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["type"].removeprefix(PROBLEM)


def test_a_page_begins_a_chat_and_its_visitor_polls(cloud: Cloud, owner: Connection) -> None:
    ann = Site.of(cloud).visitor()
    said = ann.say("I want to speak to a human", key="key-1")
    assert (said.status_code, said.json()["action"]) == (201, "hand_over")
    first = ann.poll()
    assert [author for author, _ in ann.seen] == ["customer", "assistant"]
    assert [m["position"] for m in first.json()["messages"]] == [1, 2]
    assert (ann.poll().status_code, ann.poll().content) == (304, b"")  # whoever saw it all
    assert ann.say("I want to speak to a human", key="key-1").json() == said.json()
    assert ann.poll().status_code == 304  # it was not stored again

    one = {"limit": 1, "after": first.json()["messages"][0]["id"]}
    rest = ann.call("GET", f"{ann.path}/messages", headers={"If-None-Match": ann.etag}, params=one)
    assert len(rest.json()["messages"]) == 1  # the chat is as it was, and this page was not read yet

    agent = Front.of(cloud)
    ticket = agent.read({"id": said.json()["ticket_id"]})
    agent.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": "for us", "visibility": "internal"})
    assert ann.poll().status_code == 304
    agent.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": "Hello, this is Ines."})
    news = ann.poll()
    assert ann.seen[2:] == [("agent", "Hello, this is Ines.")]
    assert news.json()["session"]["in_charge"] == "agent"
    assert ann.say("thanks").json()["message_id"] is None  # the machine is silent
    stored = [str(row) for row in owner.execute("SELECT row_to_json(s)::text FROM sessions s")]
    assert ann.token not in str(stored)


def test_only_pages_of_the_keys_origins_get_in(cloud: Cloud) -> None:
    site = Site.of(cloud, "HTTPS://Shop.example:443/", "https://*.shop.example", "http://localhost:3000")
    assert site.key["allowed_origins"] == [SHOP, "https://*.shop.example", "http://localhost:3000"]
    for origin in (SHOP, "https://a.shop.example", "https://a.b.shop.example", "http://localhost:3000", ""):
        site.origin = origin
        begun = site.ask()
        assert (begun.status_code, begun.headers.get("access-control-allow-origin", "")) == (201, origin)
        assert begun.headers["vary"] == "Origin"
    for origin in (
        "http://shop.example", "https://shop.example:8443", "https://notshop.example", "https://shop.example.evil.test",
        "https://evil.test", "http://localhost", "null",
    ):  # fmt: skip
        site.origin = origin
        refused = site.ask()
        assert problem(refused) == (403, "origin-not-allowed")
        assert origin in refused.json()["detail"]
        assert "access-control-allow-origin" not in refused.headers


def preflight(cloud: Cloud, path: str, origin: str) -> Response:
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return cloud.http("chat").request("OPTIONS", path, headers=asks)


def test_preflights_are_for_the_origins_of_widget_keys(cloud: Cloud) -> None:
    site = Site.of(cloud)
    ann = site.visitor()
    for path in ("/v1/sessions", ann.path, f"{ann.path}/messages"):
        yes, no = preflight(cloud, path, SHOP), preflight(cloud, path, "https://evil.test")
        assert (yes.status_code, yes.headers["access-control-allow-origin"]) == (204, SHOP)
        assert "x-session-token" in yes.headers["access-control-allow-headers"]
        assert problem(no) == (403, "origin-not-allowed")
        assert "access-control-allow-origin" not in no.headers
    assert preflight(cloud, "/chat", "https://evil.test").headers["access-control-allow-origin"] == "*"

    ann.origin = "https://evil.test"
    stolen = ann.poll()
    assert (problem(stolen), "access-control-allow-origin" in stolen.headers) == ((403, "origin-not-allowed"), False)
    ann.origin, ann.token = SHOP, ann.token[:-4] + "AAAA"
    expired = ann.poll()  # the widget must read that it has to begin anew
    assert (problem(expired), expired.headers["access-control-allow-origin"]) == ((401, "unauthorized"), SHOP)


def test_what_is_no_origin(cloud: Cloud) -> None:
    admin, headers = cloud.http("admin"), cloud.person("admin")[1]
    for origin in (
        "shop.example", "https://", "https://shop.example/path", "https://*", "https://*.example", "ftp://shop.example",
        "*", "https://a@shop.example", "https://shop.example:99999", "null", "https://sh op.example",
    ):  # fmt: skip
        body = {"name": "Web shop", "allowed_origins": [origin]}
        refused = admin.post("/v1/widget-keys", json=body, headers=headers)
        assert problem(refused) == (422, "invalid-input"), origin
        assert refused.json()["detail"].startswith("allowed_origins"), origin


def test_keys_are_changed_rotated_and_revoked(cloud: Cloud, owner: Connection) -> None:
    site = Site.of(cloud)
    ann, former = site.visitor(), site.key["key"]
    headers, path = cloud.person("admin")[1], f"/v1/widget-keys/{site.key['id']}"
    admin = cloud.http("admin")

    def ok(method: str, path: str, body: Any = None) -> Any:
        answer = admin.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    rotated = ok("POST", f"{path}/rotate", {})
    assert rotated["key"] != former
    assert site.ask().status_code == 201  # the former key, for a day
    owner.execute("UPDATE widget_keys SET former_until = now()")
    assert problem(site.ask()) == (401, "unauthorized")
    site.key = rotated
    assert site.ask().status_code == 201
    assert ann.poll().status_code == 200  # its chats go on

    assert ok("PATCH", path, {"allowed_origins": ["https://other.example"]})["name"] == "Web shop"
    assert problem(site.ask()) == problem(ann.poll()) == (403, "origin-not-allowed")
    ok("PATCH", path, {"allowed_origins": [SHOP]})
    ok("DELETE", path)
    assert problem(site.ask()) == problem(ann.poll()) == (401, "unauthorized")
    assert problem(admin.patch(path, json={"name": "x"}, headers=headers)) == (409, "conflict")
    assert preflight(cloud, "/v1/sessions", SHOP).status_code == 403
    (listed,) = ok("GET", "/v1/widget-keys")["widget_keys"]
    assert listed["revoked_at"]
    actions = [entry["action"] for entry in ok("GET", "/v1/audit-entries?subject_kind=widget_key")["audit_entries"]]
    assert actions == [f"widget_key.{did}" for did in ("revoked", "updated", "updated", "rotated", "created")]


def test_a_token_opens_its_own_chat_and_no_other(cloud: Cloud, owner: Connection) -> None:
    site = Site.of(cloud)
    ann, bob = (
        site.visitor(name="Ann", email="ann@customer.example"),
        site.visitor(name="Ann", email="ann@customer.example"),
    )
    reply = ann.say("hello").json()["message_id"]
    assert ann.state()["visitor"] == "claimed"
    mine, bob.session_id = bob.session_id, ann.session_id
    rating = {"helpful": True}
    assert {problem(bob.poll()), problem(bob.say("hello")), problem(bob.call("GET", bob.path))} == {(404, "not-found")}
    assert problem(bob.call("PUT", f"{bob.path}/messages/{reply}/rating", json=rating)) == (404, "not-found")
    without = cloud.http("chat")
    assert problem(without.get(f"{ann.path}/messages")) == (404, "not-found")  # as if it did not exist
    assert problem(without.post("/chat", json={"message": "hi", "session_id": ann.session_id})) == (404, "not-found")
    assert ann.call("PUT", f"{ann.path}/messages/{reply}/rating", json=rating).status_code == 204
    bob.session_id = mine
    assert bob.poll().status_code == 200

    owner.execute("UPDATE sessions SET expires_at = now() + interval '1 day'")
    assert ann.poll().status_code == 200
    assert owner.execute("SELECT count(*) FROM sessions WHERE expires_at > now() + interval '6 days'").fetchone() == (
        1,
    )
    owner.execute("UPDATE sessions SET expires_at = now()")
    assert problem(ann.poll()) == problem(ann.say("hello")) == (401, "unauthorized")


def test_the_workspaces_own_key_is_for_the_stacks_own_page(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTMAX_ALLOWED_ORIGIN", "https://desk.example")
    cloud.forget()
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        key = tx.workspace.get().widget_key
    chat = cloud.http("chat")

    def begin(origin: str) -> Response:
        return chat.post(
            "/v1/sessions", json={}, headers={"X-Widget-Key": key} | ({"Origin": origin} if origin else {})
        )

    assert begin("").status_code == 201
    begun = begin("https://desk.example")
    assert (begun.status_code, begun.headers["access-control-allow-origin"]) == (201, "https://desk.example")
    assert preflight(cloud, "/v1/sessions", "https://desk.example").status_code == 204
    assert problem(begin("https://evil.test")) == (403, "origin-not-allowed")
    unknown: list[dict[str, str]] = [{}, {"X-Widget-Key": "smw_nonsense"}, {"X-Widget-Key": "wk_nobody"}]
    for headers in unknown:
        assert problem(chat.post("/v1/sessions", json={}, headers=headers)) == (401, "unauthorized")


def test_a_visitor_is_counted_by_the_token(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTMAX_RATE_LIMIT_VISITOR", "2")
    cloud.forget()
    site = Site.of(cloud)
    ann, bob = site.visitor(), site.visitor()
    answers = [ann.poll() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 304, 429]
    assert [answer.headers["ratelimit"].rpartition(";")[0] for answer in answers] == [
        '"visitor";r=1', '"visitor";r=0', '"visitor";r=0',
    ]  # fmt: skip
    assert bob.poll().status_code == 200
