"""Knowledge: indexed once, edited cheaply, gone from answers with its article."""

from dataclasses import replace

import pytest

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.domain.errors import Conflict, NotFound
from supportmax.domain.events import ArticleChanged, Envelope
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import Article, ArticleDraft, ImportCounts, IndexStatus
from supportmax.ports import Embedder
from supportmax.services.import_articles import delete_article, import_articles, save_article
from tests.articles import BASICS, CARD, PIN
from tests.desk import Desk
from tests.fakes.embedders import CountingEmbedder, InterruptedEmbedder

LONG = ArticleDraft(
    external_id="long",
    title="Everything about cards",
    body="\n\n".join(
        f"## Part {n}\n\n{' '.join(f'Sentence {n}.{s} explains a card.' for s in range(20))}" for n in range(4)
    ),
)


@pytest.fixture
def counted(desk: Desk, embedder: MiniLMEmbedder) -> CountingEmbedder:
    """The desk's embedder, counting."""
    desk.embedder = counting = CountingEmbedder(embedder)
    return counting


def _import(desk: Desk, *drafts: ArticleDraft) -> ImportCounts:
    return import_articles(desk.store, desk.workspace_id, drafts, "test")


def _article(desk: Desk, draft: ArticleDraft = CARD) -> Article:
    with desk.begin() as tx:
        return next(a for a in tx.articles.list(None, 100) if a.external_id == draft.external_id)


def _status(desk: Desk) -> IndexStatus:
    with desk.begin() as tx:
        return tx.articles.status(desk.embedder.model)


def _found_with(desk: Desk, embedder: Embedder) -> set[str]:
    words = "The machine swallowed my card"
    with desk.begin() as tx:
        return {hit.external_id for hit in tx.chunks.search(embedder.embed([words])[0], words, embedder.model, 10)}


def _changed(desk: Desk, article: Article) -> Envelope:
    return Envelope.of(desk.workspace_id, ArticleChanged(article_id=article.id))


def test_title_questions_and_body_are_embedded_once_each(desk: Desk, counted: CountingEmbedder) -> None:
    desk.teach([CARD])
    assert sorted(counted.texts) == sorted([CARD.title, *CARD.questions, f"{CARD.title}\n{CARD.body}"])
    assert _status(desk) == IndexStatus(articles=1, indexed=1, failed=0, chunks=5)


def test_importing_the_same_again_changes_nothing(desk: Desk, counted: CountingEmbedder) -> None:
    assert _import(desk, *BASICS) == ImportCounts(created=len(BASICS))
    desk.drain()
    before, version = list(counted.texts), _article(desk).version
    assert _import(desk, *BASICS) == ImportCounts(unchanged=len(BASICS))
    assert not desk.queue.waiting
    desk.drain()
    assert (counted.texts, _article(desk).version) == (before, version)


def test_the_same_message_again_embeds_nothing(desk: Desk, counted: CountingEmbedder) -> None:
    desk.teach([CARD])
    before = list(counted.texts)
    desk.deliver(_changed(desk, _article(desk)))
    assert counted.texts == before


def test_an_edit_embeds_only_the_new_texts(desk: Desk, counted: CountingEmbedder) -> None:
    desk.teach([CARD])
    counted.texts.clear()
    edited = replace(CARD, title="Swallowed cards", questions=[*CARD.questions[:2], "Where is my card gone?"])
    assert _import(desk, edited) == ImportCounts(updated=1)
    desk.drain()
    assert sorted(counted.texts) == ["Swallowed cards", f"Swallowed cards\n{CARD.body}", "Where is my card gone?"]

    assert _status(desk).chunks == 5


def test_an_edit_below_the_same_title_embeds_only_the_new_passages(desk: Desk, counted: CountingEmbedder) -> None:
    desk.teach([LONG])
    counted.texts.clear()
    _import(desk, replace(LONG, body=f"{LONG.body}\n\n{'Call us at night, too. ' * 30}"))
    desk.drain()
    assert counted.texts
    assert all("at night" in text and text.startswith(f"{LONG.title}\n") for text in counted.texts)


def test_an_edit_is_what_is_answered_from_then_on(desk: Desk) -> None:
    desk.teach(BASICS)
    desk.teach([replace(CARD, body="Wait in front of the machine: cards come back after a minute.")])
    reply = desk.say("The machine swallowed my card").answer.reply
    assert reply == "Wait in front of the machine: cards come back after a minute."


def test_a_deleted_article_is_gone_from_answers_at_once(desk: Desk) -> None:
    desk.teach(BASICS)
    with desk.begin() as tx:
        delete_article(tx, _article(desk).id, "test")
    answer = desk.say("The machine swallowed my card").answer
    assert CARD.external_id not in [source.article_id for source in answer.citations]
    assert _status(desk).articles == len(BASICS) - 1


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_only_published_articles_answer(status: str, desk: Desk) -> None:
    desk.teach(BASICS)
    desk.teach([replace(CARD, status=status)])  # type: ignore[arg-type]
    answer = desk.say("The machine swallowed my card").answer
    assert CARD.external_id not in [source.article_id for source in answer.citations]


