"""Embedders, the local one and one elsewhere: what every caller relies on."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from supportmax.adapters.embedder.minilm import MAX_TOKENS, MiniLMEmbedder
from supportmax.adapters.embedder.openai_compatible import OpenAICompatibleEmbedder
from supportmax.adapters.postgres.vectors import from_text, to_text
from supportmax.domain.embedding import dimensions_of
from supportmax.domain.errors import PermanentFailure
from supportmax.ports import Embedder
from tests.cloud import MODEL
from tests.fakes.embeddings_server import KEY, EmbeddingsServer

EXAMPLES = Path(__file__).parents[2] / "infra" / "sample" / "triage_examples.csv"
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


@pytest.fixture(scope="module", params=["local", "words-small@256", "words-large@512"])
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    """The second gives no other length than its own and refuses to be asked for one; the third can be shortened."""
    if request.param == "local":
        yield MiniLMEmbedder(MODEL)
        return
    with EmbeddingsServer.start() as server:
        yield OpenAICompatibleEmbedder(request.param, server.url, lambda: KEY)


def _cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_one_vector_per_text_of_one_length_and_unit_length(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert len(vectors) == len(TEXTS)
    assert {len(vector) for vector in vectors} == {dimensions_of(embedder.model)}
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0] * len(TEXTS), abs=1e-4)


def test_a_text_has_the_same_vector_whoever_is_beside_it(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)
    alone = [embedder.embed([text])[0] for text in TEXTS]
    assert together == alone
    assert embedder.embed(TEXTS[::-1]) == together[::-1]


def test_many_texts_keep_their_order(embedder: Embedder) -> None:
    texts = [f"question number {n}" for n in range(70)]
    assert embedder.embed(texts) == [embedder.embed([text])[0] for text in texts]


def test_no_texts_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed([]) == []


def test_meaning_is_what_is_near(embedder: Embedder) -> None:
    card, same, other = embedder.embed(["The machine kept my card", "The machine swallowed my card", "I like sheep"])
    assert _cosine(card, same) > 0.5
    assert _cosine(card, other) < 0.3


def test_a_long_text_is_read_from_its_beginning(embedder: Embedder) -> None:
    question = "How do I change my PIN? "
    short, long = embedder.embed([question * 90, question * 90 + "Sheep " * 2_000])
    assert _cosine(short, long) == pytest.approx(1, abs=0.05)


def test_another_number_of_threads_makes_the_same_vectors() -> None:
    one, two = MiniLMEmbedder(MODEL), MiniLMEmbedder(MODEL, threads=2)
    for mine, theirs in zip(one.embed(TEXTS), two.embed(TEXTS), strict=True):
        assert _cosine(mine, theirs) == pytest.approx(1, abs=1e-3)


def _by_the_published_model(texts: list[str]) -> list[list[float]]:
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(str(MODEL / "model.onnx"), providers=["CPUExecutionProvider"])
    encoded = [tokenizer.encode(text) for text in texts]
    return [
        session.run(["embedding"], {"input_ids": [e.ids], "attention_mask": [e.attention_mask]})[0][0].tolist()
        for e in encoded
    ]


def test_vectors_are_those_of_the_published_model() -> None:
    """Not nearly: a rounding that tips over in the first layer shows in the second digit of a vector."""
    questions = [row["text"] for row in csv.DictReader(EXAMPLES.read_text("utf-8").splitlines())]
    texts = [*TEXTS, *questions[:150], *(" ".join(questions[n : n + 9]) for n in range(0, 60, 10))]
    for mine, published in zip(MiniLMEmbedder(MODEL).embed(texts), _by_the_published_model(texts), strict=True):
        assert mine == pytest.approx(published, abs=1e-6)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PermanentFailure, match="SUPPORTMAX_EMBEDDER_MODEL_DIR"):
        MiniLMEmbedder(tmp_path).embed(["text"])


def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    assert MiniLMEmbedder(tmp_path).model == "all-MiniLM-L6-v2-int8"


def test_vectors_survive_their_way_through_the_database(embedder: Embedder) -> None:
    (vector,) = embedder.embed([TEXTS[0]])
    assert _cosine(vector, from_text(to_text(vector))) == pytest.approx(1, abs=1e-6)
