"""The vote of the chunks for their articles, and what a question calls by its name."""

from uuid import uuid4

from supportmax.domain.knowledge import ChunkKind, Hit
from supportmax.services.answering.naming import CODE_BONUS, NAME_BONUS, scores
from supportmax.services.answering.retrieve import rank


def _hit(article: str, similarity: float, kind: ChunkKind = "question", text: str = "a text") -> Hit:
    return Hit(
        chunk_id=uuid4(),
        article_id=uuid4(),
        external_id=article,
        title="A title",
        topics=[],
        kind=kind,
        ordinal=0,
        text=text,
        similarity=similarity,
        word_rank=0.0,
    )


def _order(*hits: Hit) -> list[str]:
    return [article.best.external_id for article in rank(hits, "what now")]


def test_two_good_chunks_beat_one_that_is_a_little_better() -> None:
    assert _order(_hit("one", 0.72), _hit("two", 0.71), _hit("two", 0.7)) == ["two", "one"]


def test_an_article_does_not_win_by_the_number_of_its_questions() -> None:
    assert _order(_hit("near", 0.8), *[_hit("long", 0.7)] * 10) == ["near", "long"]


def test_passages_of_one_article_have_one_vote_together() -> None:
    assert _order(_hit("near", 0.72), *[_hit("long", 0.7, "body")] * 3) == ["near", "long"]


def test_a_name_is_what_is_always_written_like_one() -> None:
    texts = ["Ask for Zapplin in the settings.", *["Ask for nothing in the settings."] * 4]
    assert scores("how do i connect zapplin", texts) == [NAME_BONUS, 0, 0, 0, 0]


def test_titles_in_capitals_make_no_names_of_everyday_words() -> None:
    texts = ["Learn How We Work", *["We answer within a day."] * 4]
    assert scores("how long does it take", texts) == [0, 0, 0, 0, 0]


def test_a_code_counts_whole() -> None:
    texts = ["The display shows ERR_42.", "The display shows ERR_421.", *["It is quiet."] * 4]
    assert scores("what does err_42 mean", texts) == [CODE_BONUS, 0, 0, 0, 0, 0]
