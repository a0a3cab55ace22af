"""The embedder: what every caller relies on."""

import math
from pathlib import Path

import pytest

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.postgres.vectors import from_text, to_text
from supportmax.domain.errors import PermanentFailure
from tests.cloud import MODEL

TEXTS = [
    "The machine kept my card",
    "How do I change my PIN?",
    "",
    " ",
    "💳",
    "word " * 5_000,
    "Straße, naïve, 口座",
    "\n",
]


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder(MODEL)


def _cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_one_vector_per_text_of_384_numbers_and_unit_length(embedder: MiniLMEmbedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert len(vectors) == len(TEXTS)
    assert {len(vector) for vector in vectors} == {384}
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0] * len(TEXTS), abs=1e-4)


def test_a_text_has_the_same_vector_whoever_is_beside_it(embedder: MiniLMEmbedder) -> None:
    together = embedder.embed(TEXTS)
    alone = [embedder.embed([text])[0] for text in TEXTS]
    assert together == alone
    assert embedder.embed(TEXTS[::-1]) == together[::-1]


def test_another_number_of_threads_makes_the_same_vectors(embedder: MiniLMEmbedder) -> None:
    other = MiniLMEmbedder(MODEL, threads=2)
    for mine, theirs in zip(embedder.embed(TEXTS), other.embed(TEXTS), strict=True):
        assert _cosine(mine, theirs) == pytest.approx(1, abs=1e-3)


def test_no_texts_no_vectors(embedder: MiniLMEmbedder) -> None:
    assert embedder.embed([]) == []


def test_meaning_is_what_is_near(embedder: MiniLMEmbedder) -> None:
    card, same, other = embedder.embed(["The machine kept my card", "An ATM swallowed my card", "I like sheep"])
    assert _cosine(card, same) > 0.5
    assert _cosine(card, other) < 0.3


def test_a_long_text_is_read_from_its_beginning(embedder: MiniLMEmbedder) -> None:
    question = "How do I change my PIN? "
    short, long = embedder.embed([question * 64, question * 64 + "Sheep " * 2_000])
    assert _cosine(short, long) == pytest.approx(1, abs=0.05)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PermanentFailure, match="SUPPORTMAX_EMBEDDER_MODEL_DIR"):
        MiniLMEmbedder(tmp_path).embed(["text"])


def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    assert MiniLMEmbedder(tmp_path).model == "all-MiniLM-L6-v2-int8"


def test_vectors_survive_their_way_through_the_database(embedder: MiniLMEmbedder) -> None:
    (vector,) = embedder.embed([TEXTS[0]])
    assert _cosine(vector, from_text(to_text(vector))) == pytest.approx(1, abs=1e-6)
