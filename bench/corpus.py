"""Knowledge bases of any size, made from the sample articles: same seed, same corpus.

The first pieces are the sample's own, really split and embedded. The others are made from them: a made article is a
sample article of which all pieces are drawn towards three foreign pieces by a random strength (in the space of vectors:
added and normalised again; in the text: that share of the words replaced by theirs). So it is about something else,
vectors stay where the model puts text, and words keep the frequencies of a real knowledge base. Every made article also
carries a code of its own, as product names do.
"""

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from bench import places
from supportmax.domain.ids import new_id

SEED = 20260101
STRENGTH = (0.8, 1.6)

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk without its vector. `article` is the position of its article."""

    article: int
    kind: str
    ordinal: int
    text: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """`vectors` is pieces x 384, unit length. `topics` and `titles` have one entry per article."""

    pieces: list[Piece]
    vectors: Matrix
    titles: list[str]
    topics: list[list[str]]
    chunk_ids: list[UUID]
    article_ids: list[UUID]

    @classmethod
    def of(cls, pieces: list[Piece], vectors: Matrix, titles: list[str], topics: list[list[str]]) -> "Corpus":
        """With fresh ids."""
        return cls(pieces, vectors, titles, topics, [new_id() for _ in pieces], [new_id() for _ in titles])


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that no article holds, and the topic that it is about."""

    text: str
    topic: str


def questions(limit: int) -> list[Asked]:
    """Real customers' questions in random order: the sample's triage examples."""
    with places.QUESTIONS.open(encoding="utf-8", newline="") as file:
        asked = [Asked(row["text"], row["label"]) for row in csv.DictReader(file)]
    random.Random(SEED).shuffle(asked)
    return asked[:limit]


def resize(base: Corpus, size: int) -> Corpus:
    """The first `size` pieces of `base`, and made ones where it has fewer."""
    kept = base.pieces[:size]
    missing = size - len(kept)
    articles = kept[-1].article + 1
    titles, topics = list(base.titles[:articles]), list(base.topics[:articles])
    parts = [base.vectors[: len(kept)]]
    if missing:
        made, vectors = _made(base, missing)
        kept = kept + made
        parts.append(vectors)
        for number in range(made[-1].article + 1 - articles):
            titles.append(base.titles[number % articles])
            topics.append(base.topics[number % articles])
    return Corpus.of(kept, np.concatenate(parts), titles, topics)


@dataclass(frozen=True, slots=True)
class _Variant:
    """A made article: the positions of three foreign pieces, and how strongly they pull."""

    foreign: list[int]
    strength: float

    @property
    def share(self) -> float:
        """How much of the article is theirs."""
        return self.strength / (1 + self.strength)


def _made(base: Corpus, count: int) -> tuple[list[Piece], Matrix]:
    """`count` pieces of further articles: variants of the base's articles, in the base's order, again and again."""
    articles, size = len(base.titles), len(base.pieces)
    chance = np.random.default_rng(SEED)
    variants = [
        _Variant(chance.integers(0, size, 3).tolist(), float(chance.uniform(*STRENGTH)))
        for _ in range(articles * (1 + count // size))
    ]
    source = [number % size for number in range(count)]
    variant_of = [base.pieces[own].article + articles * (n // size) for n, own in enumerate(source)]
    drawn = [variants[article] for article in variant_of]
    pull = _unit(base.vectors[[v.foreign for v in drawn]].sum(axis=1) - 3 * base.vectors.mean(axis=0))
    strength = np.array([v.strength for v in drawn], dtype=np.float32)
    vectors = _unit(base.vectors[source] + strength[:, None] * pull)
    return _texts(base, source, [articles + article for article in variant_of], drawn), vectors


def _texts(base: Corpus, source: list[int], articles: list[int], drawn: list[_Variant]) -> list[Piece]:
    chance = random.Random(SEED)
    words = [piece.text.split() for piece in base.pieces]
    pieces = []
    for own, article, variant in zip(source, articles, drawn, strict=True):
        piece = base.pieces[own]
        pool = [word for other in variant.foreign for word in words[other]]
        mixed = [chance.choice(pool) if chance.random() < variant.share else word for word in words[own]]
        text = " ".join([*mixed, f"PB-{article}"] if piece.kind == "body" else mixed)
        pieces.append(Piece(article, piece.kind, piece.ordinal, text))
    return pieces


def _unit(vectors: Matrix) -> Matrix:
    """Rows of unit length; a row of zeros stays one."""
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    unit: Matrix = (vectors / lengths).astype(np.float32)
    return unit


def exact_neighbours(corpus: Corpus, vectors: Matrix, k: int) -> list[list[str]]:
    """The ids of the `k` nearest pieces of each vector, by brute force."""
    similarity = vectors @ corpus.vectors.T
    return [[str(corpus.chunk_ids[i]) for i in row] for row in np.argsort(-similarity, axis=1)[:, :k]]


def topics_of(corpus: Corpus) -> dict[str, Sequence[str]]:
    """The topics of an article, by its external id."""
    return {external_id(number): topics for number, topics in enumerate(corpus.topics)}


def external_id(article: int) -> str:
    return f"article-{article}"
