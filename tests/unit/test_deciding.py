"""From hits to a decision: the vote, the confidence, and what is said."""

import math
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.calibration import Calibration, Curve, Fit, Rules
from supportmax.domain.knowledge import ChunkKind, Hit
from supportmax.services import vote
from supportmax.services.answering.calibrate import MIN_SHARE, Assessed, conclude, weigh
from supportmax.services.answering.compose import best_passage, clarifying, extractive
from supportmax.services.answering.decide import decide
from supportmax.services.answering.retrieve import RankedArticle, Retrieval, rank

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


# A score is the chance itself, and so sure is wanted: what comes out can be worked out by hand.
_PLAIN = Fit(Curve(0, 1), Curve(0, 1), ((0.7, 0.8),))
RULES = Rules(0.5, Calibration("test", _PLAIN, _PLAIN))


def _articles(*articles: tuple[str, float, float]) -> tuple[RankedArticle, ...]:
    """By name, share and similarity."""
    return tuple(RankedArticle(share, _hit(name, similarity), similarity) for name, share, similarity in articles)


def _assessed(*articles: tuple[str, float, float], rules: Rules = RULES) -> Assessed:
    ranked = _articles(*articles)
    return conclude(Retrieval("question", [], ranked), weigh(ranked, []), rules)


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
    ranked = rank([_hit("near", 0.9), _hit("far", 0.4), _hit("far", 0.3, ordinal=1)], "")
    assert [article.best.external_id for article in ranked] == ["near", "far"]
    assert ranked[0].share > 0.99


def test_words_decide_between_equals() -> None:
    ranked = rank([_hit("without", 0.8, "title"), _hit("with", 0.8, "title", words=0.3)], "")
    assert ranked[0].best.external_id == "with"


def test_what_the_question_names_decides_against_meaning() -> None:
    near = replace(_hit("near", 0.9, "title"), text="What E1205 means")
    named = replace(_hit("named", 0.7, "title"), text="What E1204 means")
    others = [_hit(f"other {number}", 0.5, "title") for number in range(3)]
    assert rank([near, named, *others], "The display says e1204")[0].best.external_id == "named"
    assert rank([near, named, *others], "The display says 1,204")[0].best.external_id == "near"


def test_of_equal_articles_the_shorter_comes_first() -> None:
    long, short = (replace(_hit(name, 0.8, "title"), size=size) for name, size in (("long", 900), ("short", 0)))
    assert [article.best.external_id for article in rank([long, short], "")] == ["short", "long"]


def test_each_article_is_shown_by_its_best_hit() -> None:
    ranked = rank([_hit("a", 0.5, ordinal=1), _hit("a", 0.9, ordinal=2), _hit("b", 0.7)], "")
    assert [article.best.similarity for article in ranked] == [0.9, 0.7]


@given(st.lists(st.tuples(st.sampled_from("abcd"), similarities, st.floats(0, 1)), max_size=30))
def test_a_ranking_holds_each_article_once_and_sure_means_sure(hits: list[tuple[str, float, float]]) -> None:
    ranked = rank([_hit(name, similarity, words=words) for name, similarity, words in hits], "")
    names = [article.best.external_id for article in ranked]
    assert sorted(names) == sorted({name for name, _, _ in hits})
    assert [article.share for article in ranked] == sorted((a.share for a in ranked), reverse=True)
    assert 0 <= _confidence(ranked) <= 1


def _confidence(ranked: tuple[RankedArticle, ...]) -> float:
    return conclude(Retrieval("question", [], ranked), weigh(ranked, []), RULES).confidence


def test_nothing_found_is_no_confidence() -> None:
    assert _confidence(rank([], "")) == 0


def test_far_from_everything_is_no_confidence_however_clear_the_winner() -> None:
    assert _confidence(rank([_hit("only", 0.1)], "")) < 0.01


# The decision


@pytest.mark.parametrize(
    ("assessed", "decision"),
    [
        (_assessed(("a", 0.99, 0.9)), "answer"),
        (_assessed(("a", 0.5, 0.9), ("b", 0.45, 0.9)), "clarify"),
        (_assessed(("a", 0.5, 0.3), ("b", 0.45, 0.3)), "hand_over"),
        (_assessed(("a", 0.75, 0.9), ("b", 0.05, 0.9)), "hand_over"),
        (_assessed(), "hand_over"),
    ],
    ids=["sure", "between two", "between two far ones", "one, and not sure", "nothing"],
)
def test_what_to_do(assessed: Assessed, decision: str) -> None:
    assert decide(assessed) == decision


def test_a_workspace_that_wants_to_be_surer_answers_less() -> None:
    found = ("a", 0.85, 0.95)
    assert decide(_assessed(found, rules=RULES)) == "answer"
    assert decide(_assessed(found, rules=Rules(0.99, RULES.own))) == "hand_over"


def test_at_most_three_choices_and_none_that_hardly_counts() -> None:
    assessed = _assessed(("a", 0.3, 0.9), ("b", 0.25, 0.9), ("c", 0.2, 0.9), ("d", 0.15, 0.9))
    assert [article.best.external_id for article in assessed.choices] == ["a", "b", "c"]
    few = _assessed(("a", 0.5, 0.9), ("b", MIN_SHARE - 0.01, 0.9))
    assert [article.best.external_id for article in few.choices] == ["a"]


# The words


def test_asking_back_lists_the_titles_by_number() -> None:
    answer = clarifying(_articles(("a", 0.4, 0.9), ("b", 0.35, 0.9)), 0.4)
    assert [choice.title for choice in answer.choices] == ["A", "B"]
    assert answer.reply.endswith("\n1. A\n2. B")


def test_the_opening_answers_unless_another_passage_is_clearly_nearer() -> None:
    opening = _hit("a", 0.5, "body")
    near, clearly = _hit("a", 0.6, "body", ordinal=1), _hit("a", 0.7, "body", ordinal=1)
    assert best_passage([opening, near], follows_up=False) == opening
    assert best_passage([opening, clearly], follows_up=False) == clearly
    assert best_passage([opening, near], follows_up=True) == near


def test_an_extractive_answer_is_a_passage_with_its_source() -> None:
    passage = _hit("a", 0.9, "body")
    answer = extractive([passage], 0.9)
    assert answer.reply == passage.text
    assert [(source.article_id, source.quote) for source in answer.citations] == [("a", passage.text)]
