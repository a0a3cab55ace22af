"""A chat turn compares a message with the labelled examples in memory; they are those of the database, at each turn."""

from collections.abc import Iterator

import pytest

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.domain.ids import new_id
from supportmax.ports import Transaction
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.triage.neighbours import neighbours
from tests.articles import BASICS
from tests.desk import Desk
from tests.server import PostgresServer

ASKED = "The cash machine has eaten my card"
LABEL = "card_swallowed"
EXAMPLES = [
    "The cash machine has eaten my bank card",
    "An ATM kept my card",
    "Where is my card? The cash machine has it",
]


@pytest.fixture
def other(postgres: PostgresServer, database_name: str, desk: Desk, embedder: MiniLMEmbedder) -> Iterator[Desk]:
    """The same desk in another process."""
    with Desk.open(postgres.runtime_url(database_name), desk.workspace_id, embedder) as opened:
        yield opened


def _with_examples(desk: Desk) -> list[bool]:
    """Whether examples had a say in each of three turns, the last of them in memory for sure."""
    sessions = [desk.say(ASKED).session_id for _ in range(3)]
    with desk.begin() as tx:
        return [bool(tx.turns.recent(session, 1)[0].decision["with_examples"]) for session in sessions]


def test_an_example_counts_from_the_next_turn_on_in_every_process(desk: Desk, other: Desk) -> None:
    desk.teach(BASICS)
    assert [_with_examples(each) for each in (desk, other)] == [[False] * 3] * 2
    desk.label(LABEL, EXAMPLES)
    assert [_with_examples(each) for each in (other, desk)] == [[True] * 3] * 2


def test_examples_of_another_workspace_have_no_say(desk: Desk) -> None:
    there = prepare_workspace(desk.store, WorkspaceSetup("other", "Other"), new_id()).id
    neighbour = Desk(desk.store, there, desk.embedder, desk.database, corpora=desk.corpora)
    desk.teach(BASICS)
    neighbour.label(LABEL, EXAMPLES)
    assert [_with_examples(desk), _with_examples(desk)] == [[False] * 3] * 2


def test_memory_finds_what_the_database_finds(desk: Desk) -> None:
    """Descriptions of labels are none of it, retired examples neither."""
    desk.label(LABEL, EXAMPLES)
    desk.label("pin", ["How do I change my PIN?", "My PIN is blocked"])
    vector = desk.embedder.embed([ASKED])[0]
    with desk.begin() as tx:
        tx.examples.set_status(tx.examples.list(None, None, 1)[0].id, "retired", None)
    with desk.begin() as tx:
        theirs = tx.examples.nearest(vector, desk.embedder.model, 3)
        corpus = desk.corpora.of(tx, desk.embedder.model).corpus
    mine = neighbours(corpus, vector, 3)
    assert [(each.label, each.text) for each in mine] == [(each.label, each.text) for each in theirs]
    assert [each.similarity for each in mine] == pytest.approx([each.similarity for each in theirs], abs=1e-6)
    assert len(neighbours(corpus, vector, 50)) == len(EXAMPLES) + 1


def test_no_examples_have_no_neighbours(desk: Desk) -> None:
    with desk.begin() as tx:
        assert neighbours(desk.corpora.of(tx, desk.embedder.model).corpus, [1.0], 5) == []


def test_what_was_taken_back_is_not_remembered(desk: Desk) -> None:
    desk.label(LABEL, EXAMPLES)

    def known(tx: Transaction) -> set[str]:
        return {each.text for each in desk.corpora.of(tx, desk.embedder.model).corpus.examples if each.text in EXAMPLES}

    with desk.begin() as tx:
        ids = {each.text: each.id for each in tx.examples.list(None, None, 10)}
        assert known(tx) == set(EXAMPLES)
    with pytest.raises(ZeroDivisionError), desk.begin() as tx:
        tx.examples.set_status(ids[EXAMPLES[0]], "retired", None)
        assert known(tx) == set(EXAMPLES[1:])
        raise ZeroDivisionError
    with desk.begin() as tx:
        tx.examples.set_status(ids[EXAMPLES[1]], "retired", None)
    with desk.begin() as tx:
        assert known(tx) == {EXAMPLES[0], EXAMPLES[2]}
