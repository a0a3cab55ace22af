"""Desks of any size, made with a fixed seed and filled by COPY: tickets, five messages each, their events and words.

Tickets come evenly over three years, the newest 4 % of them are unsolved, and there are as many agents as that takes.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from bench import places
from bench.corpus import questions
from bench.database import OWNER, Server, drop_indexes
from supportmax.adapters.postgres import migrations
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace

SEED = 20_261_126
END = datetime(2026, 11, 1, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)
MESSAGES = 5
UNSOLVED = 0.04
AT_ONCE = 2_000
TABLES = ("users", "tickets", "messages", "ticket_events", "ticket_texts")
Connection = psycopg.Connection[Any]
Line = tuple[Any, ...]
# As the triggers keep them (0021.ticket_search.sql), for all tickets at once.
WORDS = """
    INSERT INTO ticket_texts (ticket_id, workspace_id, words)
    SELECT t.id, t.workspace_id, setweight(to_tsvector('english', t.subject), 'A') || to_tsvector('english', m.bodies)
    FROM tickets t JOIN (
        SELECT ticket_id, string_agg(body, E'\\n' ORDER BY id) AS bodies FROM messages GROUP BY ticket_id
    ) m ON m.ticket_id = t.id
"""


@dataclass(frozen=True, slots=True)
class BigDesk:
    """`ticket_ids` are some, from everywhere; `agent` looks after some of them, in `group`."""

    size: int
    database: Database
    store: PostgresStore
    workspace_id: UUID
    agent: User
    ticket_ids: Sequence[UUID]


def make(running: Server, size: int, step: Callable[[str], None]) -> BigDesk:
    """A database with one desk. `step` is told what is done next."""
    name = running.create_database()
    owner, runtime = running.url(OWNER, name), running.url(migrations.RUNTIME_ROLE, name)
    migrations.apply(owner, places.MIGRATIONS)
    database = Database(runtime)
    store = PostgresStore(database)
    workspace = prepare_workspace(store, WorkspaceSetup("bench", "Benchmark"), new_id()).id
    writer = _Writer(size, workspace)
    with psycopg.connect(owner, autocommit=True) as connection:
        _fill(connection, writer, step)
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    with store.begin(workspace) as tx:
        agent = tx.users.get(UUID(writer.agents[0]))
    return BigDesk(size, database, store, workspace, agent, writer.some_tickets())


def _fill(connection: Connection, writer: "_Writer", step: Callable[[str], None]) -> None:
    """Without triggers, and without the indexes, which are made again as `pg_restore` does it."""
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET maintenance_work_mem = '1GB'")
    connection.execute("SET work_mem = '512MB'")
    indexes = drop_indexes(connection, TABLES)
    step("people")
    copy_text(connection, "users", ("id", "workspace_id", "role", "name", "email"), writer.people())
    copy_text(connection, "groups", ("id", "workspace_id", "name"), writer.teams())
    for table, columns, lines in writer.tables():
        step(table)
        copy_text(connection, table, columns, lines)
    step("words")
    connection.execute(WORDS)
    for name, definition in indexes.items():
        step(name)
        connection.execute(definition.encode())


def copy_text(connection: Connection, table: str, columns: Sequence[str], lines: Iterator[Line]) -> None:
    """COPY in its text form, a few thousand lines at a time; values hold no tabs and no backslashes."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while block := "".join(map(_line, islice(lines, AT_ONCE))):
            copy.write(block)


def _line(values: Line) -> str:
    return "\t".join("\\N" if value is None else str(value) for value in values) + "\n"


