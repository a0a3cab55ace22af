"""Whatever is sent: one clear problem document that names what is wrong, never a 500."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Attachment, Message
from supportmax.domain.ids import new_id
from supportmax.domain.tickets import NewTicket
from supportmax.ports import Transaction
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.tokens import issue_token
from tests.cloud import SECRET, Cloud, Response
from tests.server import TEMPLATE, PostgresServer
from tests.tickets import Front

PROBLEM = "urn:supportmax:problem:"
SOMEBODY = "01890000-0000-7000-8000-000000000001"
NOBODY = "01890000-0000-7000-8000-000000000000"
Call = tuple[str, str, str, dict[str, Any] | None]
ARTICLE = {"external_id": "a", "title": "A secret title", "body": "A body"}
SOLVE = {"name": "solve", "actions": [{"action": "set_status", "value": "solved"}]}
TRIGGER = SOLVE | {"events": ["ticket_created"], "enabled": False}
CANNED = {"short_code": "hello", "text": "Hello."}
TICKET = {"subject": "A subject", "body": "A body"}
HOURS = {"name": "h", "time_zone": "UTC", "shifts": [{"weekday": "monday", "start": "08:00", "end": "12:00"}]}
POLICY = {"name": "p", "conditions": {}, "targets": {"urgent": {"first_response": 15}}}


@pytest.fixture(scope="module")
def cloud(postgres: PostgresServer, embedder: MiniLMEmbedder, aws_session: None) -> Iterator[Cloud]:
    """One account for all tests here: nothing they send changes anything."""
    name = f"t_{uuid4().hex}"
    postgres.create_database(name, template=TEMPLATE)
    with (
        pytest.MonkeyPatch.context() as environment,
        Cloud.open(postgres.runtime_url(name), embedder, environment) as it,
    ):
        yield it
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def admin(cloud: Cloud) -> dict[str, str]:
    return cloud.person("admin")[1]


def _problem(response: Response, status: int, kind: str) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    document: dict[str, Any] = response.json()
    assert (response.status_code, document["status"], document["type"]) == (status, status, PROBLEM + kind)
    assert document["title"]
    return document


def _names(problem: dict[str, Any], field: str) -> None:
    assert field in problem["detail"]


# What a chat widget may send


@pytest.mark.parametrize(
    ("body", "status", "kind", "field"),
    [
        (b"{", 400, "invalid-json", "JSON"),
        (b"", 422, "invalid-input", "body"),
        (b"null", 422, "invalid-input", "body"),
        (b"[]", 422, "invalid-input", "body"),
        (b'"hello"', 422, "invalid-input", "body"),
        (b"{}", 422, "invalid-input", "message"),
        (b'{"message": ""}', 422, "invalid-input", "message"),
        (b'{"message": " \\n\\t "}', 422, "invalid-input", "message"),
        (b'{"message": "\\u0000"}', 422, "invalid-input", "message"),
        (b'{"message": "\\u200b\\u202e"}', 422, "invalid-input", "message"),
        (b'{"message": "\\ud800"}', 422, "invalid-input", "message"),
        (b'{"message": null}', 422, "invalid-input", "message"),
        (b'{"message": 42}', 422, "invalid-input", "message"),
        (b'{"message": ["hello"]}', 422, "invalid-input", "message"),
        (b'{"message": {"text": "hello"}}', 422, "invalid-input", "message"),
        (b'{"message": "hello", "workspace_id": "x"}', 422, "invalid-input", "workspace_id"),
        (b'{"message": "hello", "session_id": 5}', 422, "invalid-input", "session_id"),
        (b'{"message": "hello", "session_id": "nonsense"}', 404, "not-found", "session"),
        (f'{{"message": "hello", "session_id": "{NOBODY}"}}'.encode(), 404, "not-found", "session"),
        (json.dumps({"message": "x" * 1_000_000}).encode(), 413, "too-large", "8,000"),
        (json.dumps({"message": "x" * 8_001}).encode(), 413, "too-large", "8,001"),
        (b'{"message": "\xff\xfe"}', 400, "bad-request", "body"),
        (b"[" * 100_000, 400, "bad-request", "body"),
    ],
    ids=range(23),
)
def test_a_bad_chat_message(body: bytes, status: int, kind: str, field: str, cloud: Cloud) -> None:
    response = cloud.http("chat").post("/chat", content=body, headers={"Content-Type": "application/json"})
    _names(_problem(response, status, kind), field)


def test_what_was_sent_is_not_echoed(cloud: Cloud) -> None:
    response = cloud.http("chat").post("/chat", json={"message": {"secret": "4111 1111 1111 1111"}})
    assert "4111" not in response.text


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_of_another_kind(content_type: str, cloud: Cloud) -> None:
    response = cloud.http("chat").post("/chat", content=b"message=hello", headers={"Content-Type": content_type})
    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"


def test_a_wrong_method_says_which_is_right(cloud: Cloud) -> None:
    for function, path, methods in (("chat", "/chat", "POST"), ("tickets", "/v1/tickets", "GET, POST")):
        response = cloud.http(function).delete(path)
        _problem(response, 405, "method-not-allowed")
        assert response.headers["allow"] == methods


@pytest.mark.parametrize("path", ["/nothing", "/chat/", "/v1/sessions//messages"])
def test_a_path_that_does_not_exist(path: str, cloud: Cloud) -> None:
    _problem(cloud.http("chat").get(path), 404, "not-found")


@pytest.mark.parametrize("session", ["nonsense", NOBODY, "' OR 1=1 --", "%00"])
def test_the_messages_of_an_unknown_session(session: str, cloud: Cloud) -> None:
    _names(_problem(cloud.http("chat").get(f"/v1/sessions/{session}/messages"), 404, "not-found"), "session")


def test_an_unknown_widget_key(cloud: Cloud) -> None:
    response = cloud.http("chat").post("/chat", json={"message": "hello"}, headers={"X-Widget-Key": "wk_nobody"})
    _problem(response, 401, "unauthorized")


# Who is calling?


def _claims(**changed: Any) -> str:
    claims = {"sub": NOBODY, "ws": NOBODY, "role": "admin", "exp": utcnow() + timedelta(hours=1)} | changed
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, SECRET, algorithm="HS256")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "garbage",
        "a.b.c",
        jwt.encode({"sub": NOBODY, "ws": NOBODY, "exp": 9_999_999_999}, "x" * 32, algorithm="HS256"),
        jwt.encode({"sub": NOBODY, "ws": NOBODY, "exp": 9_999_999_999}, "", algorithm="none"),
        _claims(),
        _claims(exp=None),
        _claims(ws=None),
        _claims(sub="nonsense"),
        _claims(ws=5),
        _claims(ws=["x"]),
        _claims(exp=utcnow() - timedelta(seconds=1)),
    ],
    ids=range(12),
)
def test_a_token_that_is_none_of_ours(token: str, cloud: Cloud) -> None:
    response = cloud.http("admin").get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    _problem(response, 401, "unauthorized")


def test_an_expired_token_says_so(cloud: Cloud) -> None:
    headers = {"Authorization": f"Bearer {_claims(exp=utcnow() - timedelta(seconds=1))}"}
    _names(_problem(cloud.http("admin").get("/v1/me", headers=headers), 401, "unauthorized"), "expired")


def test_a_token_of_somebody_deleted_since(cloud: Cloud, admin: dict[str, str]) -> None:
    user, headers = cloud.person()
    with cloud.tools.database.transaction() as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(cloud.workspace_id)])
        connection.execute("DELETE FROM users WHERE id = %s", [user.id])
    _problem(cloud.http("admin").get("/v1/me", headers=headers), 401, "unauthorized")


def test_a_customers_token_opens_nothing(cloud: Cloud) -> None:
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        customer = tx.users.customer("ann@customer.example", "Ann")
    headers = {"Authorization": f"Bearer {issue_token(customer, cloud.workspace_id, SECRET)}"}
    _problem(cloud.http("tickets").get("/v1/tickets", headers=headers), 403, "forbidden")


@pytest.mark.parametrize(
    ("function", "path", "body"),
    [
        ("admin", "/v1/users", {"name": "Eve", "email": "eve@desk.example"}),
        ("admin", "/v1/groups", {"name": "Everybody"}),
        ("knowledge", "/v1/labels", {"name": "label"}),
        ("knowledge", "/v1/triage/fit", {}),
    ],
)
def test_what_only_administrators_may(function: str, path: str, body: dict[str, Any], cloud: Cloud) -> None:
    _problem(cloud.http(function).post(path, json=body, headers=cloud.person("agent")[1]), 403, "forbidden")


@pytest.mark.parametrize("path", ["/v1/budget", "/v1/model-calls", "/v1/workspace/answering"])
def test_what_only_administrators_may_see(path: str, cloud: Cloud) -> None:
    _problem(cloud.http("admin").get(path, headers=cloud.person("agent")[1]), 403, "forbidden")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"wanted_precision": 95}, "wanted_precision"),
        ({"wanted_precision": 1}, "wanted_precision"),
        ({"wanted_precision": 0.2}, "wanted_precision"),
        ({"wanted_precision": None}, "wanted_precision"),
        ({"wanted_precision": "high"}, "wanted_precision"),
        ({"daily_budget_microusd": -1}, "daily_budget_microusd"),
        ({"daily_budget_microusd": 1.5}, "daily_budget_microusd"),
        ({"daily_budget_microusd": 10**30}, "daily_budget_microusd"),
        ({"threshold": 0.9}, "threshold"),
    ],
)
def test_a_bad_wish_for_answers(body: dict[str, Any], field: str, cloud: Cloud, admin: dict[str, str]) -> None:
    response = cloud.http("admin").patch("/v1/workspace/answering", json=body, headers=admin)
    _names(_problem(response, 422, "invalid-input"), field)


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "", "0", "2026-02-01T00:00:01Z"])
def test_a_bad_day(day: str, cloud: Cloud, admin: dict[str, str]) -> None:
    _names(_problem(cloud.http("admin").get(f"/v1/budget?day={day}", headers=admin), 422, "invalid-input"), "day")


# Another workspace


@pytest.fixture(scope="module")
def theirs(cloud: Cloud) -> dict[str, str]:
    """Ids of another workspace, by what they are."""
    store = cloud.tools.store
    workspace_id = prepare_workspace(store, WorkspaceSetup("theirs", "Theirs"), new_id()).id
    ids = {"workspace": str(workspace_id)}
    with store.begin(workspace_id) as tx:
        ids["ticket"] = str(tx.tickets.add(NewTicket(id=new_id(), subject="secret", channel="api")).id)
        ids["session"] = str(tx.sessions.add(new_id(), None).id)
        ids["group"] = str(tx.groups.save("theirs", []).id)
        ids["attachment"] = _attachment(tx, UUID(ids["ticket"]))
        ids["user"] = str(tx.users.add("agent", "Theirs", "theirs@desk.example", None).id)
    their_headers = cloud.person("agent", workspace_id)[1]
    their_admin = Front(cloud, *cloud.person("admin", workspace_id))
    field = {"key": "secret", "label": "secret", "type": "text"}
    ids["field"] = their_admin.ok("POST", "/v1/ticket-fields", field)["id"]
    ids["macro"] = their_admin.ok("POST", "/v1/macros", SOLVE | {"shared": True})["id"]
    ids["trigger"] = their_admin.ok("POST", "/v1/triggers", TRIGGER)["id"]
    ids["canned"] = their_admin.ok("POST", "/v1/canned-replies", CANNED | {"shared": True})["id"]
    ids["view"] = their_admin.ok("POST", "/v1/views", {"title": "secret", "query": "", "shared": True})["id"]
    bulk = {"ticket_ids": [ids["ticket"]], "changes": {"priority": "high"}}
    ids["job"] = their_admin.ok("POST", "/v1/tickets/bulk-update", bulk)["id"]
    ids["article"] = cloud.http("knowledge").post("/v1/articles", json=ARTICLE, headers=their_headers).json()["id"]
    return ids


def _attachment(tx: Transaction, ticket_id: UUID) -> str:
    message = Message(
        id=new_id(), author_kind="customer", channel="api", body="b", created_at=utcnow(), ticket_id=ticket_id
    )
    tx.messages.add(message)
    tx.attachments.add(Attachment(new_id(), message.id, "secret", "text/plain", 1, "key"))
    return str(tx.attachments.of_messages([message.id])[0].id)


@pytest.mark.parametrize(
    "call",
    [
        ("tickets", "GET", "/v1/tickets/{ticket}", None),
        ("tickets", "PATCH", "/v1/tickets/{ticket}", {"status": "closed"}),
        ("tickets", "DELETE", "/v1/tickets/{ticket}", None),
        ("tickets", "GET", "/v1/tickets/{ticket}/messages", None),
        ("tickets", "POST", "/v1/tickets/{ticket}/messages", {"body": "hello"}),
        ("tickets", "POST", "/v1/tickets/{ticket}/restore", None),
        ("tickets", "POST", "/v1/tickets/{ticket}/merge", {"ticket_ids": [SOMEBODY]}),
        ("tickets", "POST", "/v1/tickets/{ticket}/split", {"message_ids": [NOBODY]}),
        ("tickets", "GET", "/v1/tickets/{ticket}/events", None),
        ("tickets", "GET", "/v1/tickets/{ticket}/followers", None),
        ("tickets", "PUT", "/v1/tickets/{ticket}/followers/{user}", None),
        ("tickets", "DELETE", "/v1/tickets/{ticket}/followers/{user}", None),
        ("tickets", "GET", "/v1/tickets/{ticket}/links", None),
        ("tickets", "POST", "/v1/tickets/{ticket}/links", {"kind": "blocks", "ticket_id": SOMEBODY}),
        ("tickets", "DELETE", f"/v1/tickets/{{ticket}}/links/{NOBODY}", None),
        ("tickets", "PUT", "/v1/tickets/{ticket}/presence", {}),
        ("tickets", "DELETE", "/v1/tickets/{ticket}/presence", None),
        ("tickets", "POST", "/v1/tickets/{ticket}/uploads", {"name": "a.txt", "content_type": "text/plain", "size": 1}),
        ("tickets", "GET", "/v1/attachments/{attachment}", None),
        ("tickets", "GET", "/v1/macros/{macro}", None),
        ("tickets", "PUT", "/v1/macros/{macro}", SOLVE),
        ("tickets", "DELETE", "/v1/macros/{macro}", None),
        ("tickets", "POST", f"/v1/tickets/{SOMEBODY}/macros/{{macro}}/apply", {}),
        ("tickets", "PUT", "/v1/canned-replies/{canned}", CANNED),
        ("tickets", "DELETE", "/v1/canned-replies/{canned}", None),
        ("tickets", "POST", "/v1/canned-replies/{canned}/render", {"ticket_id": SOMEBODY}),
        ("tickets", "GET", "/v1/triggers/{trigger}", None),
        ("tickets", "PUT", "/v1/triggers/{trigger}", TRIGGER),
        ("tickets", "DELETE", "/v1/triggers/{trigger}", None),
        ("tickets", "POST", "/v1/triggers/{trigger}/dry-run", {}),
        ("tickets", "GET", "/v1/automations/{trigger}", None),
        ("tickets", "GET", "/v1/views/{view}", None),
        ("tickets", "PUT", "/v1/views/{view}", {"title": "t", "query": ""}),
        ("tickets", "DELETE", "/v1/views/{view}", None),
        ("tickets", "GET", "/v1/views/{view}/tickets", None),
        ("tickets", "GET", "/v1/views/counts?ids={view}", None),
        ("tickets", "PATCH", "/v1/ticket-fields/{field}", {"label": "x"}),
        ("tickets", "DELETE", "/v1/ticket-fields/{field}", None),
        ("tickets", "GET", "/v1/jobs/{job}", None),
        ("knowledge", "GET", "/v1/articles/{article}", None),
        ("knowledge", "PUT", "/v1/articles/{article}", ARTICLE),
        ("knowledge", "DELETE", "/v1/articles/{article}", None),
        ("chat", "GET", "/v1/sessions/{session}/messages", None),
        ("chat", "POST", "/chat", {"message": "hello", "session_id": "{session}"}),
    ],
)
@pytest.mark.parametrize("whose", ["theirs", "nobodys", "nonsense"])
def test_another_workspaces_ids_are_not_found_like_any_unknown_id(
    whose: str, call: Call, cloud: Cloud, theirs: dict[str, str], admin: dict[str, str]
) -> None:
    ids = {"theirs": theirs, "nobodys": dict.fromkeys(theirs, NOBODY), "nonsense": dict.fromkeys(theirs, "x")}[whose]
    function, method, path, body = call
    sent = {n: v.format(**ids) if isinstance(v, str) else v for n, v in body.items()} if body is not None else None
    response = cloud.http(function).request(method, path.format(**ids), json=sent, headers=admin)
    assert "secret" not in json.dumps(_problem(response, 404, "not-found"))


@pytest.mark.parametrize(("field", "kind"), [("assignee_id", "user"), ("group_id", "group")])
@pytest.mark.parametrize("whose", ["theirs", "nobodys"])
def test_a_ticket_cannot_be_given_to_another_workspaces_people(
    field: str, kind: str, whose: str, cloud: Cloud, theirs: dict[str, str], admin: dict[str, str]
) -> None:
    wanted = theirs[kind] if whose == "theirs" else NOBODY
    tickets = cloud.http("tickets")
    ticket = tickets.post("/v1/tickets", json=TICKET, headers=admin).json()
    response = tickets.patch(f"/v1/tickets/{ticket['id']}", json={field: wanted}, headers=admin)
    _names(_problem(response, 422, "invalid-input"), field)


@pytest.mark.parametrize("whose", ["theirs", "nobodys"])
def test_a_label_cannot_name_another_workspaces_group(
    whose: str, cloud: Cloud, theirs: dict[str, str], admin: dict[str, str]
) -> None:
    group_id = theirs["group"] if whose == "theirs" else NOBODY
    response = cloud.http("knowledge").post("/v1/labels", json={"name": "l", "group_id": group_id}, headers=admin)
    _names(_problem(response, 422, "invalid-input"), "group_id")


@pytest.mark.parametrize("whose", ["theirs", "nobodys"])
def test_a_group_cannot_have_another_workspaces_members(
    whose: str, cloud: Cloud, theirs: dict[str, str], admin: dict[str, str]
) -> None:
    member = theirs["user"] if whose == "theirs" else NOBODY
    response = cloud.http("admin").post("/v1/groups", json={"name": "g", "member_ids": [member]}, headers=admin)
    _names(_problem(response, 422, "invalid-input"), "member_ids")


# Bodies and queries of the agents' API


@pytest.mark.parametrize(
    ("function", "path", "body", "field"),
    [
        ("tickets", "/v1/tickets", {"body": "b"}, "subject"),
        ("tickets", "/v1/tickets", TICKET | {"subject": "  "}, "subject"),
        ("tickets", "/v1/tickets", TICKET | {"subject": "x" * 201}, "subject"),
        ("tickets", "/v1/tickets", TICKET | {"subject": "a\x00b"}, "subject"),
        ("tickets", "/v1/tickets", TICKET | {"body": "a\x00b"}, "body"),
        ("tickets", "/v1/tickets", TICKET | {"body": "x" * 50_001}, "body"),
        ("tickets", "/v1/tickets", TICKET | {"priority": "huge"}, "priority"),
        ("tickets", "/v1/tickets", TICKET | {"category": "no such label"}, "category"),
        ("tickets", "/v1/tickets", TICKET | {"category": "a\x00b"}, "category"),
        ("tickets", "/v1/tickets", TICKET | {"tags": "vip"}, "tags"),
        ("tickets", "/v1/tickets", TICKET | {"tags": ["a\x00b"]}, "tags"),
        ("tickets", "/v1/tickets", TICKET | {"tags": ["x"] * 31}, "tags"),
        ("tickets", "/v1/tickets", TICKET | {"requester_email": "nobody"}, "requester_email"),
        ("tickets", "/v1/tickets", TICKET | {"requester_email": "a@b.example\nBcc: c@d.example"}, "requester_email"),
        ("tickets", "/v1/tickets", TICKET | {"number": 7}, "number"),
        ("knowledge", "/v1/articles", ARTICLE | {"title": ""}, "title"),
        ("knowledge", "/v1/articles", ARTICLE | {"title": "a\x00b"}, "title"),
        ("knowledge", "/v1/articles", ARTICLE | {"body": "a\x00b"}, "body"),
        ("knowledge", "/v1/articles", ARTICLE | {"body": "x" * 200_001}, "body"),
        ("knowledge", "/v1/articles", ARTICLE | {"language": "English"}, "language"),
        ("knowledge", "/v1/articles", ARTICLE | {"status": "secret"}, "status"),
        ("knowledge", "/v1/articles", ARTICLE | {"questions": [1]}, "questions.0"),
        ("knowledge", "/v1/articles/import", {"articles": []}, "articles"),
        ("knowledge", "/v1/articles/import", {"articles": [ARTICLE] * 101}, "articles"),
        ("knowledge", "/v1/articles/import", {"articles": [ARTICLE, ARTICLE | {"title": 5}]}, "articles.1.title"),
        ("knowledge", "/v1/articles/import", {"articles": [ARTICLE, ARTICLE | {"title": "\x00"}]}, "articles.1.title"),
        ("knowledge", "/v1/labelled-examples", {"examples": [{"text": "t", "label": "none"}]}, "label"),
        ("knowledge", "/v1/labelled-examples", {"examples": [{"text": "", "label": "none"}]}, "examples.0.text"),
        ("knowledge", "/v1/labels", {"name": "l", "priority": 1}, "priority"),
        ("knowledge", "/v1/labels", {"name": "a\x00b"}, "name"),
        ("admin", "/v1/users", {"name": "E", "email": "not an address"}, "email"),
        ("admin", "/v1/users", {"name": "E", "email": "e@desk.example", "password": "short"}, "password"),
        ("admin", "/v1/users", {"name": "E", "email": "e@desk.example", "role": "customer"}, "role"),
        ("admin", "/v1/groups", {"name": "g", "member_ids": ["x"]}, "member_ids.0"),
        ("admin", "/v1/auth/token", {"email": "admin@desk.example"}, "password"),
        ("tickets", "/v1/canned-replies", CANNED | {"shared": 0}, "shared"),
        ("admin", "/v1/users", {"name": "E", "email": "e@desk.example", "invite": "yes"}, "invite"),
        ("admin", "/v1/api-keys", {"name": "k", "scopes": ["admin"], "expires_at": 4_102_444_800}, "expires_at"),
        ("admin", "/v1/api-keys", {"name": "k", "scopes": ["admin"], "expires_at": "4102444800"}, "expires_at"),
        ("admin", "/v1/business-hours", HOURS | {"holidays": [{"date": 0}]}, "holidays.0.date"),
        ("admin", "/v1/sla-policies", POLICY | {"position": "1"}, "position"),
        ("admin", "/v1/sla-policies", POLICY | {"position": True}, "position"),
        ("admin", "/v1/webhooks", {"description": "d"}, "url"),
        ("admin", "/v1/webhooks", {"url": "https://user:word@hooks.example.com"}, "url"),
        ("admin", "/v1/webhooks", {"url": "ftp://hooks.example.com"}, "url"),
        ("admin", "/v1/webhooks", {"url": "https://hooks.example.com", "event_types": ["x"]}, "event_types.0"),
    ],
)
def test_a_bad_body_names_its_field(
    function: str, path: str, body: dict[str, Any], field: str, cloud: Cloud, admin: dict[str, str]
) -> None:
    problem = _problem(cloud.http(function).post(path, json=body, headers=admin), 422, "invalid-input")
    _names(problem, field)


@pytest.mark.parametrize(
    ("function", "path"),
    [
        ("tickets", "/v1/tickets"),
        ("tickets", "/v1/notifications"),
        ("knowledge", "/v1/articles"),
        ("knowledge", "/v1/labelled-examples"),
        ("admin", "/v1/quarantine"),
        ("admin", "/v1/model-calls"),
        ("admin", "/v1/webhooks"),
    ],
)
@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("after=x", "after")]
)
def test_a_bad_page(function: str, path: str, query: str, field: str, cloud: Cloud, admin: dict[str, str]) -> None:
    problem = _problem(cloud.http(function).get(f"{path}?{query}", headers=admin), 422, "invalid-input")
    _names(problem, field)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=gone", "status"),
        ("priority=1", "priority"),
        ("assignee_id=me", "assignee_id"),
        ("channel=fax", "channel"),
    ],
)
def test_a_bad_filter(query: str, field: str, cloud: Cloud, admin: dict[str, str]) -> None:
    _names(_problem(cloud.http("tickets").get(f"/v1/tickets?{query}", headers=admin), 422, "invalid-input"), field)


@pytest.mark.parametrize("query", ["tag=%00", "category=a%00b"])
def test_a_filter_that_nothing_can_match(query: str, cloud: Cloud, admin: dict[str, str]) -> None:
    _problem(cloud.http("tickets").get(f"/v1/tickets?{query}", headers=admin), 422, "invalid-input")


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20", "?q=%00", f"?q={'x' * 2_001}"])
def test_a_bad_search(query: str, cloud: Cloud, admin: dict[str, str]) -> None:
    problem = _problem(cloud.http("knowledge").get(f"/v1/knowledge/search{query}", headers=admin), 422, "invalid-input")
    _names(problem, "q")


@pytest.mark.parametrize(
    ("email", "password"),
    [("admin@desk.example", "wrong"), ("nobody@desk.example", "wrong"), ("", ""), ("a\x00b", "x"), ("x", "\x00")],
)
def test_a_failed_sign_in_says_nothing_about_who_exists(email: str, password: str, cloud: Cloud) -> None:
    response = cloud.http("admin").post("/v1/auth/token", json={"email": email, "password": password})
    assert response.status_code in {401, 422}
    if "\x00" not in email + password:
        assert _problem(response, 401, "unauthorized")["detail"] == "Wrong e-mail address or password."


def test_ids_in_tests_are_ids() -> None:
    assert UUID(NOBODY).version == 7