def test_a_late_message_after_a_newer_edit_does_not_bring_the_old_text_back(
    desk: Desk, embedder: MiniLMEmbedder
) -> None:
    """While the old text is being embedded, the article is edited, and the edit indexed by another function."""

    def edit_and_index() -> None:
        _import(desk, replace(CARD, body="The newer text."))
        desk.embedder = embedder
        desk.drain()

    _import(desk, CARD)
    late = desk.queue.waiting.popleft()
    desk.embedder = InterruptedEmbedder(embedder, edit_and_index)
    desk.deliver(late)
    with desk.begin() as tx:
        bodies = tx.chunks.body_of(_article(desk).id, [0.0] * 383 + [1.0], desk.embedder.model)
    assert [hit.text for hit in bodies] == ["The newer text."]
    assert _status(desk).indexed == 1


def test_an_article_deleted_while_it_is_embedded_leaves_no_chunks(desk: Desk, embedder: MiniLMEmbedder) -> None:
    def delete() -> None:
        with desk.begin() as tx:
            delete_article(tx, _article(desk).id, "test")

    _import(desk, CARD)
    desk.embedder = InterruptedEmbedder(embedder, delete)
    desk.drain()
    assert _status(desk) == IndexStatus(0, 0, 0, 0)


def test_a_message_about_a_deleted_article_is_no_error(desk: Desk, counted: CountingEmbedder) -> None:
    desk.deliver(Envelope.of(desk.workspace_id, ArticleChanged(article_id=new_id())))
    assert counted.texts == []


def test_vectors_of_another_model_are_neither_reused_nor_searched(desk: Desk, counted: CountingEmbedder) -> None:
    class Renamed(CountingEmbedder):
        @property
        def model(self) -> str:
            return "another@384"

    desk.teach([CARD])
    newer = Renamed(counted.inner)
    desk.other_embedders[newer.model] = newer
    with desk.begin() as tx:
        tx.embedding.prepare(newer.model)
        assert tx.articles.status(newer.model).indexed == 0
    assert _found_with(desk, newer) == set()
    newer.texts.clear()
    desk.deliver(_changed(desk, _article(desk)))
    assert len([text for text in newer.texts if text == CARD.title]) == 1
    assert _found_with(desk, newer) == {CARD.external_id}


def test_a_long_article_is_cut_into_passages_that_together_are_all_of_it(desk: Desk) -> None:
    desk.teach([LONG])
    with desk.begin() as tx:
        passages = tx.chunks.body_of(_article(desk, LONG).id, [0.0] * 383 + [1.0], desk.embedder.model)
    assert len(passages) > 3
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    assert max(len(passage.text) for passage in passages) <= 900
    assert "".join("".join(passage.text.split()) for passage in passages) == "".join(LONG.body.split())


def test_two_articles_cannot_have_one_external_id(desk: Desk) -> None:
    desk.teach([CARD, PIN])
    with pytest.raises(Conflict, match=CARD.external_id), desk.begin() as tx:
        save_article(tx, replace(PIN, external_id=CARD.external_id), "test", _article(desk, PIN).id)
    assert _article(desk, PIN).title == PIN.title


def test_an_article_that_is_not_there_cannot_be_replaced_or_deleted(desk: Desk) -> None:
    with pytest.raises(NotFound), desk.begin() as tx:
        save_article(tx, CARD, "test", new_id())
    with pytest.raises(NotFound), desk.begin() as tx:
        delete_article(tx, new_id(), "test")


def test_words_alone_find_what_meaning_does_not(desk: Desk) -> None:
    """A product code means nothing to the model; the words leg brings the article into the search."""
    code = ArticleDraft(external_id="code", title="Form", body="Fill in the form KX-77/B and send it to us.")
    desk.teach([*BASICS, code])
    with desk.begin() as tx:
        vector = desk.embedder.embed(["sheep"])[0]
        hits = tx.chunks.search(vector, "KX-77/B", desk.embedder.model, 3)
    best = max(hits, key=lambda hit: hit.word_rank)
    assert best.external_id == "code"
    assert best.word_rank > 0


@pytest.mark.parametrize("words", ["", "' OR 1=1 --", "a & | ! ( ) : *", "the and of", "\\", "x" * 5_000, "💥"])
def test_no_words_break_the_search(words: str, desk: Desk) -> None:
    desk.teach([CARD])
    with desk.begin() as tx:
        hits = tx.chunks.search(desk.embedder.embed(["card"])[0], words, desk.embedder.model, 10)
    assert {hit.external_id for hit in hits} == {CARD.external_id}
