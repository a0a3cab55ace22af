"""A desk with many old tickets: a page costs what it holds, not what the desk holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest

from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.ids import new_id
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.search_tickets import Asker, cursor_of, place_of, read_query
from tests.server import TEMPLATE, PostgresServer

SIZE = 30_000
Connection = psycopg.Connection[tuple[object, ...]]
# The newest hundredth is unsolved; its tags and words are those of the rest.
FILL = """
    INSERT INTO tickets (id, workspace_id, number, subject, status, priority, channel, tags, created_at, updated_at)
    SELECT (lpad(to_hex(1700000000000 + i * 1000), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8'
            || substr(md5(i::text), 4, 15))::uuid, %(workspace)s, i + 10, 'about w' || i %% 500,
        CASE WHEN i > %(size)s * 0.99 THEN 'open' ELSE 'closed' END, 'normal', 'api',
        CASE WHEN i %% 1000 = 0 THEN '{rare}' WHEN i %% 2 = 0 THEN '{card}' ELSE '{}' END::text[],
        to_timestamp(1700000000 + i), to_timestamp(1700000000 + i)
    FROM generate_series(1::bigint, %(size)s) i
"""
ROWS_READ = """
    SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables
    WHERE relname IN ('tickets', 'ticket_texts')
"""


@dataclass(frozen=True)
class Large:
    database: Database
    store: PostgresStore
    workspace: UUID
    owner: Connection

    def rows_read(self) -> int:
        """By everybody, ever. A connection reports what it did when it is asked to."""
        with self.database.transaction() as connection:
            connection.execute("SELECT pg_stat_force_next_flush()")
        row = self.owner.execute(ROWS_READ).fetchone()
        return int(str(row[0])) if row else 0


@pytest.fixture(scope="module")
def large(postgres: PostgresServer) -> Iterator[Large]:
    name = f"t_{uuid4().hex}"
    postgres.create_database(name, template=TEMPLATE)
    database = Database(postgres.runtime_url(name))
    store = PostgresStore(database)
    workspace = prepare_workspace(store, WorkspaceSetup("large", "Large"), new_id()).id
    with psycopg.connect(postgres.owner_url(name), autocommit=True) as owner:
        owner.execute(FILL, {"workspace": workspace, "size": SIZE})
        owner.execute("VACUUM ANALYZE")
        yield Large(database, store, workspace, owner)
    database.close()
    postgres.drop_database(name)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", 51),
        ("is:unsolved", 51),
        ("status:open -tag:card sort:updated-asc", 51),
        ("status:closed", 51),
        ("status:closed sort:updated", 51),
        ("about status:closed sort:updated", 51),
        ("about tag:card", 51),
        ("tag:rare", 30),
        ("tag:nosuch", 0),
        ("tag:nosuch sort:updated", 0),
        ("w77", 51),
        ("w77 tag:rare", 0),
        ("nothing", 0),
        ("created>=2023-11-14 created<2023-11-15 is:unsolved", 0),
    ],
)
def test_a_page_reads_little(q: str, found: int, large: Large) -> None:
    before = large.rows_read()
    with large.store.begin(large.workspace) as tx:
        rows = tx.ticket_finder.find(read_query(tx, q, Asker(new_id())), None, 51)
    assert len(rows) == found
    assert large.rows_read() - before < SIZE / 10


@pytest.mark.parametrize(
    ("q", "conditions", "order"),
    [
        ("status:closed", "status = 'closed'", "id DESC"),
        ("tag:card", "'card' = ANY(tags)", "id DESC"),
        ("tag:card is:unsolved sort:created-asc", "'card' = ANY(tags) AND status = 'open'", "id"),
        ("w77", "subject = 'about w77'", "id DESC"),
        ("w77 sort:updated-asc", "subject = 'about w77'", "updated_at, id"),
        ("about -tag:card status:closed sort:updated", "tags <> '{card}' AND status = 'closed'", "updated_at DESC"),
    ],
)
def test_pages_go_on_where_the_one_before_ended(q: str, conditions: str, order: str, large: Large) -> None:
    expected = large.owner.execute(f"SELECT id FROM tickets WHERE {conditions} ORDER BY {order} LIMIT 55".encode())
    with large.store.begin(large.workspace) as tx:
        query = read_query(tx, q, Asker(new_id()))
        first = tx.ticket_finder.find(query, None, 30)
        rest = tx.ticket_finder.find(query, place_of(cursor_of(first[-1], query, None), query), 25)
    assert [(ticket.id,) for ticket in first + rest] == expected.fetchall()
