"""What the desk cannot do for itself, for it owns nothing: an index of its own for a workspace that needs one."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from supportmax.adapters.postgres import queries
from supportmax.adapters.postgres.search_plan import IndexSize, own_index, own_index_name

_INDEXES = "SELECT embedding_model, chunks FROM search_statistics WHERE workspace_id = %s ORDER BY 1"
_DIMENSIONS = "SELECT vector_dims(embedding) FROM chunks WHERE workspace_id = %s AND embedding_model = %s LIMIT 1"
_HALF_MADE = "SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = %s AND NOT i.indisvalid"


@dataclass(frozen=True, slots=True)
class Optimised:
    """One workspace's chunks of one model; `way` is how they are searched from now on, within a minute."""

    workspace_id: UUID
    model: str
    chunks: int
    way: str
    made_index: bool


def optimise(owner_url: str) -> Iterator[Optimised]:
    """Count every workspace's chunks and words again, and make the indexes that are missing. The desk stays in use."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE chunks")
        for (workspace_id,) in connection.execute("SELECT all_workspaces()").fetchall():
            connection.execute("SELECT set_config('supportmax.workspace', %s, false)", [str(workspace_id)])
            for model, _ in connection.execute(_INDEXES, [workspace_id]).fetchall():
                yield _one(connection, workspace_id, model)


def _one(connection: "psycopg.Connection[Any]", workspace_id: UUID, model: str) -> Optimised:
    connection.execute("SELECT count_words(%s)", [model])
    size = _size(connection, workspace_id, model)
    made = size.wants_own_index() and not size.has_own_index
    if made:
        _make(connection, workspace_id, model)
        size = IndexSize(**asdict(size) | {"has_own_index": True})
    return Optimised(workspace_id, model, size.own, str(size.way()), made)


def _size(connection: "psycopg.Connection[Any]", workspace_id: UUID, model: str) -> IndexSize:
    values = {"workspace_id": workspace_id, "model": model, "own_index": own_index_name(workspace_id, model)}
    with connection.cursor(row_factory=class_row(IndexSize)) as cursor:
        size = cursor.execute(queries.load("knowledge")["index_size"].encode(), values).fetchone()
    assert size is not None
    return size


def _make(connection: "psycopg.Connection[Any]", workspace_id: UUID, model: str) -> None:
    """What an interrupted attempt left is in the way, and takes no search."""
    name = own_index_name(workspace_id, model)
    if connection.execute(_HALF_MADE, [name]).fetchone() is not None:
        connection.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(name)))
    dimensions = connection.execute(_DIMENSIONS, [workspace_id, model]).fetchone()
    assert dimensions is not None
    connection.execute("SET statement_timeout = 0")
    connection.execute(own_index(workspace_id, model, dimensions[0]))
