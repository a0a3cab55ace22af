"""Shared fixtures: a real Postgres, a fresh copy of the migrated template database per test, and a whole desk on it."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch
from uuid import UUID, uuid4

import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.postgres import migrations
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.ids import new_id
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from tests.cloud import MODEL, Cloud, one_aws_session, sign_in, simulated_account
from tests.desk import ADMIN, Desk
from tests.fakes.embedders import RememberingEmbedder
from tests.server import TEMPLATE, PostgresServer

# Machines differ in speed; a property that holds does not.
hypothesis.settings.register_profile("tests", deadline=None, max_examples=50)
hypothesis.settings.load_profile("tests")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[type[PasswordHasher]]:
    """Hashing a password takes no time, nor does checking one: a hash says how it was made. Gives the real hasher."""
    with patch("argon2.PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)):
        yield PasswordHasher


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A server of this test process's own, with the migrated template database in it."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    with PostgresServer.start() as server:
        server.create_database(TEMPLATE)
        migrations.apply(server.owner_url(TEMPLATE), ROOT / "infra" / "migrations")
        _prepare_template(server)
        yield server


def _prepare_template(server: PostgresServer) -> None:
    """The first workspace is in the template, with its administrator."""
    database = Database(server.runtime_url(TEMPLATE))
    setup = WorkspaceSetup("default", "Test desk", ADMIN.email, ADMIN.password)
    prepare_workspace(PostgresStore(database), setup, new_id())
    database.close()


@pytest.fixture
def database_name(postgres: PostgresServer) -> Iterator[str]:
    """A fresh copy of the template, dropped after the test."""
    name = f"t_{uuid4().hex}"
    postgres.create_database(name, template=TEMPLATE)
    yield name
    postgres.drop_database(name)


@pytest.fixture
def owner(postgres: PostgresServer, database_name: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A connection that sees everything, to look at what is really stored."""
    with psycopg.connect(postgres.owner_url(database_name), autocommit=True) as connection:
        yield connection


@pytest.fixture
def store(postgres: PostgresServer, database_name: str) -> Iterator[PostgresStore]:
    """The store as functions have it: under the runtime role."""
    database = Database(postgres.runtime_url(database_name))
    yield PostgresStore(database)
    database.close()


@pytest.fixture
def workspace_id(store: PostgresStore) -> UUID:
    found = store.find_workspace(slug="default")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def embedder() -> MiniLMEmbedder:
    return RememberingEmbedder(MODEL)


@pytest.fixture
def desk(postgres: PostgresServer, database_name: str, workspace_id: UUID, embedder: MiniLMEmbedder) -> Iterator[Desk]:
    """The whole desk in process: real database, real embedder, queues and mail in memory."""
    with Desk.open(postgres.runtime_url(database_name), workspace_id, embedder) as opened:
        yield opened


@pytest.fixture(scope="module")
def aws_session() -> Iterator[None]:
    with one_aws_session():
        yield


@pytest.fixture
def account(aws_session: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A simulated AWS account with nothing in it."""
    sign_in(monkeypatch)
    with simulated_account():
        yield


@pytest.fixture
def cloud(
    postgres: PostgresServer,
    database_name: str,
    embedder: MiniLMEmbedder,
    aws_session: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Cloud]:
    """The functions as AWS runs them, in a simulated account with a real database."""
    with Cloud.open(postgres.runtime_url(database_name), embedder, monkeypatch) as opened:
        yield opened
