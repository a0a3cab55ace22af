"""The database keeps workspaces apart by itself: what the runtime role may see and do, table by table."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from supportmax.adapters.postgres.migrations import RUNTIME_ROLE
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.ids import new_id
from supportmax.domain.tickets import NewTicket, TicketFilter
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from tests.server import TEMPLATE, PostgresServer

Connection = psycopg.Connection[tuple[object, ...]]
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE '%yoyo%' ORDER BY 1
"""
# What a row of each table needs beyond its workspace, so that every table holds a row of a stranger.
PLANTED: dict[str, dict[str, object]] = {
    "groups": {"id": "g", "name": "group"},
    "users": {"id": "u", "role": "agent", "name": "user", "email": "stranger@desk.example"},
    "group_members": {"group_id": "g", "user_id": "u"},
    "sessions": {"id": "s"},
    "tickets": {"id": "t", "number": 1, "subject": "planted", "status": "new", "priority": "low", "channel": "api"},
    "messages": {"id": "m", "ticket_id": "t", "author_kind": "agent", "channel": "api", "body": "secret"},
    "attachments": {"id": "a", "message_id": "m", "name": "n", "content_type": "t", "size": 1, "object_key": "k"},
    "inbound_mails": {"id": "i", "fingerprint": "f", "object_key": "k", "outcome": "ticket"},
    "articles": {"id": "k", "external_id": "e", "title": "t", "body": "b", "content_hash": "h"},
    "chunks": {"id": "c", "article_id": "k", "kind": "body", "ordinal": 0, "text": "secret"},
    "labels": {"id": "l", "name": "label"},
    "triage_versions": {},
    "labelled_examples": {"id": "x", "label_id": "l", "text": "t"},
    "escalations": {"id": "h", "ticket_id": "t", "reason": "r", "summary": "s"},
    "notifications": {"id": "n", "user_id": "u", "text": "t"},
    "turns": {
        "id": "r", "question": "q", "searched_for": "q", "action": "answer", "confidence": 1, "retrieved": "[]",
        "model": "m", "latency_ms": 1,
    },
    "outbox": {"id": "o", "queue": "index", "type": "ArticleChanged", "payload": "{}", "occurred_at": "2026-01-01"},
    "processed_messages": {"consumer": "c", "message_id": "p"},
    "audit_entries": {"id": "d", "actor": "a", "action": "x", "subject_kind": "ticket"},
    "crm_links": {"ticket_id": "t"},
    "sync_watermarks": {"name": "w", "reached": "2026-01-01"},
    "model_calls": {"id": "b", "purpose": "answer", "provider": "p", "model": "m", "outcome": "ok"},
    "budget_days": {"day": "2026-01-01"},
    "circuit_breakers": {"provider": "p"},
    "triage_models": {"id": "f", "embedding_model": "m", "labels": ["l"], "weights": b"w", "fingerprint": "f"},
    "calibrations": {"id": "v", "version": "1", "embedding_model": "m", "parameters": "{}"},
    "spare_indexes": {"embedding_model": "m"},
    "spare_vectors": {"example_id": "x"},
    "indexed_articles": {"article_id": "k", "embedding_model": "m", "content_hash": "h"},
    "search_statistics": {"embedding_model": "m"},
    "search_versions": {"version": 1},
    "common_words": {"embedding_model": "m", "word": "w", "chunks": 30},
    "ratings": {"id": "q", "message_id": "m", "helpful": True},
    "article_proposals": {"id": "z", "kind": "article", "title": "t", "body": "b"},
    "ticket_events": {"id": "te", "ticket_id": "t", "kind": "changed", "actor_kind": "system"},
    "ticket_fields": {"id": "tf", "key": "plan", "label": "l", "type": "text"},
    "ticket_followers": {"ticket_id": "t", "user_id": "u"},
    "ticket_links": {"id": "tl", "ticket_id": "t", "other_id": "t", "kind": "blocks"},
    "ticket_texts": {"ticket_id": "t", "words": "'secret'"},
    "ticket_views": {"id": "tv", "title": "t", "query": "q"},
    "ticket_vectors": {"ticket_id": "t", "embedding_model": "m", "embedding": "[1]"},
    "ticket_presence": {"ticket_id": "t", "user_id": "u", "activity": "viewing"},
    "uploads": {"id": "tu", "ticket_id": "t", "name": "n", "content_type": "c", "size": 1, "object_key": "k"},
    "jobs": {"id": "tj", "kind": "k", "request": "{}", "total": 1},
    "macros": {"id": "ra", "name": "n", "actions": "[]"},
    "canned_replies": {"id": "rb", "short_code": "c", "text": "t"},
    "rules": {"id": "rc", "kind": "trigger", "name": "n", "conditions": "{}", "actions": "[]"},
    "rule_firings": {"rule_id": "rc", "ticket_id": "t", "state_since": "2026-01-01"},
    "satisfaction_settings": {"enabled": True, "delay_hours": 1},
    "satisfaction_ratings": {"id": "rd", "ticket_id": "t", "asked_at": "2026-01-01"},
    "notification_preferences": {"user_id": "u", "kind": "rule", "in_app": True, "mail": True},
    "login_sessions": {
        "id": "la", "user_id": "u", "method": "password", "address": "a", "user_agent": "a", "expires_at": "2036-01-01",
    },
    "api_keys": {"id": "lb", "user_id": "u", "name": "n", "hint": "h", "secret_hash": b"s", "scopes": ["admin"]},
    "sign_in_attempts": {"name": "n", "tries": 1, "window_started_at": "2026-01-01"},
    "known_addresses": {"user_id": "u", "address_hash": "h"},
    "rate_limits": {"caller": "c", "requests": 1, "window_started_at": "2026-01-01"},
    "idempotency_keys": {"caller": "c", "key": "k", "fingerprint": b"f", "body": b"secret"},
    "account_links": {"id": "lc", "user_id": "u", "purpose": "invitation", "expires_at": "2036-01-01"},
    "second_factors": {"user_id": "u", "secret": b"s"},
    "recovery_codes": {"id": "ld", "user_id": "u", "code_hash": b"h"},
    "identity_providers": {"id": "le", "name": "n", "issuer": "i", "client_id": "c", "redirect_uris": ["r"]},
    "oidc_attempts": {
        "state_hash": b"s", "provider_id": "le", "browser_hash": b"b", "nonce": "n", "verifier": "v",
        "redirect_uri": "r", "expires_at": "2036-01-01",
    },
    "erased_marks": {"mark": b"m"},
    "retention_rules": {"what": "chats", "days": 1},
    "webhook_endpoints": {"id": "wa", "url": "https://hooks.example.com"},
    "webhook_deliveries": {
        "id": "wb", "endpoint_id": "wa", "event_id": "wc", "event_type": "ping", "ticket_id": "t", "body": "secret",
    },
    "webhook_attempts": {"id": "wd", "delivery_id": "wb", "started_at": "2026-01-01", "duration_ms": 1},
    "agent_profiles": {"user_id": "u"},
    "skill_rules": {"id": "sr", "field": "language", "value": "de", "skill": "german"},
    "waiting_tickets": {"ticket_id": "t"},
    "business_hours": {"id": "bh", "name": "n", "time_zone": "UTC", "shifts": "[]"},
    "sla_policies": {"id": "sp", "name": "n", "targets": "{}"},
    "ticket_clocks": {"ticket_id": "t", "metric": "resolution", "promised": "1 hour", "left_over": "1 hour"},
    "user_identities": {"provider_id": "le", "subject": "s", "user_id": "u"},
    "metric_slots": {"metric": "volume", "slot": "2026-01-01", "label": "chat", "count": 1},
    "widget_keys": {"id": "wk", "name": "n", "key": "k", "allowed_origins": ["https://shop.example"]},
    "chat_settings": {"business_hours_id": "bh", "idle_hours": 24},
    "visitor_keys": {"id": "wv", "kid": "k", "algorithm": "HS256", "secret": b"s"},
    "visitor_identities": {"subject": "s", "user_id": "u"},
    "message_keys": {"session_id": "s", "key": "k", "message_id": "m"},
}  # fmt: skip
EMBEDDED = {"chunks", "labelled_examples", "spare_vectors"}
APPEND_ONLY = {"audit_entries"}
EMBEDDING: dict[str, object] = {"embedding_model": "model", "embedding": "[" + ",".join(["0.05"] * 384) + "]"}


