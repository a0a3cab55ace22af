"""From hits to a decision: the vote, the confidence, and what is said."""

import math
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.knowledge import ChunkKind, Hit
from supportmax.services import vote
from supportmax.services.answering.compose import best_passage, clarifying, extractive
from supportmax.services.answering.decide import MIN_SHARE, Thresholds, choices, decide
from supportmax.services.answering.retrieve import RankedArticle, Retrieval, confidence, rank

similarities = st.floats(-1, 1)


def _hit(article: str, similarity: float, kind: ChunkKind = "question", words: float = 0.0, ordinal: int = 0) -> Hit:
    return Hit(
        chunk_id=UUID(int=ordinal),
        article_id=UUID(int=abs(hash(article)) % 2**64),
        external_id=article,
        title=article.upper(),
        topics=[],
        kind=kind,
        ordinal=ordinal,
        text=f"{article} {kind} {ordinal}",
        similarity=similarity,
        word_rank=words,
    )


def _found(*articles: tuple[str, float, float]) -> Retrieval:
    """Articles by name, share and similarity."""
    ranked = tuple(RankedArticle(share, _hit(name, similarity), similarity) for name, share, similarity in articles)
    return Retrieval("question", [], ranked, confidence(ranked))


# The vote


@given(st.lists(st.tuples(st.sampled_from("abc"), similarities), min_size=1), st.floats(0.01, 1))
def test_shares_add_up_to_one_largest_first(neighbours: list[tuple[str, float]], temperature: float) -> None:
    shares = vote.shares(neighbours, temperature)
    assert math.isclose(sum(shares.values()), 1)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert set(shares) == {name for name, _ in neighbours}


def test_nobody_votes_nobody_wins() -> None:
    assert vote.shares([], 0.1) == {}


@given(similarities, similarities)
def test_familiarity_grows_with_similarity(a: float, b: float) -> None:
    low, high = sorted([a, b])
    assert 0 <= vote.familiarity(low, 0.5, 0.05) <= vote.familiarity(high, 0.5, 0.05) <= 1


def test_familiarity_is_one_half_in_the_middle() -> None:
    assert vote.familiarity(0.5, 0.5, 0.05) == 0.5


# The ranking


def test_the_nearest_article_wins() -> None:
    ranked = rank([_hit("near", 0.9), _hit("far", 0.4), _hit("far", 0.3, ordinal=1)])
    assert [article.best.external_id for article in ranked] == ["near", "far"]
    assert ranked[0].share > 0.99


def test_words_decide_between_equals() -> None:
    ranked = rank([_hit("without", 0.8), _hit("with", 0.8, words=0.3)])
    assert ranked[0].best.external_id == "with"


def test_each_article_is_shown_by_its_best_hit() -> None:
    ranked = rank([_hit("a", 0.5, ordinal=1), _hit("a", 0.9, ordinal=2), _hit("b", 0.7)])
    assert [article.best.similarity for article in ranked] == [0.9, 0.7]


@given(st.lists(st.tuples(st.sampled_from("abcd"), similarities, st.floats(0, 1)), max_size=30))
def test_a_ranking_holds_each_article_once_and_sure_means_sure(hits: list[tuple[str, float, float]]) -> None:
    ranked = rank([_hit(name, similarity, words=words) for name, similarity, words in hits])
    names = [article.best.external_id for article in ranked]
    assert sorted(names) == sorted({name for name, _, _ in hits})
    assert [article.share for article in ranked] == sorted((a.share for a in ranked), reverse=True)
    assert 0 <= confidence(ranked) <= 1


def test_nothing_found_is_no_confidence() -> None:
    assert confidence(rank([])) == 0


def test_far_from_everything_is_no_confidence_however_clear_the_winner() -> None:
    assert confidence(rank([_hit("only", 0.1)])) < 0.01


# The decision


@pytest.mark.parametrize(
    ("found", "decision"),
    [
        (_found(("a", 0.99, 0.9)), "answer"),
        (_found(("a", 0.4, 0.9), ("b", 0.35, 0.9)), "clarify"),
        (_found(("a", 0.4, 0.3), ("b", 0.35, 0.3)), "hand_over"),
        (_found(("a", 0.45, 0.9), ("b", 0.05, 0.9)), "hand_over"),
        (_found(), "hand_over"),
    ],
    ids=["sure", "between two", "between two far ones", "one, and not sure", "nothing"],
)
def test_what_to_do(found: Retrieval, decision: str) -> None:
    assert decide(found, Thresholds()) == decision


def test_thresholds_are_the_desks_own() -> None:
    found = _found(("a", 0.8, 0.9))
    assert decide(found, Thresholds(answer=0.9)) == "hand_over"
    assert decide(found, Thresholds(answer=0.5)) == "answer"


def test_at_most_three_choices_and_none_that_hardly_counts() -> None:
    found = _found(("a", 0.3, 0.9), ("b", 0.25, 0.9), ("c", 0.2, 0.9), ("d", 0.15, 0.9))
    assert [article.best.external_id for article in choices(found)] == ["a", "b", "c"]
    few = _found(("a", 0.5, 0.9), ("b", MIN_SHARE - 0.01, 0.9))
    assert [article.best.external_id for article in choices(few)] == ["a"]


# The words


def test_asking_back_lists_the_titles_by_number() -> None:
    found = _found(("a", 0.4, 0.9), ("b", 0.35, 0.9))
    answer = clarifying(found, found.articles)
    assert answer.choices == ("A", "B")
    assert answer.reply.endswith("\n1. A\n2. B")


def test_the_opening_answers_unless_another_passage_is_clearly_nearer() -> None:
    opening = _hit("a", 0.5, "body")
    near, clearly = _hit("a", 0.6, "body", ordinal=1), _hit("a", 0.7, "body", ordinal=1)
    assert best_passage([opening, near], follows_up=False) == opening
    assert best_passage([opening, clearly], follows_up=False) == clearly
    assert best_passage([opening, near], follows_up=True) == near


def test_an_extractive_answer_is_a_passage_with_its_source() -> None:
    passage = _hit("a", 0.9, "body")
    answer = extractive(_found(("a", 0.9, 0.9)), [passage])
    assert answer.reply == passage.text
    assert [(source.article_id, source.quote) for source in answer.citations] == [("a", passage.text)]
