"""Where the time of a turn goes: stopwatches around the embedder and the database connection."""

import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import psycopg

from supportmax.adapters.postgres.database import Connection, Database
from supportmax.ports import Embedder


class Clock:
    """Sums milliseconds by name. A section inside another one counts for the outer one only."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = defaultdict(float)
        self._running = False

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        if self._running:
            yield
            return
        self._running, started = True, time.perf_counter()
        try:
            yield
        finally:
            self._sums[name] += (time.perf_counter() - started) * 1000
            self._running = False

    def take(self) -> dict[str, float]:
        """The sums so far; the next ones start at zero."""
        sums, self._sums = self._sums, defaultdict(float)
        return sums


class TimedEmbedder:
    """Counts as `embed`."""

    def __init__(self, embedder: Embedder, clock: Clock) -> None:
        self._embedder = embedder
        self._clock = clock
        self.model = embedder.model

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        with self._clock.section("embed"):
            return self._embedder.embed(texts)


class TimedCursor(psycopg.Cursor[Any]):
    """Counts statements and the reading of their rows as `database`. `clock` is set in a subclass."""

    clock: ClassVar[Clock]

    def execute(self, *args: Any, **options: Any) -> Self:
        with self.clock.section("database"):
            return super().execute(*args, **options)

    def executemany(self, *args: Any, **options: Any) -> None:
        with self.clock.section("database"):
            super().executemany(*args, **options)

    def fetchone(self) -> Any:
        with self.clock.section("database"):
            return super().fetchone()

    def fetchall(self) -> list[Any]:
        with self.clock.section("database"):
            return super().fetchall()


class TimedDatabase(Database):
    """Counts begin, commit and every statement as `database`."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(url)
        self._clock = clock
        self._cursor = type("Cursor", (TimedCursor,), {"clock": clock})

    @contextmanager
    def transaction(self, wait: bool = True) -> Iterator[Connection]:
        plain = super().transaction(wait)
        with self._clock.section("database"):
            connection = plain.__enter__()
        connection.cursor_factory = self._cursor
        try:
            yield connection
        except BaseException:
            if not plain.__exit__(*sys.exc_info()):
                raise
        else:
            with self._clock.section("database"):
                plain.__exit__(None, None, None)