@dataclass(frozen=True)
class Walls:
    """Two workspaces with a row in every table; connections as the owner of the tables and as the functions."""

    ours: UUID
    theirs: UUID
    owner: Connection
    runtime: Connection

    @property
    def tables(self) -> list[str]:
        return [str(name) for (name,) in self.owner.execute(TABLES)]


@pytest.fixture(scope="module")
def walls(postgres: PostgresServer) -> Iterator[Walls]:
    """One database for all tests here: each of them leaves it as it was."""
    name = f"t_{uuid4().hex}"
    postgres.create_database(name, template=TEMPLATE)
    with (
        psycopg.connect(postgres.owner_url(name), autocommit=True) as owner,
        psycopg.connect(postgres.runtime_url(name), autocommit=True) as runtime,
    ):
        ours, theirs = _workspace(owner, "a"), _workspace(owner, "b")
        yield Walls(ours, theirs, owner, runtime)
    postgres.drop_database(name)


def _workspace(owner: Connection, slug: str) -> UUID:
    workspace = new_id()
    owner.execute(*_insert("workspaces", {"id": workspace, "slug": slug, "name": slug, "widget_key": f"wk_{slug}"}))
    for table, row in planted_rows(workspace).items():
        put_in(owner, table, row)
    return workspace


def put_in(owner: Connection, table: str, row: dict[str, object]) -> None:
    statement, values = _insert(table, row)
    owner.execute(statement + sql.SQL(" ON CONFLICT DO NOTHING"), values)  # words come with their ticket


