"""Word search sees past row-level security, and yet no further than the caller's workspace (decision 4)."""

from uuid import UUID

import psycopg
import pytest

from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import ArticleDraft
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from tests.desk import Desk
from tests.server import PostgresServer

SEARCH = "SELECT chunk_id FROM match_words('swallow'::tsquery, %s, 40)"
SWALLOWED = ArticleDraft(
    external_id="card-swallowed", title="The machine has swallowed my card", body="Freeze the card."
)


def search_as_function(url: str, model: str, workspace_id: UUID | None) -> set[UUID]:
    """The ids that the runtime role finds in a workspace, or without one."""
    with psycopg.connect(url) as connection:
        if workspace_id:
            connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(workspace_id)])
        return {row[0] for row in connection.execute(SEARCH, [model])}


@pytest.fixture
def url(postgres: PostgresServer, database_name: str) -> str:
    return postgres.runtime_url(database_name)


def test_it_finds_a_word_in_its_own_workspace_only(desk: Desk, url: str) -> None:
    desk.teach([SWALLOWED])
    other = prepare_workspace(desk.store, WorkspaceSetup("other", "Another desk"), new_id()).id
    with Desk.open(url, other, desk.embedder) as neighbour:
        neighbour.teach([SWALLOWED])
    mine, theirs = (search_as_function(url, desk.embedder.model, each) for each in (desk.workspace_id, other))
    assert len(mine) == len(theirs) == 1
    assert mine.isdisjoint(theirs)


def test_it_finds_nothing_without_a_workspace(desk: Desk, url: str) -> None:
    desk.teach([SWALLOWED])
    assert search_as_function(url, desk.embedder.model, desk.workspace_id)
    assert search_as_function(url, desk.embedder.model, None) == set()
