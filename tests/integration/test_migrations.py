"""Migrations: from nothing, by an owner as a managed Postgres gives one, back and forth again."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from supportmax.adapters.postgres import migrations
from tests.server import PostgresServer

FOLDER = Path(__file__).parents[2] / "infra" / "migrations"
OWNER = "desk_owner"
# Everything that makes up a schema, one line each: columns, constraints, indexes, policies, functions, grants.
SHAPE = """
    SELECT format('column %s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        a.attnotnull, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    UNION ALL
    SELECT format('table %s %s %s %s', relname, relrowsecurity, relforcerowsecurity, relacl)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    UNION ALL
    SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT format('policy %s %s %s %s %s %s', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies
    UNION ALL
    SELECT format('function %s %s %s', pg_get_functiondef(oid), proowner::regrole, proacl) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND probin IS NULL AND prolang <> 13
        AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = pg_proc.oid AND e.deptype = 'e')
    UNION ALL
    SELECT format('schema %s', nspacl) FROM pg_namespace WHERE nspname = 'public'
"""


@pytest.fixture(scope="module")
def managed() -> Iterator[PostgresServer]:
    """A server of its own, for roles belong to the server: nothing of ours was ever on it."""
    with PostgresServer.start() as server:
        yield server


@pytest.fixture(scope="module")
def owner_url(managed: PostgresServer) -> str:
    """An owner without superuser powers, as RDS has: may make roles, owns its database, got pgvector from above."""
    managed.create_database("desk")
    with psycopg.connect(managed.owner_url("desk"), autocommit=True) as superuser:
        role = sql.Identifier(OWNER)
        superuser.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER CREATEROLE CREATEDB").format(role))
        superuser.execute(sql.SQL("ALTER DATABASE desk OWNER TO {}").format(role))
        superuser.execute("CREATE EXTENSION vector")
    url = managed.owner_url("desk").replace("postgres@", f"{OWNER}@")
    migrations.apply(url, FOLDER)
    return url


def _shape(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {str(line) for (line,) in connection.execute(SHAPE.encode())}


def _yoyo(url: str) -> Any:
    from yoyo import get_backend

    return get_backend(re.sub("^postgresql:", "postgresql+psycopg:", url))


def test_the_code_needs_exactly_the_newest_file() -> None:
    newest = max(path.stem for path in FOLDER.glob("*.sql") if not path.stem.endswith(".rollback"))
    assert newest == migrations.SCHEMA_VERSION


def test_every_migration_can_be_taken_back() -> None:
    names = {path.stem for path in FOLDER.glob("*.sql")}
    forward = {name for name in names if not name.endswith(".rollback")}
    assert names - forward == {f"{name}.rollback" for name in forward}


def test_an_owner_without_superuser_powers_can_migrate(owner_url: str, managed: PostgresServer) -> None:
    with psycopg.connect(managed.runtime_url("desk")) as runtime:
        assert runtime.execute("SELECT * FROM all_workspaces()").fetchall() == []
        assert runtime.execute("SELECT count(*) FROM tickets").fetchone() == (0,)
        assert runtime.execute("SELECT max(migration_id) FROM _yoyo_migration").fetchone() == (
            migrations.SCHEMA_VERSION,
        )


def test_migrating_again_changes_nothing(owner_url: str) -> None:
    before = _shape(owner_url)
    assert migrations.apply(owner_url, FOLDER) == []
    assert _shape(owner_url) == before


def test_the_schema_is_the_same_whoever_migrated(owner_url: str, postgres: PostgresServer, database_name: str) -> None:
    def neutral(lines: set[str]) -> set[str]:
        return {line.replace(OWNER, "postgres") for line in lines if not line.startswith("schema ")}

    assert neutral(_shape(owner_url)) == neutral(_shape(postgres.owner_url(database_name)))


def test_back_and_forth_ends_in_the_same_schema(owner_url: str) -> None:
    from yoyo import read_migrations

    before = _shape(owner_url)
    backend = _yoyo(owner_url)
    with backend.lock():
        backend.rollback_migrations(backend.to_rollback(read_migrations(str(FOLDER))))
    backend.connection.close()
    left = {line for line in _shape(owner_url) if not line.startswith("schema ") and "yoyo" not in line}
    assert left == set()
    assert migrations.apply(owner_url, FOLDER) == sorted(
        path.stem for path in FOLDER.glob("*.sql") if not path.stem.endswith(".rollback")
    )
    assert _shape(owner_url) == before


@pytest.mark.parametrize(
    ("user", "changes"), [("supportmax_app", True), ("a_role_of_the_operator", False)], ids=["ours", "theirs"]
)
def test_the_runtime_role_gets_the_password_of_the_functions_url(
    user: str, changes: bool, owner_url: str, managed: PostgresServer
) -> None:
    query = "SELECT rolpassword FROM pg_authid WHERE rolname = 'supportmax_app'"
    with psycopg.connect(managed.owner_url("desk"), autocommit=True) as superuser:
        superuser.execute("ALTER ROLE supportmax_app PASSWORD NULL")
        migrations.set_runtime_password(owner_url, f"postgresql://{user}:s3cret@db.example/desk")
        assert (superuser.execute(query).fetchone() != (None,)) is changes