def planted_rows(workspace: UUID) -> dict[str, dict[str, object]]:
    """The rows of PLANTED for a workspace; a letter stands for the same id in all of them."""
    ids: dict[str, UUID] = defaultdict(uuid4)
    rows: dict[str, dict[str, object]] = {}
    for table, fields in PLANTED.items():
        row = {name: ids[str(value)] if _is_id(name) else value for name, value in fields.items()}
        rows[table] = row | {"workspace_id": workspace} | (EMBEDDING if table in EMBEDDED else {})
    return rows


def _is_id(column: str) -> bool:
    return column == "id" or (column.endswith("_id") and column not in {"external_id", "client_id"})


def _insert(table: str, values: dict[str, object]) -> tuple[sql.Composed, list[object]]:
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join([sql.Placeholder()] * len(values)),
    )
    return statement, list(values.values())


@contextmanager
def _inside(connection: Connection, workspace_id: UUID) -> Iterator[Connection]:
    """A transaction of that workspace that leaves nothing behind."""
    with connection.transaction(force_rollback=True):
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(workspace_id)])
        yield connection


def _count(connection: Connection, table: str, workspace_id: UUID | None = None) -> object:
    name, column = sql.Identifier(table), sql.Identifier("id" if table == "workspaces" else "workspace_id")
    query = sql.SQL("SELECT count(*) FROM {} WHERE %s::uuid IS NULL OR {} = %s").format(name, column)
    row = connection.execute(query, [workspace_id, workspace_id]).fetchone()
    assert row is not None
    return row[0]


def test_every_table_is_planted_here(walls: Walls) -> None:
    """A new table must be added above, or the tests below would not cover it."""
    assert set(walls.tables) == {*PLANTED, "workspaces"}


def test_every_table_forces_row_level_security(walls: Walls) -> None:
    rows = walls.owner.execute("SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class")
    secured = {str(name): (on, forced) for name, on, forced in rows}
    assert {table: secured[table] for table in walls.tables} == dict.fromkeys(walls.tables, (True, True))


def test_the_runtime_role_owns_nothing_and_has_no_powers(walls: Walls) -> None:
    owned = walls.owner.execute(
        "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = %(role)s"
        " UNION ALL SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = %(role)s"
        " UNION ALL SELECT nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = %(role)s",
        {"role": RUNTIME_ROLE},
    ).fetchall()
    powers = walls.owner.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, pg_has_role(rolname, %s, 'MEMBER')"
        " FROM pg_roles WHERE rolname = %s",
        ["supportmax_lookup", RUNTIME_ROLE],
    ).fetchone()
    assert owned == []
    assert powers == (False, False, False, False, False)


def test_without_a_workspace_nothing_is_there(walls: Walls) -> None:
    assert {table: _count(walls.runtime, table) for table in walls.tables} == dict.fromkeys(walls.tables, 0)
    assert all(_count(walls.owner, table) for table in walls.tables)


@pytest.mark.parametrize("table", [*PLANTED, "workspaces"])
def test_another_workspaces_rows_are_not_there(table: str, walls: Walls) -> None:
    with _inside(walls.runtime, walls.ours):
        assert _count(walls.runtime, table, walls.ours)
        assert _count(walls.runtime, table, walls.theirs) == 0
    with _inside(walls.runtime, walls.theirs):
        assert _count(walls.runtime, table, walls.ours) == 0
        assert _count(walls.runtime, table, walls.theirs) == 1


@pytest.mark.parametrize("table", PLANTED)
def test_nothing_can_be_put_into_another_workspace(table: str, walls: Walls) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
        _inside(walls.runtime, walls.ours),
    ):
        walls.runtime.execute(*_insert(table, planted_rows(walls.theirs)[table]))
    move = sql.SQL("UPDATE {} SET workspace_id = %s").format(sql.Identifier(table))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), _inside(walls.runtime, walls.ours):
        walls.runtime.execute(move, [walls.theirs])


