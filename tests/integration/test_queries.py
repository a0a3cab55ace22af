"""Every named query of every .sql file fits the schema, and somebody runs it."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from supportmax.adapters.postgres import queries
from tests.server import TEMPLATE, PostgresServer

FOLDER = Path(queries.__file__).parent
# Run as a whole by the migrations, not by name.
WHOLE = {"roles"}
NAMED = [
    pytest.param(file.stem, name, id=f"{file.stem}.{name}")
    for file in sorted(FOLDER.glob("*.sql"))
    if file.stem not in WHOLE
    for name in queries.load(file.stem)
]
_PARAMETER = re.compile(r"%\((\w+)\)s")


def parameters(text: str) -> list[str]:
    """Their names, in the order in which each first appears."""
    return list(dict.fromkeys(_PARAMETER.findall(text)))


def numbered(text: str) -> str:
    """The query as the server gets it: `$1` for the first parameter, and so on."""
    known = parameters(text)
    return _PARAMETER.sub(lambda found: f"${known.index(found[1]) + 1}", text).replace("%%", "%")


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The template itself: nothing is changed here."""
    with psycopg.connect(postgres.runtime_url(TEMPLATE)) as connection:
        yield connection


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_query_can_be_prepared(file: str, name: str, database: psycopg.Connection[tuple[object, ...]]) -> None:
    with database.transaction(force_rollback=True):
        database.execute(f"PREPARE named AS {numbered(queries.load(file)[name])}".encode())
        prepared = database.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = 'named'").fetchone()
        database.execute("DEALLOCATE named")
    assert prepared == (1,)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_query_is_used_and_names_its_columns(file: str, name: str) -> None:
    repositories = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    assert f'"{name}"' in repositories
    assert re.search(r"SELECT\s+\*|\.\*", queries.load(file)[name]) is None


def test_every_file_holds_named_queries() -> None:
    assert {file.stem for file in FOLDER.glob("*.sql")} - WHOLE == {str(case.values[0]) for case in NAMED}
