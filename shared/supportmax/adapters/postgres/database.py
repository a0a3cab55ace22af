"""The connection: opened on first use, one per thread, checked after the sandbox was frozen."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg

from supportmax.domain.errors import InvalidInput, NotFound, SupportMaxError, TransientFailure

# A sandbox that slept longer than this may wake up with a connection the server, or a NAT gateway, has closed.
CHECK_AFTER_SECONDS = 20.0
# Neighbour searches keep scanning the index until enough rows of *this* workspace were found.
_OPTIONS = "-c hnsw.iterative_scan=relaxed_order -c hnsw.ef_search=80 -c timezone=UTC"


class Database:
    """Opens transactions on `url`.

    `statement_timeout_ms` ends a query that hangs; `prepare_threshold` None suits poolers in transaction mode.
    """

    def __init__(self, url: str, statement_timeout_ms: int = 10_000, prepare_threshold: int | None = 3) -> None:
        self._url = url
        self._options = f"{_OPTIONS} -c statement_timeout={statement_timeout_ms}"
        self._prepare_threshold = prepare_threshold
        self._local = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction on this thread's connection.

        Trouble with the connection or the schema is a TransientFailure, text that Postgres cannot hold InvalidInput, a
        row that belongs to nothing NotFound.
        """
        try:
            with ExitStack() as stack:
                yield self._begin(stack)
        except (psycopg.Error, UnicodeEncodeError) as error:
            if (failure := _as_failure(error)) is None:
                raise
            raise failure from error
        finally:
            self._local.used_at = time.monotonic()

    def _begin(self, stack: ExitStack) -> psycopg.Connection[Any]:
        """A connection that the server closed in the meantime is replaced: nothing was asked of it yet."""
        connection = self._connection()
        try:
            stack.enter_context(connection.transaction())
        except psycopg.OperationalError:
            if not connection.closed:
                raise
            connection = self._connection()
            stack.enter_context(connection.transaction())
        return connection

    def close(self) -> None:
        """Close this thread's connection, if any."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()

    def _connection(self) -> psycopg.Connection[Any]:
        connection = getattr(self._local, "connection", None)
        if connection is not None and not connection.closed and self._is_alive(connection):
            return connection  # type: ignore[no-any-return]
        self._local.connection = fresh = self._connect()
        return fresh

    def _is_alive(self, connection: psycopg.Connection[Any]) -> bool:
        if time.monotonic() - self._local.used_at < CHECK_AFTER_SECONDS:
            return True
        try:
            connection.execute("SELECT 1")
        except psycopg.OperationalError:
            connection.close()
            return False
        return True

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            connection = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=5,
                options=self._options,
                prepare_threshold=self._prepare_threshold,
            )
        except psycopg.OperationalError as error:
            raise TransientFailure(f"database: {_first_line(error)}") from error
        self._local.used_at = time.monotonic()
        return connection


# What Postgres says to NUL: https://www.postgresql.org/docs/current/errcodes-appendix.html. psycopg sees it in a plain
# text first and then gives no code. Half a surrogate pair cannot even be encoded.
_UNSTORABLE = {None, "22021", "22P05"}
_NO_SCHEMA = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)


def _as_failure(error: Exception) -> SupportMaxError | None:
    """What it means to the caller; None for a mistake in our own code."""
    if isinstance(error, psycopg.OperationalError):
        return TransientFailure(f"database: {_first_line(error)}")
    if isinstance(error, _NO_SCHEMA):
        return TransientFailure(f"database: {_first_line(error)}: run the migrations")
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        return NotFound(f"Something that this belongs to does not exist, or no longer: {_first_line(error)}")
    if isinstance(error, UnicodeEncodeError) or (
        isinstance(error, psycopg.DataError) and error.sqlstate in _UNSTORABLE
    ):
        return InvalidInput("text must not contain NUL or broken characters")
    return None


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
