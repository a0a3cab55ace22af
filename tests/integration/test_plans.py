"""The plan of every named query where there are a million of everything: none reads a large table from end to end.

The rows are few and the tables large: after ANALYZE their files are stretched (with holes, which take no room), and
pg_class says that they hold as many more rows. So the planner weighs what it would on such a desk.
"""

import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from supportmax.adapters.postgres import queries
from supportmax.domain.ids import new_id
from tests.integration.test_queries import NAMED, numbered
from tests.server import TEMPLATE, PostgresServer

Connection = psycopg.Connection[Any]
ROWS, FACTOR = 2_000, 500
# What grows with tickets, customers and time. (Knowledge grows with its articles: test_search_at_size.py.)
LARGE = (
    *("users", "sessions", "tickets", "messages", "attachments", "inbound_mails", "escalations", "notifications"),
    *("turns", "ratings", "model_calls", "outbox", "processed_messages", "audit_entries", "crm_links", "jobs"),
    *("ticket_events", "ticket_followers", "ticket_links", "ticket_texts", "ticket_vectors", "ticket_clocks"),
    *("login_sessions", "webhook_deliveries", "metric_slots"),
)
# Texts are few different ones, except where they must be unique.
COLUMNS = """
    SELECT a.attname, CASE
        WHEN a.attname = 'workspace_id' THEN quote_literal(%(workspace)s) || '::uuid'
        WHEN t.typname = 'uuid' THEN 'gen_random_uuid()'
        WHEN t.typname = 'text' THEN '''v'' || i' || CASE WHEN u.known IS NULL THEN ' %% 7' ELSE '' END
        WHEN t.typname = 'timestamptz' THEN 'now() - i * interval ''1 minute'''
        WHEN t.typname = 'date' THEN 'current_date - i::integer'
        WHEN t.typname = 'interval' THEN 'interval ''1 hour'''
        WHEN t.typname = 'bytea' THEN 'decode(md5(i::text), ''hex'')'
        WHEN t.typname = 'tsvector' THEN 'to_tsvector(''english'', ''word'' || i)'
        WHEN t.typname = 'vector' THEN '''[1,0]''::vector'
        WHEN t.typname = 'jsonb' THEN '''{}''::jsonb'
        WHEN t.typname = 'regconfig' THEN '''english''::regconfig'
        WHEN t.typname = 'bool' THEN 'i %% 2 = 0'
        WHEN t.typcategory = 'N' THEN 'i'
        WHEN t.typcategory = 'A' THEN '''{}'''
    END
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN LATERAL (
        SELECT true AS known FROM pg_index x
        WHERE x.indrelid = a.attrelid AND x.indisunique AND a.attnum = ANY (x.indkey)
        LIMIT 1
    ) u ON true
    WHERE a.attrelid = %(table)s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        AND (a.attnotnull OR t.typname = 'uuid')
"""
# What a row holds where the kind of value matters: most of a large desk is done with.
VALUES = {
    ("tickets", "status"): "CASE WHEN i % 25 = 0 THEN 'open' ELSE 'closed' END",
    ("users", "role"): "CASE WHEN i % 1000 = 0 THEN 'agent' ELSE 'customer' END",
    ("outbox", "published_at"): "CASE WHEN i % 500 > 0 THEN now() - i * interval '1 minute' END",
    ("jobs", "status"): "CASE WHEN i % 500 = 0 THEN 'running' ELSE 'done' END",
    ("ticket_clocks", "fulfilled_at"): "CASE WHEN i % 25 > 0 THEN now() - i * interval '1 minute' END",
    ("ticket_clocks", "stale"): "i % 500 = 0",
    ("ticket_clocks", "is_next"): "i % 25 = 0",
}
# Of every type a value that means little: the last hour, a page of fifty, something that nobody has.
SAMPLES = {
    "uuid": "gen_random_uuid()",
    "text": "'v1'",
    "integer": "51",
    "bigint": "51",
    "boolean": "false",
    "interval": "'1 hour'",
    "date": "current_date",
    "jsonb": "'{}'",
    "double precision": "0.5",
    "timestamp with time zone": "now() - interval '1 hour'",
    "text[]": "'{v1}'",
    "uuid[]": "ARRAY[gen_random_uuid()]",
    "timestamp with time zone[]": "ARRAY[now() - interval '1 day', now()]",
}
FILES = """
    SELECT c.oid, pg_relation_filepath(c.oid), relpages FROM pg_class c LEFT JOIN pg_index x ON x.indexrelid = c.oid
    WHERE coalesce(x.indrelid, c.oid) = %s::regclass AND relkind IN ('r', 'i') AND relpages > 0
"""


