"""Retrieval: the chunks near a question, and the articles they vote for."""

from collections.abc import Sequence
from dataclasses import dataclass

from supportmax.domain.knowledge import Hit, Vector
from supportmax.ports import Embedder, Pending, Transaction
from supportmax.ports.knowledge import PreparedSearch
from supportmax.services import vote
from supportmax.services.answering import naming

# Measured on questions of the BANKING77 training file against articles with their own example questions.
CANDIDATES = 40
VOTERS = 20
TEMPERATURE = 0.05
# An article with many example questions must not win by their number.
VOTES_AN_ARTICLE = 3
# All of a question's words count as this much cosine, a part of them less, the rare ones most. Not so the words of
# example questions: they are there for their meaning, and a word in common is chance.
WORD_BONUS = 0.1


@dataclass(frozen=True, slots=True)
class RankedArticle:
    """An article with its share of the vote (0 to 1) and the hit that speaks most for it."""

    share: float
    best: Hit
    score: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for one search, best article first. How much that is worth: calibrate.py.

    `passages`: of the article that has the nearest chunk, all of its passages in reading order.
    """

    searched_for: str
    vector: Vector
    articles: tuple[RankedArticle, ...]
    passages: tuple[Hit, ...] = ()


def retrieve(tx: Transaction, embedder: Embedder, text: str) -> Retrieval:
    """One embedding, one query, one vote."""
    return retrieve_by_vector(tx, embedder.model, text, embedder.embed([text])[0])


def retrieve_by_vector(tx: Transaction, model: str, text: str, vector: Vector) -> Retrieval:
    """The same for a text whose vector is known already."""
    return retrieve_later(tx, text, vector, tx.chunks.prepare([text], model, CANDIDATES))()


def retrieve_later(tx: Transaction, text: str, vector: Vector, prepared: PreparedSearch) -> Pending[Retrieval]:
    """The same; the search is under way."""
    hits = tx.chunks.search_later(vector, text, prepared)
    return lambda: _read(hits(), text, vector)


def _read(hits: Sequence[Hit], text: str, vector: Vector) -> Retrieval:
    passages = sorted((hit for hit in hits if hit.whole and hit.kind == "body"), key=lambda hit: hit.ordinal)
    return Retrieval(text, vector, rank(hits, text), tuple(passages))


def rank(hits: Sequence[Hit], text: str) -> tuple[RankedArticle, ...]:
    """Articles by the votes of their best titles and example questions; a passage votes only if there is no better one.

    Passages of one article say much the same: with a vote each, the longest article would win. Of articles that match
    equally well the shorter one comes first, also with nothing but a title: more of it is about the question.
    """
    best: dict[str, tuple[float, Hit]] = {}
    voters: list[tuple[str, float]] = []
    votes: dict[str, int] = {}
    for score, hit in _scored(hits, text):
        cast = votes.get(hit.external_id, 0)
        if (hit.kind != "body" or not cast) and cast < VOTES_AN_ARTICLE:
            voters.append((hit.external_id, score))
            votes[hit.external_id] = cast + 1
        best.setdefault(hit.external_id, (score, hit))
    share = vote.shares(voters[:VOTERS], TEMPERATURE)
    ranked = [RankedArticle(share.get(name, 0.0), hit, score) for name, (score, hit) in best.items()]
    return tuple(sorted(ranked, key=lambda article: (-article.share, -article.score, article.best.size)))


def _scored(hits: Sequence[Hit], text: str) -> list[tuple[float, Hit]]:
    """Each hit with its cosine, and what it gains by what it names and by other words of the question."""
    named = naming.scores(text, [f"{hit.title}\n{hit.text}" for hit in hits])
    scored = [
        (hit.similarity + gained + (0.0 if hit.kind == "question" else WORD_BONUS * hit.word_rank), hit)
        for hit, gained in zip(hits, named, strict=True)
    ]
    return sorted(scored, key=lambda pair: -pair[0])
