"""A database that Postgres takes for a large one: a million tickets, and what they bring with them.

The rows are few and true in kind: spread over three years, most of them done with. After ANALYZE their files are
stretched (with holes, which take no room) and pg_class says that they hold as many more rows. So the planner weighs
what it would on such a desk: it reads the size of a table from its file, and everything else from the statistics.
"""

import os
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
ROWS = 2_000
MILLION = 1_000_000
MILLIONS = {"messages": 5 * MILLION, "ticket_events": 3 * MILLION}
# What does not grow with tickets, customers and time, or is cleared within a day.
SMALL = frozenset(
    {
        *("workspaces", "groups", "group_members", "labels", "rules", "macros", "canned_replies", "ticket_views"),
        *("ticket_fields", "sla_policies", "business_hours", "skill_rules", "agent_profiles", "waiting_tickets"),
        *("webhook_endpoints", "widget_keys", "identity_providers", "retention_rules", "api_keys", "sync_watermarks"),
        *("account_links", "second_factors", "recovery_codes", "user_identities", "known_addresses", "oidc_attempts"),
        *("rate_limits", "sign_in_attempts", "idempotency_keys", "ticket_presence", "uploads", "circuit_breakers"),
        *("budget_days", "calibrations", "triage_models", "triage_versions", "spare_indexes", "search_statistics"),
        # Knowledge grows with its articles, and not to a million: test_search_at_size.py.
        *("articles", "chunks", "spare_vectors", "indexed_articles", "common_words", "article_proposals"),
        "labelled_examples",
        *("yoyo_lock", "_yoyo_log", "_yoyo_migration", "_yoyo_version"),
    }
)
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
# Texts are few different ones, except where they must be unique.
COLUMNS = """
    SELECT a.attname, CASE
        WHEN a.attname = 'workspace_id' THEN quote_literal(%(workspace)s) || '::uuid'
        WHEN t.typname = 'uuid' THEN 'gen_random_uuid()'
        WHEN t.typname = 'text' THEN '''v'' || i' || CASE WHEN u.known IS NULL THEN ' %% 7' ELSE '' END
        WHEN t.typname = 'timestamptz' THEN 'now() - i * interval ''13 hours'''
        WHEN t.typname = 'date' THEN 'current_date - (i / 2)::integer'
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
    ("tickets", "status"): "CASE WHEN i % 25 = 0 THEN 'open' WHEN i % 10 = 0 THEN 'solved' ELSE 'closed' END",
    ("tickets", "merged_into_id"): "CASE WHEN i % 50 = 0 THEN gen_random_uuid() END",
    ("users", "role"): "CASE WHEN i % 1000 = 0 THEN 'agent' ELSE 'customer' END",
    ("messages", "body"): "repeat('as they are written ', 20)",
    ("outbox", "published_at"): "CASE WHEN i % 500 > 0 THEN now() - i * interval '10 minutes' END",
    ("processed_messages", "processed_at"): "now() - i * interval '10 minutes'",
    ("webhook_deliveries", "state"): "CASE WHEN i % 500 = 0 THEN 'waiting' ELSE 'succeeded' END",
    ("jobs", "status"): "CASE WHEN i % 500 = 0 THEN 'running' ELSE 'done' END",
    ("ticket_clocks", "fulfilled_at"): "CASE WHEN i % 25 > 0 THEN now() - i * interval '13 hours' END",
    ("ticket_clocks", "stale"): "i % 500 = 0",
    ("ticket_clocks", "is_next"): "i % 25 = 0",
}
FILES = """
    SELECT c.oid, pg_relation_filepath(c.oid), relpages FROM pg_class c LEFT JOIN pg_index x ON x.indexrelid = c.oid
    WHERE coalesce(x.indrelid, c.oid) = %s::regclass AND relkind IN ('r', 'i') AND relpages > 0
"""


def enlarge(owner: Connection, workspace: str) -> frozenset[str]:
    """Fill and stretch all that grows; gives the names of these tables. Nothing in them can be read afterwards."""
    large = [name for (name,) in owner.execute(TABLES).fetchall() if name not in SMALL]
    owner.execute("SET session_replication_role = replica")
    for table in large:
        _fill(owner, table, workspace)
    owner.execute("ANALYZE")
    owner.execute("CHECKPOINT")
    for table in large:
        _stretch(owner, table, MILLIONS.get(table, MILLION) // ROWS)
    return frozenset(large)


def _fill(owner: Connection, table: str, workspace: str) -> None:
    """Without triggers, foreign keys and checks: nobody reads these rows."""
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


def _stretch(owner: Connection, table: str, factor: int) -> None:
    folder = owner.execute("SHOW data_directory").fetchall()[0][0]
    for relation, path, pages in owner.execute(FILES, [table]).fetchall():
        # A file of a relation ends at a gigabyte.
        os.truncate(f"{folder}/{path}", min(pages * factor, 131_071) * 8_192)
        owner.execute(
            "UPDATE pg_class SET reltuples = reltuples * %s, relpages = relpages * %s WHERE oid = %s",
            [factor, factor, relation],
        )