@pytest.fixture(scope="module")
def runtime(postgres: PostgresServer) -> Iterator[Connection]:
    name, workspace = f"t_{uuid4().hex}", new_id()
    postgres.create_database(name, template=TEMPLATE)
    with psycopg.connect(postgres.owner_url(name), autocommit=True) as owner:
        for table in LARGE:
            _fill(owner, table, str(workspace))
        owner.execute("ANALYZE")
        owner.execute("CHECKPOINT")
        for table in LARGE:
            _stretch(owner, table)
    with psycopg.connect(postgres.runtime_url(name)) as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, false)", [str(workspace)])
        yield connection
    postgres.drop_database(name)


def _fill(owner: Connection, table: str, workspace: str) -> None:
    """Without triggers, foreign keys and checks: nobody reads these rows."""
    owner.execute("SET session_replication_role = replica")
    checks = owner.execute("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass", [table])
    for (check,) in checks.fetchall():
        owner.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(check)))
    owner.execute(sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = false)").format(sql.Identifier(table)))
    found = owner.execute(COLUMNS, {"table": table, "workspace": workspace}).fetchall()
    known = dict(found) | {column: value for (of, column), value in VALUES.items() if of == table}
    columns = sql.SQL(", ").join(map(sql.Identifier, known))
    values = ", ".join(known.values()).encode()
    filling = b"INSERT INTO %s (%s) SELECT %s FROM generate_series(1::bigint, %d) i ON CONFLICT DO NOTHING"
    owner.execute(filling % (sql.Identifier(table).as_bytes(owner), columns.as_bytes(owner), values, ROWS))


def _stretch(owner: Connection, table: str) -> None:
    folder = owner.execute("SHOW data_directory").fetchall()[0][0]
    for relation, path, pages in owner.execute(FILES, [table]).fetchall():
        # A file of a relation ends at a gigabyte.
        os.truncate(f"{folder}/{path}", min(pages * FACTOR, 131_071) * 8_192)
        owner.execute(
            "UPDATE pg_class SET reltuples = reltuples * %s, relpages = relpages * %s WHERE oid = %s",
            [FACTOR, FACTOR, relation],
        )


def _scanned(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _scanned(part)


def _explained(runtime: Connection, query: str) -> dict[str, Any]:
    """Planned for sample values, as Postgres plans a statement until it has seen it often."""
    runtime.execute("DEALLOCATE ALL")
    runtime.execute(f"PREPARE named AS {query}".encode())
    ((types,),) = runtime.execute("SELECT parameter_types::text[] FROM pg_prepared_statements").fetchall()
    given = ", ".join(f"({SAMPLES.get(kind, 'NULL')})::{kind}" for kind in types)
    explain = f"EXPLAIN (FORMAT JSON) EXECUTE named{f'({given})' if given else ''}"
    ((found,),) = runtime.execute(explain.encode()).fetchall()
    plan: dict[str, Any] = found[0]["Plan"]
    return plan


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_no_large_table_is_read_from_end_to_end(file: str, name: str, runtime: Connection) -> None:
    with runtime.transaction(force_rollback=True):
        plan = _explained(runtime, numbered(queries.load(file)[name]))
    assert [table for table in _scanned(plan) if table in LARGE] == []