@pytest.mark.parametrize("table", sorted({*PLANTED} - APPEND_ONLY))
def test_another_workspaces_rows_can_be_neither_changed_nor_deleted(table: str, walls: Walls) -> None:
    update = sql.SQL("UPDATE {} SET workspace_id = workspace_id WHERE workspace_id = %s").format(sql.Identifier(table))
    delete = sql.SQL("DELETE FROM {} WHERE workspace_id = %s").format(sql.Identifier(table))
    with _inside(walls.runtime, walls.ours):
        assert walls.runtime.execute(update, [walls.theirs]).rowcount == 0
        assert walls.runtime.execute(delete, [walls.theirs]).rowcount == 0
        assert walls.runtime.execute(delete, [walls.ours]).rowcount == 1


def test_a_workspace_can_be_neither_renamed_by_another_nor_deleted_by_anyone(walls: Walls) -> None:
    with _inside(walls.runtime, walls.ours):
        assert walls.runtime.execute("UPDATE workspaces SET name = 'x' WHERE id = %s", [walls.theirs]).rowcount == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege), _inside(walls.runtime, walls.ours):
        walls.runtime.execute("DELETE FROM workspaces")


@pytest.mark.parametrize("change", ["UPDATE audit_entries SET actor = 'nobody'", "DELETE FROM audit_entries"])
def test_the_audit_log_is_append_only(change: str, walls: Walls) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="audit_entries"), _inside(walls.runtime, walls.ours):
        walls.runtime.execute(change.encode())


@pytest.mark.parametrize(
    "attempt",
    [
        "ALTER TABLE tickets DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE tickets NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY of_workspace ON tickets",
        "CREATE POLICY mine ON tickets USING (true)",
        "ALTER ROLE supportmax_app BYPASSRLS",
        "SET ROLE supportmax_lookup",
        "SET ROLE postgres",
        "TRUNCATE tickets",
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    ],
)
def test_the_walls_cannot_be_taken_down_from_inside(attempt: str, walls: Walls) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        walls.runtime.execute(attempt.encode())


def test_row_level_security_switched_off_is_an_error_not_an_open_door(walls: Walls) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), _inside(walls.runtime, walls.ours):
        walls.runtime.execute("SET LOCAL row_security = off")
        walls.runtime.execute("SELECT * FROM tickets")


def test_two_workspaces_alternating_on_one_connection_never_leak(store: PostgresStore, workspace_id: UUID) -> None:
    other = prepare_workspace(store, WorkspaceSetup("other", "Other"), new_id()).id
    for turn in range(6):
        mine = workspace_id if turn % 2 else other
        with store.begin(mine) as tx:
            number = tx.tickets.add(NewTicket(id=new_id(), subject=f"of {mine}", channel="api")).number
            subjects = {ticket.subject for ticket in tx.tickets.list(TicketFilter(), None, 100)}
        assert (subjects, number) == ({f"of {mine}"}, turn // 2 + 1)


def test_the_workspace_ends_with_its_transaction(walls: Walls) -> None:
    with _inside(walls.runtime, walls.ours):
        assert _count(walls.runtime, "tickets") == 1
    assert _count(walls.runtime, "tickets") == 0


def test_asking_which_workspaces_there_are_gives_ids_only(walls: Walls) -> None:
    assert walls.runtime.execute("SELECT * FROM find_workspace('b', '')").fetchall() == [(walls.theirs,)]
    assert walls.runtime.execute("SELECT * FROM find_workspace('', 'wk_b')").fetchall() == [(walls.theirs,)]
    assert walls.runtime.execute("SELECT * FROM find_workspace('', '')").fetchall() == [(None,)]
    assert set(walls.runtime.execute("SELECT * FROM all_workspaces()")) >= {(walls.theirs,), (walls.ours,)}
    returned = walls.owner.execute(
        "SELECT proname, format_type(prorettype, NULL) FROM pg_proc WHERE proname ~ 'find_workspace|all_workspaces'"
    )
    assert set(returned) == {("find_workspace", "uuid"), ("all_workspaces", "uuid")}


def test_a_word_search_stays_in_its_workspace(walls: Walls) -> None:
    query = "SELECT count(*) FROM match_words('secret'::tsquery, 'model', 10)"
    assert walls.runtime.execute(query).fetchone() == (0,)
    with _inside(walls.runtime, walls.ours):
        assert walls.runtime.execute(query).fetchone() == (1,)


def test_functions_that_see_further_cannot_be_led_astray(walls: Walls) -> None:
    """A SECURITY DEFINER function without a fixed search_path runs what its caller puts in front."""
    rows = walls.owner.execute(
        "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace",
    )
    settings = {str(name): config for name, config in rows}
    assert set(settings) == {
        "find_workspace", "all_workspaces", "match_words", "find_tickets", "forget_in_audit_log", "is_widget_origin",
    }  # fmt: skip
    assert {str(config) for config in settings.values()} == {"['search_path=public, pg_temp']"}
