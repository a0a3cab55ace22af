"""A database for tests with more threads than a Postgres has connections."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from supportmax.adapters.postgres.database import Connection, Database

CONNECTIONS = 40


class PooledDatabase(Database):
    """Many threads share a few connections, as sandboxes do behind a pooler."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self.free.put(self._connect())

    @contextmanager
    def transaction(self, wait: bool = True) -> Iterator[Connection]:
        self._local.connection, self._local.used_at = self.free.get(), float("inf")
        try:
            with super().transaction() as connection:
                yield connection
        finally:
            self.free.put(self._local.connection)

    def close(self) -> None:
        for _ in range(CONNECTIONS):
            self.free.get().close()
