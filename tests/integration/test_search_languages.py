"""A question in German finds German words in their other forms, beside English articles; so does one in French."""

import pytest

from supportmax.domain.knowledge import ArticleDraft
from tests.articles import CARD, PIN
from tests.desk import Desk

GERMAN = ArticleDraft(
    external_id="haeuser", title="Versicherung", body="Die Häuser werden jährlich geprüft.", language="de"
)
FRENCH = ArticleDraft(external_id="chevaux", title="Assurance", body="Les remboursements arrivent vite.", language="fr")
POLISH = ArticleDraft(external_id="przelew", title="Przelew", body="Przelew trwa jeden dzień.", language="pl")


@pytest.mark.parametrize(
    ("question", "external_id"),
    [
        ("Wann wird mein Haus geprüft?", "haeuser"),  # Häuser → haus
        ("Où est mon remboursement ?", "chevaux"),
        ("Kiedy dojdzie przelew?", "przelew"),  # no stemmer for it: the words as they are
        ("Are cards destroyed?", "card-swallowed"),
    ],
)
def test_words_are_found_in_their_own_language(question: str, external_id: str, desk: Desk) -> None:
    desk.teach([CARD, PIN, GERMAN, FRENCH, POLISH])
    vector = desk.embedder.embed([question])[0]
    with desk.begin() as tx:
        hits = tx.chunks.search(vector, question, desk.embedder.model, 40)
    worded = sorted((hit for hit in hits if hit.word_rank), key=lambda hit: -hit.word_rank)
    assert worded[0].external_id == external_id


def test_a_language_that_comes_later_counts_at_once(desk: Desk) -> None:
    desk.teach([CARD])
    desk.teach([GERMAN])
    with desk.begin() as tx:
        hits = tx.chunks.search(desk.embedder.embed(["x"])[0], "mein Haus", desk.embedder.model, 40)
    assert {hit.external_id for hit in hits if hit.word_rank} == {"haeuser"}


def test_an_article_without_a_body_is_found_by_its_title(desk: Desk) -> None:
    desk.teach([CARD, ArticleDraft(external_id="empty", title="Is there a lounge at the airport?", body="")])
    question = "an airport lounge"
    with desk.begin() as tx:
        hits = tx.chunks.search(desk.embedder.embed([question])[0], question, desk.embedder.model, 40)
    assert hits[0].external_id == "empty"
