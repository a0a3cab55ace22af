"""In a large knowledge base, word search looks for rare words and leaves common ones to the vectors."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from supportmax.domain.ids import new_id
from tests.server import PostgresServer

CHUNKS = 3_000
FILL = """
WITH kb AS (
    INSERT INTO articles (id, workspace_id, external_id, title, body, content_hash)
    VALUES (gen_random_uuid(), %(workspace)s, 'cards', 'Cards', '', '') RETURNING id
)
INSERT INTO chunks (id, workspace_id, article_id, kind, ordinal, text, embedding_model, embedding)
SELECT gen_random_uuid(), %(workspace)s, kb.id, 'body', n,
    CASE n WHEN 7 THEN 'zirconium' WHEN 8 THEN 'zirconium card' ELSE 'card number ' || n END,
    'model', array_fill(0.05, ARRAY[384])::vector
FROM kb, generate_series(1, %(chunks)s) AS n
"""
SEARCH = "SELECT c.text FROM match_words(%s::tsquery, 'model', 40) m JOIN chunks c ON c.id = m.chunk_id ORDER BY m.rank"


@pytest.fixture
def searcher(
    postgres: PostgresServer, database_name: str, owner: "psycopg.Connection[tuple[object, ...]]", workspace_id: UUID
) -> Iterator["psycopg.Connection[tuple[str]]"]:
    """The runtime role in a workspace with 3,000 chunks, nearly all of them about cards."""
    owner.execute(FILL, {"workspace": workspace_id, "chunks": CHUNKS})
    owner.execute("ANALYZE chunks")
    with psycopg.connect(postgres.runtime_url(database_name)) as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, false)", [str(workspace_id)])
        connection.execute("SELECT count_words('model')")
        yield connection


def test_a_rare_word_is_found_whatever_common_ones_stand_beside_it(
    searcher: "psycopg.Connection[tuple[str]]",
) -> None:
    found = searcher.execute(SEARCH, ["'card' | 'zirconium'"]).fetchall()
    assert sorted(found) == [("zirconium",), ("zirconium card",)]


def test_a_common_word_alone_is_left_to_the_vectors(searcher: "psycopg.Connection[tuple[str]]") -> None:
    assert searcher.execute(SEARCH, ["'card'"]).fetchall() == []


def test_a_word_in_no_chunk_and_no_word_at_all_find_nothing(searcher: "psycopg.Connection[tuple[str]]") -> None:
    assert searcher.execute(SEARCH, ["'platypus'"]).fetchall() == []
    assert searcher.execute(SEARCH, [None]).fetchall() == []


def test_a_small_workspace_in_a_large_table_looks_for_every_word(
    searcher: "psycopg.Connection[tuple[str]]", owner: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    small = new_id()
    owner.execute("INSERT INTO workspaces (id, slug, name, widget_key) VALUES (%s, 'small', 'Small', 'wk_s')", [small])
    owner.execute(FILL, {"workspace": small, "chunks": 20})
    owner.execute("ANALYZE chunks")
    searcher.execute("SELECT set_config('supportmax.workspace', %s, false)", [str(small)])
    searcher.execute("SELECT count_words('model')")
    assert len(searcher.execute(SEARCH, ["'card'"]).fetchall()) == 19
