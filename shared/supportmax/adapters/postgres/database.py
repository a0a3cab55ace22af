"""The connection: opened on first use, one per thread, checked after the sandbox was frozen."""

import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from supportmax.adapters.postgres.known_chunks import KnownChunks
from supportmax.adapters.postgres.search_plan import IndexSize
from supportmax.domain.errors import InvalidInput, NotFound, SupportMaxError, TransientFailure

# A sandbox that slept longer than this may wake up with a connection the server, or a NAT gateway, has closed.
CHECK_AFTER_SECONDS = 20.0
# Neighbour searches keep scanning the index until enough rows of *this* workspace were found. To compile a statement
# takes longer than any of ours runs, and on a large desk they look dear enough for it.
_OPTIONS = "-c hnsw.iterative_scan=relaxed_order -c hnsw.ef_search=40 -c timezone=UTC -c jit=off"


class Connection(psycopg.Connection[Any]):
    """A connection whose statements go out together and are answered together, in a transaction of `Database`.

    The transaction begins with its first statement; without one it costs nothing.
    """

    in_transaction = False
    _to_begin: list[Callable[[], object]] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = ExitStack()
        self.pipeline_under_way: psycopg.Pipeline | None = None
        # For searches (chunk_search.py). By workspace and model: how large an index is, and when that was looked up.
        self.index_sizes: dict[tuple[UUID, str], tuple[IndexSize, float]] = {}
        self.known_chunks = KnownChunks()

    if not TYPE_CHECKING:  # the types are psycopg's

        def cursor(self, *args, **kwargs):
            """Every statement comes by here."""
            self.begin()
            return super().cursor(*args, **kwargs)

    def begin_later(self) -> None:
        self.in_transaction, self._to_begin = True, []

    def when_begun(self, step: Callable[[], object]) -> None:
        """The first thing to be done in the transaction."""
        step() if self._to_begin is None else self._to_begin.append(step)

    def begin(self) -> None:
        """Unless the transaction has begun."""
        if self._to_begin is not None:
            steps, self._to_begin = self._to_begin, None
            self._open_pipeline()
            self.execute("BEGIN")
            for step in steps:
                step()

    def end(self) -> bool:
        """Send the commit; False if there was nothing to commit."""
        began = self._to_begin is None
        if began:
            self.execute("COMMIT")
        return began

    def _open_pipeline(self) -> None:
        """Or go on in the one that an earlier transaction left open."""
        if self.pipeline_under_way is None:
            self.pipeline_under_way = self._open.enter_context(self.pipeline())

    def close_pipeline(self) -> None:
        """Wait for everything that was sent. Raises what went wrong first, and takes back what was not committed."""
        self.pipeline_under_way = None
        try:
            self._open.close()
        finally:
            if not self.closed:
                self.rollback()

    def ask_for_results(self) -> None:
        """Of everything sent so far, to be here when somebody wants them: else the server keeps them until then."""
        self.pgconn.send_flush_request()
        self.pgconn.flush()

    def settle(self) -> None:
        """Wait until everything sent so far is done. Raises what went wrong first."""
        if self.pipeline_under_way:
            self.pipeline_under_way.sync()


class Database:
    """Opens transactions on `url`.

    `statement_timeout_ms` ends a query that hangs; `prepare_threshold` None suits poolers in transaction mode.
    """

    def __init__(self, url: str, statement_timeout_ms: int = 10_000, prepare_threshold: int | None = 3) -> None:
        self._url = url
        self._options = f"{_OPTIONS} -c statement_timeout={statement_timeout_ms}"
        self._prepare_threshold = prepare_threshold
        self._local = threading.local()
        self._known_chunks = KnownChunks()

    @contextmanager
    def transaction(self, wait: bool = True) -> Iterator[Connection]:
        """A transaction on this thread's connection, pipelined: a statement is waited for when its result is read.

        So a mistake in one may show at a later one, at the latest on leaving. Without `wait` the commit is sent, too,
        but what came of it shows in the thread's next transaction at the latest. Trouble with the connection or the
        schema is a TransientFailure, text that Postgres cannot hold InvalidInput, a row that belongs to nothing
        NotFound.
        """
        try:
            yield from self._pipelined(self._connection(), wait)
        except (psycopg.Error, UnicodeEncodeError) as error:
            if (failure := _as_failure(error)) is None:
                raise
            raise failure from error
        finally:
            self._local.used_at = time.monotonic()

    def _pipelined(self, connection: Connection, wait: bool) -> Iterator[Connection]:
        if connection.in_transaction:  # inside another one of this thread: a part of it that fails alone
            connection.begin()
            with connection.transaction():
                yield connection
            return
        connection.begin_later()
        try:
            yield connection
            sent = connection.end()
            if wait:
                connection.close_pipeline()
            elif sent:
                connection.ask_for_results()
        except BaseException:
            with suppress(psycopg.Error):  # of statements behind the one that failed
                connection.close_pipeline()
            raise
        finally:
            connection.in_transaction, connection._to_begin = False, None

    def close(self) -> None:
        """Close this thread's connection, if any."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            with suppress(psycopg.Error):  # of a commit that nobody waited for: a later transaction would have told
                connection.close_pipeline()
            connection.close()

    def _connection(self) -> Connection:
        connection = getattr(self._local, "connection", None)
        if connection is not None and not connection.closed and self._is_alive(connection):
            return connection  # type: ignore[no-any-return]
        self._local.connection = fresh = self._connect()
        return fresh

    def _is_alive(self, connection: Connection) -> bool:
        """Asks the server only after a long sleep, or when it said something unasked: that it closed, most likely.

        In a pipeline that was used a moment ago all of it was asked for; that the server closed shows with the results.
        """
        slept = time.monotonic() - self._local.used_at >= CHECK_AFTER_SECONDS
        if connection.in_transaction or not (slept or (not connection.pipeline_under_way and _has_news(connection))):
            return True
        try:
            connection.close_pipeline()
            connection.execute("SELECT 1")
        except psycopg.OperationalError:
            connection.close()
            return False
        return True

    def _connect(self) -> Connection:
        try:
            connection = Connection.connect(
                self._url,
                autocommit=True,
                connect_timeout=5,
                options=self._options,
                prepare_threshold=self._prepare_threshold,
            )
        except psycopg.OperationalError as error:
            raise TransientFailure(f"database: {_first_line(error)}") from error
        connection.known_chunks = self._known_chunks
        self._local.used_at = time.monotonic()
        return connection


def _has_news(connection: Connection) -> bool:
    """Whether there is something to read although nothing was asked."""
    readable, _, _ = select.select([connection.fileno()], [], [], 0)
    return bool(readable)


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
