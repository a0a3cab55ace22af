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
}


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
def test_no_large_table_is_read_from_end_to_end(
    file: str, name: str, desk: tuple[Connection, frozenset[str]]
) -> None:
    runtime, large = desk
    with runtime.transaction(force_rollback=True):
        plan = _explained(runtime, queries.load(file)[name])
    assert [table for table in _scanned(plan) if table in large] == []
