"""Every endpoint of the OpenAPI document, called by everybody: only what tests/authorisation.py allows.

Who may not gets a valid request with ids that exist, and changes nothing. Who may gets a harmless one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

import jwt
import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from infra.build import openapi
from infra.container.app import app
from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.domain.access import SCOPES, Caller, Scope, covers
from supportmax.domain.clock import utcnow
from supportmax.domain.identity import IdentityProvider
from supportmax.domain.ids import new_id
from supportmax.domain.improvement import Proposal
from supportmax.runtime import container
from supportmax.services.manage_people import KeyRequest, make_key
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.tokens import issue_token
from tests.authorisation import EXPECTED, TOKEN, VISITOR, Rule
from tests.cloud import SECRET, Cloud, Response
from tests.server import TEMPLATE, PostgresServer

DOCUMENT = json.loads(openapi.TARGET.read_text(encoding="utf-8"))
ROUTES = [f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods]
NOBODY = "01890000-0000-7000-8000-000000000000"
CANARY = "canary"
# They change with every request that is counted or refused.
COUNTERS = {"rate_limits", "sign_in_attempts"}
TABLES = """
    SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attname = 'workspace_id'
"""
Headers = dict[str, str]


@dataclass
class World:
    """A workspace with one of everything, whose texts say `canary`, another one, and everybody who might call."""

    cloud: Cloud
    http: TestClient
    owner: psycopg.Connection[tuple[object, ...]]
    theirs: UUID
    ids: dict[str, str] = field(default_factory=dict)
    callers: dict[str, Headers] = field(default_factory=dict)
    visitors: dict[str, Headers] = field(default_factory=dict)
    chat_with_token: str = ""

    def call(self, route: str, headers: Headers, ids: dict[str, str], valid: bool = True) -> Response:
        method, path = route.split()
        operation = DOCUMENT["paths"][path][method.lower()]
        query = {
            parameter["name"]: parameter.get("example", "x")
            for parameter in operation.get("parameters", [])
            if parameter.get("in") == "query" and parameter.get("required")
        }
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        filled = re.sub(r"{(\w+)}", lambda found: ids[found[1]], path)
        return self.http.request(
            method, filled, params=query, json=body if valid or body is None else {"no such field": 1}, headers=headers
        )

    def snapshot(self) -> dict[str, int]:
        """How many rows of ours each table has."""
        found = self.owner.execute(self._count, {"ours": self.cloud.workspace_id})
        return {str(table): int(str(rows)) for table, rows in found}

    @cached_property
    def _count(self) -> sql.Composed:
        """Of all tables at once: it is asked before and after each of some hundred calls."""
        tables = [str(name) for (name,) in self.owner.execute(TABLES) if name not in COUNTERS]
        each = sql.SQL("SELECT {} AS name, count(*) FROM {} WHERE workspace_id = %(ours)s")
        return sql.SQL(" UNION ALL ").join(each.format(sql.Literal(name), sql.Identifier(name)) for name in tables)


@pytest.fixture(scope="module")
def world(postgres: PostgresServer, embedder: MiniLMEmbedder, aws_session: None) -> Iterator[World]:
    name = f"t_{uuid4().hex}"
    postgres.create_database(name, template=TEMPLATE)
    with (
        pytest.MonkeyPatch.context() as environment,
        Cloud.open(postgres.runtime_url(name), embedder, environment) as cloud,
        psycopg.connect(postgres.owner_url(name), autocommit=True) as owner,
        TestClient(app, raise_server_exceptions=False) as http,
    ):
        theirs = prepare_workspace(cloud.tools.store, WorkspaceSetup("theirs", "Theirs"), new_id()).id
        made = World(cloud, http, owner, theirs)
        made.callers = _callers(made)
        made.ids = _one_of_everything(made)
        _invite_visitors(made)
        yield made
        assert http.portal
        http.portal.call(container.get().database.close)
    postgres.drop_database(name)


def _callers(world: World) -> dict[str, Headers]:
    cloud = world.cloud
    admin, headers = cloud.person("admin")
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        person = tx.users.customer("somebody@shop.example", "Somebody")
        widget_key = tx.workspace.get().widget_key
    claims = {"sub": str(admin.id), "ws": str(cloud.workspace_id), "role": "admin"}
    expired = jwt.encode(claims | {"exp": utcnow() - timedelta(seconds=1)}, SECRET, algorithm="HS256")
    forged = jwt.encode(claims | {"exp": utcnow() + timedelta(hours=1)}, "x" * 32, algorithm="HS256")
    ended = jwt.encode(claims | {"exp": utcnow() + timedelta(hours=1), "sid": NOBODY}, SECRET, algorithm="HS256")
    customer = issue_token(person, cloud.workspace_id, SECRET)
    revoked = _key(world, SCOPES)
    world.owner.execute("UPDATE api_keys SET revoked_at = now()")
    expired_key = _key(world, SCOPES)
    world.owner.execute("UPDATE api_keys SET expires_at = now() WHERE revoked_at IS NULL")
    return {
        "nobody": {},
        "a visitor": {"X-Widget-Key": widget_key},
        "an expired token": _bearer(expired),
        "a forged token": _bearer(forged),
        "a token of an ended session": _bearer(ended),
        "a revoked key": revoked,
        "an expired key": expired_key,
        "a customer": _bearer(customer),
        "their administrator": cloud.person("admin", world.theirs)[1],
        "an administrator": headers,
    }


def _bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


def _key(world: World, scopes: tuple[Scope, ...]) -> Headers:
    """A key of an administrator."""
    user, _ = world.cloud.person("admin")
    caller = Caller(user, world.cloud.workspace_id)
    with world.cloud.tools.store.begin(world.cloud.workspace_id) as tx:
        return _bearer(make_key(tx, KeyRequest(CANARY, scopes, user.id, None), caller)[1])


def _one_of_everything(world: World) -> dict[str, str]:
    """Ids of ours, by the name that the paths give them."""
    admin, http = world.callers["an administrator"], world.http

    def made(path: str, **body: Any) -> dict[str, Any]:
        answer = http.post(path, json=body, headers=admin)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    chat = made("/chat", message="hello")
    user = made("/v1/users", name=CANARY, email="canary@desk.example", password="ten characters")
    signed_in = made("/v1/auth/token", email="canary@desk.example", password="ten characters")
    made("/v1/labels", name=CANARY)
    made("/v1/labelled-examples", examples=[{"text": CANARY, "label": CANARY}])
    (example,) = http.get("/v1/labelled-examples", headers=admin).json()["examples"]
    proposal, provider = new_id(), new_id()
    with world.cloud.tools.store.begin(world.cloud.workspace_id) as tx:
        tx.proposals.add([_proposal(proposal)])
        tx.identity_providers.save(_provider(provider))
    webhook = made("/v1/webhooks", url="https://hooks.example.com", description=CANARY)["webhook"]["id"]
    ticket, other = (made("/v1/tickets", subject=CANARY, body=CANARY)["id"] for _ in range(2))
    rows: dict[str, dict[str, object]] = {
        "ticket_views": {"title": CANARY, "query": "status:open"},
        "macros": {"name": CANARY, "actions": "[]"},
        "canned_replies": {"short_code": CANARY, "text": CANARY},
        "ticket_fields": {"key": CANARY, "label": CANARY, "type": "text"},
        "ticket_links": {"ticket_id": ticket, "other_id": other, "kind": "blocks"},
        "groups": {"name": CANARY},
        "business_hours": {"name": CANARY, "time_zone": "UTC", "shifts": "[[0, 0, 60]]"},
        "sla_policies": {"name": CANARY, "targets": '{"low": {"resolution": 60}}'},
        "jobs": {"kind": CANARY, "request": "{}", "total": 1},
        "attachments": {
            "message_id": chat["message_id"], "name": CANARY, "content_type": CANARY, "size": 1, "object_key": CANARY,
        },
    }  # fmt: skip
    rule = {"name": CANARY, "enabled": False, "conditions": "{}", "actions": "[]"}
    planted = {table: _planted(world, table, row) for table, row in rows.items()}
    return {
        "view_id": planted["ticket_views"],
        "trigger_id": _planted(world, "rules", rule | {"kind": "trigger"}),
        "automation_id": _planted(world, "rules", rule | {"kind": "automation"}),
        "macro_id": planted["macros"],
        "reply_id": planted["canned_replies"],
        "field_id": planted["ticket_fields"],
        "link_id": planted["ticket_links"],
        "group_id": planted["groups"],
        "business_hours_id": planted["business_hours"],
        "policy_id": planted["sla_policies"],
        "job_id": planted["jobs"],
        "attachment_id": planted["attachments"],
        "session_id": chat["session_id"],
        "message_id": chat["message_id"],
        "ticket_id": ticket,
        "article_id": made("/v1/articles", external_id=CANARY, title=CANARY, body=CANARY)["id"],
        "example_id": example["id"],
        "proposal_id": str(proposal),
        "user_id": user["id"],
        "login_session_id": signed_in["session_id"],
        "key_id": made("/v1/api-keys", name=CANARY, scopes=["admin"])["api_key"]["id"],
        "provider_id": str(provider),
        "widget_key_id": _widget_key(world)["id"],
        "visitor_key_id": _visitor_key(world),
        "webhook_id": webhook,
        "delivery_id": made(f"/v1/webhooks/{webhook}/ping")["id"],
        "name": "no-such-metric",  # everybody has the same metrics
    }


def _invite_visitors(world: World) -> None:
    """Tokens: of a chat of ours, and of others."""
    with world.cloud.tools.store.begin(world.theirs) as tx:
        theirs = tx.workspace.get().widget_key
    ours = {"X-Widget-Key": _widget_key(world)["key"]}
    revoked = _widget_key(world)
    keys = {
        "of the session": ours,
        "of another session": ours,
        "of an expired session": ours,
        "of a revoked key": {"X-Widget-Key": revoked["key"]},
        "of another workspace": {"X-Widget-Key": theirs},
    }
    begun = {who: world.http.post("/v1/sessions", json={}, headers=key).json() for who, key in keys.items()}
    world.visitors = {who: {"X-Session-Token": chat["token"]} for who, chat in begun.items()}
    token = begun["of the session"]["token"]
    world.callers["a visitor of a session"] = {**world.visitors["of the session"], **ours, **_bearer(token)}
    world.chat_with_token = begun["of the session"]["session"]["id"]
    world.owner.execute(
        "UPDATE sessions SET expires_at = now() WHERE id = %s", [begun["of an expired session"]["session"]["id"]]
    )
    world.http.delete(f"/v1/widget-keys/{revoked['id']}", headers=world.callers["an administrator"])


def _visitor_key(world: World) -> str:
    body = {"kid": CANARY, "algorithm": "HS256"}
    made = world.http.post("/v1/visitor-keys", json=body, headers=world.callers["an administrator"])
    return str(made.json()["visitor_key"]["id"])


def _widget_key(world: World) -> dict[str, Any]:
    body = {"name": CANARY, "allowed_origins": ["https://canary.example"]}
    made = world.http.post("/v1/widget-keys", json=body, headers=world.callers["an administrator"])
    found: dict[str, Any] = made.json()
    return found


def _planted(world: World, table: str, row: dict[str, object]) -> str:
    """The id of a row of ours that was put into the table."""
    values = {"id": new_id(), "workspace_id": world.cloud.workspace_id} | row
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join([sql.Placeholder()] * len(values)),
    )
    world.owner.execute(query, list(values.values()))
    return str(values["id"])


def _proposal(proposal_id: UUID) -> Proposal:
    return Proposal(
        id=proposal_id,
        kind="article",
        article_id=None,
        title=CANARY,
        body=CANARY,
        questions=[CANARY],
        evidence=[],
        status="open",
        decided_by=None,
        decided_at=None,
        created_at=utcnow(),
    )


def _provider(provider_id: UUID) -> IdentityProvider:
    return IdentityProvider(
        id=provider_id,
        name=CANARY,
        issuer="https://login.example.com",
        client_id=CANARY,
        client_secret=None,
        redirect_uris=["https://desk.example.com"],
        email_domains=[],
        joins_as=None,
        enabled=False,
        created_at=utcnow(),
    )


def _lacking(rule: Rule) -> tuple[Scope, ...]:
    """All scopes that are not enough."""
    return tuple(scope for scope in SCOPES if rule.key_scope and not covers(frozenset({scope}), rule.key_scope))


def test_every_endpoint_is_in_the_table_and_no_other() -> None:
    assert set(EXPECTED) == set(ROUTES), "enter new endpoints into tests/authorisation.py"


def test_there_is_one_of_everything(world: World) -> None:
    named = {name for route in ROUTES for name in re.findall(r"{(\w+)}", route)}
    assert named == set(world.ids), "make one of it in _one_of_everything, so that strangers can be refused"


GUARDED = [route for route in ROUTES if EXPECTED.get(route, Rule()).guarded]
UNKNOWN = [
    "nobody", "a visitor of a session", "an expired token", "a forged token", "a token of an ended session",
    "a revoked key", "an expired key",
]  # fmt: skip


@pytest.mark.parametrize("route", GUARDED)
def test_who_may_not_gets_nothing_and_changes_nothing(route: str, world: World) -> None:
    rule = EXPECTED[route]
    before = world.snapshot()
    found = {who: world.call(route, world.callers[who], world.ids) for who in UNKNOWN}
    assert {who: answer.status_code for who, answer in found.items()} == dict.fromkeys(UNKNOWN, 401)
    refused = {"a customer": world.call(route, world.callers["a customer"], world.ids)}
    if rule.admin:
        refused["an agent"] = world.call(route, _fresh(world, "agent"), world.ids)
    assert {who: answer.status_code for who, answer in refused.items()} == dict.fromkeys(refused, 403)
    for answer in (*found.values(), *refused.values()):
        assert answer.headers["content-type"] == "application/problem+json"
        assert CANARY not in answer.text
    after = world.snapshot()
    assert after == before | {"users": after["users"]}  # the agent who was refused


@pytest.mark.parametrize("route", GUARDED)
def test_a_key_opens_what_its_scopes_say(route: str, world: World) -> None:
    rule = EXPECTED[route]
    nobody = dict.fromkeys(world.ids, NOBODY)
    if rule.key_scope:
        answer = world.call(route, _key(world, _lacking(rule) or ("people:read",)), world.ids)
        assert (answer.status_code, CANARY in answer.text) == (403, False), answer.text
    scope: Scope = "admin" if rule.admin else rule.key_scope or "people:read"
    enough = world.call(route, _key(world, (scope,)), nobody, valid=False)
    assert (enough.status_code in {401, 403}) is not rule.keys, enough.text


@pytest.mark.parametrize("route", GUARDED)
def test_who_may_is_let_in(route: str, world: World) -> None:
    for role in ("agent", "admin") if not EXPECTED[route].admin else ("admin",):
        answer = world.call(route, _fresh(world, role), dict.fromkeys(world.ids, NOBODY), valid=False)
        assert answer.status_code not in {401, 403, 429, 500}, (role, answer.text)


@pytest.mark.parametrize("route", GUARDED)
def test_another_workspace_sees_and_changes_nothing_of_ours(route: str, world: World) -> None:
    before = world.snapshot()
    answer = world.call(route, world.callers["their administrator"], world.ids)
    if "{" in route:
        assert answer.status_code == 404, answer.text
    assert answer.status_code < 500
    assert CANARY not in answer.text
    sent = {world.ids[name] for name in re.findall(r"{(\w+)}", route)}
    assert not [found for found in world.ids.values() if found in answer.text and found not in sent]
    assert world.snapshot() == before


@pytest.mark.parametrize("route", [route for route, rule in EXPECTED.items() if rule is VISITOR and "{" in route])
def test_a_visitor_of_another_session_or_workspace_finds_nothing(route: str, world: World) -> None:
    with world.cloud.tools.store.begin(world.theirs) as tx:
        their_key = tx.workspace.get().widget_key
    before = world.snapshot()
    elsewhere = world.call(route, {"X-Widget-Key": their_key}, world.ids)
    no_session = world.call(route, world.callers["a visitor"], world.ids | {"session_id": NOBODY})
    assert (elsewhere.status_code, no_session.status_code) == (404, 404)
    guarded = world.ids | {"session_id": world.chat_with_token}
    for stranger in ("of another session", "of another workspace"):
        assert world.call(route, world.visitors[stranger], guarded).status_code == 404
    assert world.call(route, world.callers["a visitor"], guarded).status_code == 404
    if "{message_id}" in route:
        with world.cloud.tools.store.begin(world.cloud.workspace_id) as tx:
            other = str(tx.sessions.add(new_id(), None).id)
        assert world.call(route, world.callers["a visitor"], world.ids | {"session_id": other}).status_code == 404
        before |= {"sessions": world.snapshot()["sessions"]}
    assert world.snapshot() == before


@pytest.mark.parametrize("route", [route for route, rule in EXPECTED.items() if rule is TOKEN])
def test_a_session_opens_to_its_own_token_alone(route: str, world: World) -> None:
    ids = world.ids | {"session_id": world.chat_with_token}
    before = world.snapshot()
    strangers = {
        **{who: world.callers[who] for who in ("nobody", "a visitor", "an administrator")},
        **{who: world.visitors[who] for who in ("of an expired session", "of a revoked key")},
    }
    found = {who: world.call(route, headers, ids) for who, headers in strangers.items()}
    assert {who: answer.status_code for who, answer in found.items()} == dict.fromkeys(strangers, 401)
    if "{session_id}" in route:
        others = {who: world.visitors[who] for who in ("of another session", "of another workspace")}
        found = {who: world.call(route, headers, ids) for who, headers in others.items()}
        assert {who: answer.status_code for who, answer in found.items()} == dict.fromkeys(others, 404)
    assert world.snapshot() == before
    let_in = world.call(route, world.visitors["of the session"], ids, valid=False)
    assert let_in.status_code not in {401, 403, 404, 429, 500}, let_in.text


def test_a_chat_goes_on_only_in_its_own_workspace(world: World) -> None:
    with world.cloud.tools.store.begin(world.theirs) as tx:
        their_key = tx.workspace.get().widget_key
    body = {"message": "hello", "session_id": world.ids["session_id"]}
    assert world.http.post("/chat", json=body, headers={"X-Widget-Key": their_key}).status_code == 404


def _fresh(world: World, role: Any) -> Headers:
    """Somebody whom an earlier call cannot have signed out."""
    return world.cloud.person(role)[1]
