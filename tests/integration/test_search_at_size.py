"""How vectors are searched follows from a workspace's size and its part of the whole, and finds what is there."""

import random
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from infra.cli.operations import optimise
from supportmax.adapters.postgres import queries, search_plan
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.knowledge import Chunks
from supportmax.adapters.postgres.search_plan import IndexSize, Way, own_index_name, written_for
from supportmax.domain.ids import new_id
from tests.server import PostgresServer

Owner = psycopg.Connection[tuple[object, ...]]
MODEL = "all-MiniLM-L6-v2-int8"
OURS, THEIRS = 300, 2_100
FILL = """
WITH kb AS (
    INSERT INTO articles (id, workspace_id, external_id, title, body, content_hash)
    VALUES (gen_random_uuid(), %(workspace)s, 'cards', 'Cards', '', '') RETURNING id
)
INSERT INTO chunks (id, workspace_id, article_id, kind, ordinal, text, embedding_model, embedding)
SELECT gen_random_uuid(), %(workspace)s, kb.id, 'body', n, 'text', %(model)s, made.vector
FROM kb, generate_series(1, %(chunks)s) AS n
    CROSS JOIN LATERAL (
        SELECT array_agg(random() - 0.5)::vector AS vector FROM generate_series(1, 384) WHERE n > 0
    ) AS made
"""


@pytest.mark.parametrize(
    ("size", "way"),
    [
        (IndexSize(0, -1, False), Way.EXACT),
        (IndexSize(1_200, 1_200, False), Way.EXACT),
        (IndexSize(15_000, 15_000, False), Way.SHARED_INDEX),
        (IndexSize(15_000, 1_000_000, False), Way.EXACT),
        (IndexSize(100_000, 300_000, False), Way.SHARED_INDEX),
        (IndexSize(50_000, 1_000_000, False), Way.SHARED_INDEX),
        (IndexSize(50_000, 1_000_000, True), Way.OWN_INDEX),
    ],
)
def test_the_way_follows_from_the_size(size: IndexSize, way: Way) -> None:
    assert size.way() is way


@pytest.fixture
def crowd(owner: Owner, workspace_id: UUID) -> UUID:
    """A neighbour with seven times our chunks. The shared index is made afterwards, which takes a fifth of the time."""
    neighbour = new_id()
    index = owner.execute("SELECT pg_get_indexdef('chunks_by_embedding'::regclass)").fetchall()[0][0]
    owner.execute("DROP INDEX chunks_by_embedding")
    owner.execute("INSERT INTO workspaces (id, slug, name, widget_key) VALUES (%s, 'n', 'N', 'wk_n')", [neighbour])
    for workspace, chunks in ((workspace_id, OURS), (neighbour, THEIRS)):
        owner.execute(FILL, {"workspace": workspace, "chunks": chunks, "model": MODEL})
        owner.execute("SELECT set_config('supportmax.workspace', %s, false)", [str(workspace)])
        owner.execute("SELECT count_words(%s)", [MODEL])
    owner.execute(str(index).encode())
    owner.execute("ANALYZE chunks")
    return neighbour


@pytest.fixture
def database(postgres: PostgresServer, database_name: str) -> Iterator[Database]:
    opened = Database(postgres.runtime_url(database_name))
    yield opened
    opened.close()


def _plan(database: Database, workspace: UUID) -> tuple[Way, str]:
    """How the chunks are searched, and what the server says it does, in a plan for any vector and any matches of words.

    With as few as here it would rather sort them all; the question is which index serves if it does not.
    """
    with database.transaction() as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(workspace)])
        way = Chunks(connection, workspace).way(MODEL)
        query = written_for(queries.load("knowledge")["search"], way, workspace, MODEL, (384, 10)).decode()
        for number, name in enumerate(("vector", "chunk_ids", "ranks"), start=1):
            query = query.replace(f"%({name})s", f"${number}")
        connection.execute(f"PREPARE plan (vector, text, text) AS {query}".encode())
        connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        connection.execute("SET LOCAL enable_sort = off")
        rows = connection.execute(f"EXPLAIN EXECUTE plan ('{[0.1] * 384}', '{{}}', '{{}}')".encode()).fetchall()
        connection.execute("DEALLOCATE plan")
    return way, "\n".join(line for (line,) in rows)


def test_a_small_part_of_a_large_table_is_read_whole(crowd: UUID, database: Database, workspace_id: UUID) -> None:
    way, plan = _plan(database, workspace_id)
    assert (way, "chunks_by_embedding" in plan) == (Way.EXACT, False)


def test_the_shared_index_serves_a_large_part_whatever_is_asked(crowd: UUID, database: Database) -> None:
    way, plan = _plan(database, crowd)
    assert (way, "chunks_by_embedding" in plan) == (Way.SHARED_INDEX, True)


def test_at_once_it_finds_what_it_does_with_the_words_asked_for_before(
    crowd: UUID, database: Database, owner: Owner
) -> None:
    owner.execute("UPDATE chunks SET text = 'Frozen' WHERE workspace_id = %s AND ordinal = 7", [crowd])
    owner.execute("SELECT count_words(%s)", [MODEL])
    vector, words = [0.1] * 384, "Is it frozen?"
    with database.transaction() as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(crowd)])
        chunks = Chunks(connection, crowd)
        before = chunks.search_later(vector, words, chunks.prepare([words], MODEL, 10))()
        assert chunks.search(vector, words, MODEL, 10) == before
    assert [hit.text for hit in before if hit.word_rank] == ["Frozen"]


@pytest.mark.usefixtures("crowd")
def test_an_index_of_its_own_is_made_used_and_complete(
    database: Database, workspace_id: UUID, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_plan, "EXACT_IN_A_CROWD", 100)
    url = f"postgresql://{owner.info.user}@/{owner.info.dbname}?host={owner.info.host}"
    optimise(url)
    optimise(url)  # once more: there is nothing left to do
    way, plan = _plan(database, workspace_id)
    assert (way, own_index_name(workspace_id, MODEL) in plan) == (Way.OWN_INDEX, True)
    assert _recall(database, workspace_id) >= 0.95


def _recall(database: Database, workspace: UUID) -> float:
    """Of the exact ten nearest, how many are found; over 20 random vectors."""
    chance, found = random.Random(1), 0
    with database.transaction() as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(workspace)])
        for _ in range(20):
            vector = [chance.uniform(-0.5, 0.5) for _ in range(384)]
            hits = {hit.chunk_id for hit in Chunks(connection, workspace).search(vector, "", MODEL, 10)}
            exact = connection.execute(
                "SELECT id FROM chunks WHERE workspace_id = %s ORDER BY embedding <=> %s::vector LIMIT 10",
                [workspace, str(vector)],
            ).fetchall()
            found += len(hits & {key for (key,) in exact})
    return found / 200
