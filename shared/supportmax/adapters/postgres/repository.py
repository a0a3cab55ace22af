"""What every repository shares: a connection, the workspace, and its named queries."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from psycopg.rows import class_row, dict_row

from supportmax.adapters.postgres import queries
from supportmax.adapters.postgres.database import Connection
from supportmax.domain.errors import NotFound
from supportmax.domain.touched import Touched
from supportmax.domain.webhooks import Happening
from supportmax.ports.pending import Pending

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


def columns(record: "DataclassInstance") -> dict[str, Any]:
    """A record's fields by name; what lies inside them stays as it is."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


class Repository:
    """Runs the named queries of one `.sql` file; every query may use `%(workspace_id)s`."""

    file: ClassVar[str]

    def __init__(self, connection: Connection, workspace_id: UUID) -> None:
        self._connection = connection
        self.workspace_id = workspace_id

    def _query(self, name: str) -> str:
        return queries.load(self.file)[name]

    def _sql(self, name: str) -> bytes:
        return self._query(name).encode()

    def _params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {"workspace_id": self.workspace_id, **params}

    def send(self, name: str, /, **params: Any) -> None:
        """A statement whose outcome nobody waits for: it costs no round trip of its own."""
        self._connection.execute(self._sql(name), self._params(params))

    def run(self, name: str, /, **params: Any) -> int:
        """Rows affected."""
        cursor = self._connection.execute(self._sql(name), self._params(params))
        self._connection.settle()
        return cursor.rowcount

    def run_many(self, name: str, rows: Sequence[Mapping[str, Any]]) -> int:
        """The query once per row, pipelined. Rows affected."""
        if not rows:
            return 0
        with self._connection.cursor() as cursor:
            cursor.executemany(self._sql(name), [self._params(row) for row in rows])
            self._connection.settle()
            return cursor.rowcount

    def rows(self, name: str, /, **params: Any) -> list[dict[str, Any]]:
        """All rows as dictionaries."""
        return self.later(name, **params)()

    def later(self, name: str, /, **params: Any) -> Pending[list[dict[str, Any]]]:
        """The same, but only sent so far."""
        cursor = self._connection.cursor(row_factory=dict_row)
        return cursor.execute(self._sql(name), self._params(params)).fetchall

    def value(self, name: str, /, **params: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._connection.execute(self._sql(name), self._params(params)).fetchone()
        return row[0] if row else None

    def many(self, kind: type[T], name: str, /, **params: Any) -> list[T]:
        """All rows as `kind`."""
        with self._connection.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(self._sql(name), self._params(params)).fetchall()

    def maybe(self, kind: type[T], name: str, /, **params: Any) -> T | None:
        """The first row as `kind`, or None."""
        with self._connection.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(self._sql(name), self._params(params)).fetchone()

    def one(self, kind: type[T], name: str, /, **params: Any) -> T:
        """The first row as `kind`; NotFound without one."""
        found = self.maybe(kind, name, **params)
        if found is None:
            raise NotFound(f"No such {kind.__name__.lower()}.")
        return found


class TellingRepository(Repository):
    """One whose changes are changes of tickets. The transaction sees to what they mean before it commits.

    `happened` gets what others are told, `touched` the tickets that were changed, or in which something was said.
    """

    def __init__(self, connection: Connection, workspace_id: UUID, happened: list[Happening], touched: Touched) -> None:
        super().__init__(connection, workspace_id)
        self._happened = happened
        self._touched = touched
