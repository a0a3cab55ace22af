"""The plan of every named query on a desk with a million of everything: none reads a large table from end to end."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from supportmax.adapters.postgres import queries
from supportmax.domain.ids import new_id
from tests.integration.test_queries import NAMED, numbered, parameters
from tests.large import Connection, enlarge
from tests.server import TEMPLATE, PostgresServer

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
# What is asked of some parameters, by name and type. What is too old goes every minute: little is.
NAMED_SAMPLES = {
    ("workspace_id", "uuid"): "current_workspace()",
    ("older_than", "timestamp with time zone"): "now() - interval '3 years'",
    ("before", "timestamp with time zone"): "now() - interval '3 years'",
    # Ids are random there: one in sixty thousand is above it.
    ("since_id", "uuid"): "'ffff0000-0000-7000-8000-000000000000'",
}

# An erasure looks for the person's values wherever they may stand. It is a job of its own, and has the time.
READ_THROUGH = {
    "erase_outbox": ["outbox"],
    "erase_webhook_deliveries": ["webhook_deliveries"],
    "erase_jobs": ["jobs"],
    "erase_visitor_identities": ["visitor_identities"],
}
# References to what somebody deletes now and then: a reference that no index finds costs a look at the whole table.
UNFOUND_REFERENCES = """
    SELECT c.conrelid::regclass::text, a.attname
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid <> 'workspaces'::regclass AND c.conrelid::regclass::text = ANY(%s)
        AND NOT EXISTS (
            SELECT FROM pg_index x WHERE x.indrelid = c.conrelid AND x.indkey[0] = a.attnum
                AND (x.indpred IS NULL OR pg_get_expr(x.indpred, x.indrelid) = format('(%%I IS NOT NULL)', a.attname))
        )
"""


@pytest.fixture(scope="module")
def desk(postgres: PostgresServer) -> Iterator[tuple[Connection, frozenset[str]]]:
    """The runtime role's connection, its workspace set, and the tables that are large."""
    name, workspace = f"t_{uuid4().hex}", new_id()
    postgres.create_database(name, template=TEMPLATE)
    with psycopg.connect(postgres.owner_url(name), autocommit=True) as owner:
        large = enlarge(owner, str(workspace))
    with psycopg.connect(postgres.runtime_url(name)) as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, false)", [str(workspace)])
        yield connection, large
    postgres.drop_database(name)


def _scanned(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _scanned(part)


def _explained(runtime: Connection, query: str) -> dict[str, Any]:
    """Planned for sample values, as Postgres plans a statement until it has seen it often."""
    runtime.execute("DEALLOCATE ALL")
    runtime.execute(f"PREPARE named AS {numbered(query)}".encode())
    ((types,),) = runtime.execute("SELECT parameter_types::text[] FROM pg_prepared_statements").fetchall()
    given = ", ".join(
        f"({NAMED_SAMPLES.get((name, kind)) or SAMPLES.get(kind, 'NULL')})::{kind}"
        for name, kind in zip(parameters(query), types, strict=True)
    )
    explain = f"EXPLAIN (FORMAT JSON) EXECUTE named{f'({given})' if given else ''}"
    ((found,),) = runtime.execute(explain.encode()).fetchall()
    plan: dict[str, Any] = found[0]["Plan"]
    return plan


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_no_large_table_is_read_from_end_to_end(file: str, name: str, desk: tuple[Connection, frozenset[str]]) -> None:
    runtime, large = desk
    with runtime.transaction(force_rollback=True):
        plan = _explained(runtime, queries.load(file)[name])
    assert [table for table in _scanned(plan) if table in large] == READ_THROUGH.get(name, [])


def test_what_is_deleted_is_found_in_what_refers_to_it(desk: tuple[Connection, frozenset[str]]) -> None:
    runtime, large = desk
    found = set(runtime.execute(UNFOUND_REFERENCES, [list(large)]).fetchall())
    # A group that goes changes all of its tickets anyway.
    assert found - {("tickets", "group_id"), ("escalations", "group_id")} == set()
