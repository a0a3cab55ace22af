"""A small knowledge base is searched in memory; it is what the database holds, in every process, at each search."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import ArticleDraft, Hit
from supportmax.ports import Transaction
from supportmax.services.import_articles import delete_article
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from tests.articles import BASICS, CARD
from tests.desk import Desk
from tests.server import PostgresServer

QUESTIONS = ["The machine swallowed my card", "PIN", "how long does a transfer take?", "zebra", ""]
UNICORN = ArticleDraft(
    external_id="unicorn", title="Insurance for unicorns", body="We insure unicorns and their horns."
)
ASKED = "Do you insure a unicorn?"


@pytest.fixture
def other(postgres: PostgresServer, database_name: str, desk: Desk, embedder: MiniLMEmbedder) -> Iterator[Desk]:
    """The same desk in another process."""
    with Desk.open(postgres.runtime_url(database_name), desk.workspace_id, embedder) as opened:
        yield opened


def _search(desk: Desk, text: str, tx: Transaction) -> list[Hit]:
    return tx.chunks.search(desk.embedder.embed([text])[0], text, desk.embedder.model, 40)


def _found(desk: Desk, text: str = ASKED) -> set[str]:
    """By the second search after a change, which is the one in memory; the first must know of the change, too."""
    with desk.begin() as tx:
        first, second = ({hit.external_id for hit in _search(desk, text, tx)} for _ in range(2))
    assert first == second
    assert _in_memory(desk)
    return second


def _in_memory(desk: Desk) -> int:
    with desk.database.transaction() as connection:
        return len(connection.known_chunks)


def _by_the_database(desk: Desk, text: str) -> list[Hit]:
    """A transaction that has written something does not search in memory."""
    with desk.begin() as tx:
        tx.sessions.add(new_id(), None)
        return _search(desk, text, tx)


def _id_of(desk: Desk, draft: ArticleDraft) -> str:
    with desk.begin() as tx:
        return next(str(a.id) for a in tx.articles.list(None, 100) if a.external_id == draft.external_id)


@pytest.mark.parametrize("text", QUESTIONS)
def test_memory_finds_what_the_database_finds(text: str, desk: Desk) -> None:
    desk.teach([*BASICS, replace(UNICORN, status="draft")])
    _found(desk)
    with desk.begin() as tx:
        mine = _search(desk, text, tx)
    theirs = _by_the_database(desk, text)
    assert [replace(hit, similarity=0, whole=bool(hit.whole)) for hit in mine] == [
        replace(hit, similarity=0, whole=bool(hit.whole)) for hit in theirs
    ]
    assert [hit.similarity for hit in mine] == pytest.approx([hit.similarity for hit in theirs], abs=1e-6)


def test_a_change_counts_from_the_next_search_on_in_every_process(desk: Desk, other: Desk) -> None:
    desk.teach([CARD])
    assert [UNICORN.external_id in _found(each) for each in (desk, other)] == [False, False]
    for change, found in (
        (UNICORN, True),
        (replace(UNICORN, status="archived"), False),
        (replace(UNICORN, title="Cover for mythical beasts"), True),
    ):
        desk.teach([change])
        assert [UNICORN.external_id in _found(each) for each in (other, desk)] == [found, found]
    with desk.begin() as tx:
        assert "Cover for mythical beasts" in {hit.title for hit in _search(desk, ASKED, tx)}
        delete_article(tx, tx.articles.list(None, 1)[0].id, "test")
    assert [_found(each) for each in (desk, other)] == [{CARD.external_id}, {CARD.external_id}]


def test_a_chat_answers_from_what_was_taught_a_moment_ago(desk: Desk, other: Desk) -> None:
    desk.teach(BASICS)
    for each in (desk, other):
        assert [each.say(ASKED).answer.action for _ in range(3)] == ["hand_over"] * 3
    desk.teach([replace(UNICORN, questions=[ASKED])])
    assert [each.say(ASKED).answer.citations[0].article_id for each in (other, desk)] == [UNICORN.external_id] * 2


def test_what_was_taken_back_is_not_remembered(desk: Desk) -> None:
    desk.teach([CARD, UNICORN])
    everything = _found(desk)
    with pytest.raises(ZeroDivisionError), desk.begin() as tx:
        delete_article(tx, tx.articles.list(None, 1)[0].id, "test")
        assert [{hit.external_id for hit in _search(desk, ASKED, tx)} for _ in range(2)] == [{CARD.external_id}] * 2
        raise ZeroDivisionError
    assert _found(desk) == everything


def test_workspaces_in_one_process_find_their_own(desk: Desk) -> None:
    there = prepare_workspace(desk.store, WorkspaceSetup("other", "Other"), new_id()).id
    neighbour = replace(desk, workspace_id=there)
    desk.teach([CARD])
    neighbour.teach([UNICORN])
    for _ in range(2):
        assert (_found(desk), _found(neighbour)) == ({CARD.external_id}, {UNICORN.external_id})
