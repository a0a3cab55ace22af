"""The connection: what a frozen sandbox, a restarted server and a slow query do to it."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.database import Database
from supportmax.domain.errors import InvalidInput, NotFound, TransientFailure
from tests.server import PostgresServer

Connection = psycopg.Connection[tuple[object, ...]]


def _backend(database: Database) -> object:
    with database.transaction() as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def database(postgres: PostgresServer, database_name: str) -> Iterator[Database]:
    opened = Database(postgres.runtime_url(database_name))
    yield opened
    opened.close()


def test_one_connection_serves_all_transactions(database: Database) -> None:
    assert _backend(database) == _backend(database)


def test_a_connection_cut_between_two_transactions_is_replaced(database: Database, owner: Connection) -> None:
    cut = _backend(database)
    owner.execute("SELECT pg_terminate_backend(%s, 5000)", [cut])
    assert _backend(database) != cut


def test_a_connection_cut_after_a_long_sleep_is_replaced(
    database: Database, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportmax.adapters.postgres.database.CHECK_AFTER_SECONDS", -1)
    cut = _backend(database)
    owner.execute("SELECT pg_terminate_backend(%s, 5000)", [cut])
    assert _backend(database) != cut


def test_a_connection_cut_inside_a_transaction_is_a_failure_that_may_pass(
    database: Database, owner: Connection
) -> None:
    with pytest.raises(TransientFailure, match=r"^database: "), database.transaction() as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [row[0]])
        connection.execute("SELECT 1")
    assert _backend(database)


def test_a_query_that_hangs_is_ended(postgres: PostgresServer, database_name: str) -> None:
    database = Database(postgres.runtime_url(database_name), statement_timeout_ms=50)
    with pytest.raises(TransientFailure, match="statement timeout"), database.transaction() as connection:
        connection.execute("SELECT pg_sleep(30)")
    assert _backend(database)
    database.close()


def test_no_server_is_a_failure_that_may_pass() -> None:
    database = Database("postgresql://supportmax_app@/nowhere?host=/nonexistent")
    with pytest.raises(TransientFailure, match=r"^database: "), database.transaction():
        pass


@pytest.mark.parametrize("value", ["a\x00b", Jsonb({"text": "a\x00b"}), "\ud800"])
def test_text_that_no_column_can_hold_is_the_senders_mistake(value: object, database: Database) -> None:
    with pytest.raises(InvalidInput, match="NUL"), database.transaction() as connection:
        connection.execute("SELECT %s", [value])


def test_a_row_that_belongs_to_nothing_is_not_found(owner: Connection, postgres: PostgresServer) -> None:
    database = Database(postgres.owner_url(owner.info.dbname))
    with pytest.raises(NotFound, match="foreign key"), database.transaction() as connection:
        connection.execute("INSERT INTO sessions (id, workspace_id) VALUES (gen_random_uuid(), gen_random_uuid())")
    database.close()


def test_a_mistake_of_ours_stays_what_it_is(database: Database) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), database.transaction() as connection:
        connection.execute("SELECT 1 / 0")


def test_a_database_without_our_tables_says_so(postgres: PostgresServer) -> None:
    database = Database(postgres.owner_url())
    with pytest.raises(TransientFailure, match="run the migrations"), database.transaction() as connection:
        connection.execute("SELECT * FROM tickets")
    database.close()


def test_nobody_waits_for_a_commit_that_is_only_sent_and_it_is_kept(database: Database, owner: Connection) -> None:
    owner.execute("CREATE TABLE scratch (n int); GRANT ALL ON scratch TO PUBLIC")
    with database.transaction(wait=False) as connection:
        connection.execute("INSERT INTO scratch VALUES (1)")
    with database.transaction() as connection:
        assert connection.execute("SELECT n FROM scratch").fetchall() == [(1,)]
    assert owner.execute("SELECT n FROM scratch").fetchall() == [(1,)]


def test_what_went_wrong_in_it_shows_in_the_next_transaction_at_the_latest(database: Database) -> None:
    """Sooner where the answer was faster than the commit."""
    with pytest.raises(psycopg.errors.DivisionByZero):
        with database.transaction(wait=False) as connection:
            connection.execute("SELECT 1 / 0")
        with database.transaction() as connection:
            connection.execute("SELECT 1").fetchone()
    assert _backend(database)


def test_a_connection_cut_behind_it_is_a_failure_for_whoever_builds_upon_it(
    database: Database, owner: Connection
) -> None:
    cut = _backend(database)
    with database.transaction(wait=False) as connection:
        connection.execute("SELECT 1")
    owner.execute("SELECT pg_terminate_backend(%s, 5000)", [cut])
    with pytest.raises(TransientFailure):
        _backend(database)
    assert _backend(database) != cut


def test_a_transaction_without_a_statement_asks_nothing_of_the_server(database: Database, owner: Connection) -> None:
    cut = _backend(database)
    with database.transaction(wait=False):
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [cut])
    assert _backend(database) != cut


def test_a_part_may_be_the_first_to_say_something_and_fail_alone(database: Database, owner: Connection) -> None:
    owner.execute("CREATE TABLE scratch (n int); GRANT ALL ON scratch TO PUBLIC")
    with database.transaction() as connection:
        with pytest.raises(RuntimeError), database.transaction() as part:
            part.execute("INSERT INTO scratch VALUES (1)")
            raise RuntimeError
        connection.execute("INSERT INTO scratch VALUES (2)")
    assert owner.execute("SELECT n FROM scratch").fetchall() == [(2,)]


def test_an_error_inside_leaves_nothing_behind(database: Database, owner: Connection) -> None:
    with pytest.raises(RuntimeError), database.transaction() as connection:
        connection.execute("CREATE TEMP TABLE scratch AS SELECT 1")
        raise RuntimeError
    with database.transaction() as connection:
        assert connection.execute("SELECT to_regclass('scratch')").fetchone() == (None,)


@pytest.mark.parametrize("threshold", [0, None])
def test_statements_can_be_prepared_at_once_or_never(
    threshold: int | None, postgres: PostgresServer, database_name: str
) -> None:
    """A pooler in transaction mode cannot keep prepared statements."""
    database = Database(postgres.runtime_url(database_name), prepare_threshold=threshold)
    with database.transaction() as connection:
        connection.execute("SELECT %s::int", [1])
        row = connection.execute("SELECT count(*) > 0 FROM pg_prepared_statements").fetchone()
    assert row == (threshold == 0,)
    database.close()