class _Writer:
    """The lines of each table. Every table is written from a fresh random generator: same seed, same desk."""

    def __init__(self, size: int, workspace: UUID) -> None:
        self._size, self._workspace = size, workspace
        self._texts = [asked.text.replace("\t", " ").replace("\\", "/") for asked in questions(10_000)]
        ids = self._random("people")
        self.agents = [_id(END - YEARS, ids) for _ in range(max(10, size // 20_000))]
        self._customers = [_id(END - YEARS, ids) for _ in range(max(10, size // 4))]
        self._teams = [_id(END - YEARS, ids) for _ in range(5)]
        ids = self._random("tickets")
        self._tickets = [_id(self._opened(number), ids) for number in range(size)]

    def some_tickets(self) -> list[UUID]:
        return [UUID(ticket) for ticket in self._random("some").sample(self._tickets, min(500, self._size))]

    def people(self) -> Iterator[Line]:
        for role, ids in (("agent", self.agents), ("customer", self._customers)):
            for number, user in enumerate(ids):
                yield user, self._workspace, role, f"{role} {number}", f"{role}-{number}@bench.example"

    def teams(self) -> Iterator[Line]:
        for number, team in enumerate(self._teams):
            yield team, self._workspace, f"team {number}"

    def tables(self) -> Iterator[tuple[str, Sequence[str], Iterator[Line]]]:
        yield "tickets", _TICKET, self._ticket_lines()
        yield "messages", _MESSAGE, self._message_lines()
        yield "ticket_events", _EVENT, self._event_lines()

    def _random(self, what: str) -> random.Random:
        return random.Random(f"{SEED} {what}")

    def _opened(self, number: int) -> datetime:
        return END - YEARS + YEARS * (number / self._size)

    def _ticket_lines(self) -> Iterator[Line]:
        chance = self._random("ticket fields")
        for number, ticket in enumerate(self._tickets):
            opened, left = self._opened(number), 1 - number / self._size
            unsolved = left <= UNSOLVED
            status = (
                chance.choice(("new", "open", "open", "pending")) if unsolved else "solved" if left < 0.1 else "closed"
            )
            tags = [tag for tag, share in _TAGS.items() if chance.random() < share]
            subject = f"{chance.choice(self._texts)[:60]} order{number:07d}"
            changed = opened + timedelta(minutes=chance.randrange(5_000))
            assignee = None if status == "new" else chance.choice(self.agents)
            yield (
                *(ticket, self._workspace, number + 1, subject, status),
                *(
                    chance.choice(("low", "normal", "normal", "high", "urgent")),
                    chance.choice(("chat", "email", "email")),
                ),
                *("{" + ",".join(tags) + "}", chance.choice(self._customers), assignee, chance.choice(self._teams)),
                *(opened, changed, None if status == "new" else changed, None if unsolved else changed),
            )

    def _message_lines(self) -> Iterator[Line]:
        chance = self._random("messages")
        for number, ticket in enumerate(self._tickets):
            for place in range(MESSAGES):
                at = self._opened(number) + timedelta(minutes=place)
                body = " ".join(chance.choice(self._texts) for _ in range(3))
                author, visibility = _AUTHORS[place]
                yield _id(at, chance), self._workspace, ticket, author, visibility, "email", body, at

    def _event_lines(self) -> Iterator[Line]:
        chance = self._random("events")
        for number, ticket in enumerate(self._tickets):
            for place, (kind, changes) in enumerate(_EVENTS):
                at = self._opened(number) + timedelta(minutes=place)
                yield _id(at, chance), self._workspace, ticket, kind, "system", changes, at


_TAGS = {"card": 0.5, "vip": 0.02, "legal": 0.0005}
_AUTHORS = (
    ("customer", "public"),
    ("agent", "public"),
    ("customer", "public"),
    ("agent", "public"),
    ("agent", "internal"),
)
_EVENTS = (
    ("created", '{"status": {"from": null, "to": "new"}, "channel": {"from": null, "to": "email"}}'),
    ("changed", '{"status": {"from": "new", "to": "open"}}'),
)
_TICKET = (
    *(
        "id",
        "workspace_id",
        "number",
        "subject",
        "status",
        "priority",
        "channel",
        "tags",
        "requester_id",
        "assignee_id",
    ),
    *("group_id", "created_at", "updated_at", "first_response_at", "solved_at"),
)
_MESSAGE = ("id", "workspace_id", "ticket_id", "author_kind", "visibility", "channel", "body", "created_at")
_EVENT = ("id", "workspace_id", "ticket_id", "kind", "actor_kind", "changes", "created_at")


def _id(moment: datetime, chance: random.Random) -> str:
    """A UUIDv7 of that moment."""
    milliseconds = int(moment.timestamp() * 1000)
    noise = f"{chance.getrandbits(76):019x}"
    return f"{milliseconds:012x}7{noise[:3]}{'89ab'[int(noise[3], 16) % 4]}{noise[4:]}"
