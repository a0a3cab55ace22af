"""The embeddings endpoint misbehaves: what the caller hears, and when."""

from collections.abc import Iterator
from functools import partial

import pytest

from supportmax.adapters.embedder.openai_compatible import OpenAICompatibleEmbedder
from supportmax.domain.embedding import MAX_DIMENSIONS, ModelName
from supportmax.domain.errors import InvalidInput, PermanentFailure, TransientFailure
from tests.fakes.embeddings_server import KEY, Drip, EmbeddingsServer, Hang, Misbehaviour, Raw, embedding

SMALL = "words-small@256"
GOOD = embedding("PIN", 256)


@pytest.fixture
def server() -> Iterator[EmbeddingsServer]:
    with EmbeddingsServer.start() as started:
        yield started


class Waits(list[float]):
    """Instead of sleeping: remembers for how long."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def embedder(server: EmbeddingsServer, waits: Waits) -> OpenAICompatibleEmbedder:
    found = OpenAICompatibleEmbedder(SMALL, server.url, lambda: KEY, sleep=waits)
    found.embed(["it does not take a wish for a length: that is known from here on"])
    server.requests.clear()
    return found


@pytest.mark.parametrize(
    ("trouble", "wait"),
    [
        (Raw(429, headers=(("Retry-After", "2"),)), 2),
        (Raw(429, headers=(("Retry-After", "0"),)), 0),
        (Raw(429, headers=(("Retry-After", "soon"),)), 0.5),
        (Raw(429), 0.5),
        (Raw(500), 0.5),
        (Raw(503, headers=(("Retry-After", "1.5"),)), 1.5),
        (Raw(body=b"<html>"), 0.5),
        (Raw(body=b""), 0.5),
        (Raw(body=b'{"data": []}'), 0.5),
        (Raw(body=b'{"data": [{"index": 0}]}'), 0.5),
        (Raw(body=b"[]"), 0.5),
        (Raw.vectors(GOOD, GOOD), 0.5),
        (Raw.vectors([]), 0.5),
        (Raw.vectors([0.0] * 256), 0.5),
        (Raw.vectors([float("nan"), *GOOD[1:]]), 0.5),
        (Raw.vectors([float("inf"), *GOOD[1:]]), 0.5),
        (Raw.vectors([None, *GOOD[1:]]), 0.5),
        (Raw.vectors("AAAA"), 0.5),
        (Raw(body=b'{"data": [', declared=1_000), 0.5),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again_when_the_server_wishes(
    trouble: Raw, wait: float, embedder: OpenAICompatibleEmbedder, server: EmbeddingsServer, waits: Waits
) -> None:
    server.misbehaviour.append(trouble)
    assert embedder.embed(["PIN"]) == [pytest.approx(GOOD)]
    assert (waits, len(server.requests)) == ([wait], 2)


@pytest.mark.parametrize("trouble", [Raw(429), Raw(500), Raw.vectors(), Raw(body=b"no")])
def test_after_three_tries_it_is_a_failure_that_may_pass(
    trouble: Raw, embedder: OpenAICompatibleEmbedder, server: EmbeddingsServer, waits: Waits
) -> None:
    server.misbehaviour.extend([trouble] * 3)
    with pytest.raises(TransientFailure, match=server.url):
        embedder.embed(["PIN"])
    assert (waits, len(server.requests)) == ([0.5, 1.0], 3)


def test_a_server_that_asks_for_more_time_than_there_is_gets_no_second_request(
    embedder: OpenAICompatibleEmbedder, server: EmbeddingsServer, waits: Waits
) -> None:
    server.misbehaviour.append(Raw(429, headers=(("Retry-After", "60"),)))
    with pytest.raises(TransientFailure, match="HTTP 429"):
        embedder.embed(["PIN"])
    assert (waits, len(server.requests)) == ([], 1)


@pytest.mark.parametrize("trouble", [Hang(), Drip()])
def test_the_deadline_holds(trouble: Misbehaviour, server: EmbeddingsServer) -> None:
    embedder = OpenAICompatibleEmbedder(SMALL, server.url, lambda: KEY, deadline=0.3)
    server.misbehaviour.extend([trouble] * 3)
    with pytest.raises(TransientFailure):
        embedder.embed(["PIN"])


def test_nobody_there_is_a_failure_that_may_pass(waits: Waits) -> None:
    with pytest.raises(TransientFailure, match=r"127\.0\.0\.1:9"):
        OpenAICompatibleEmbedder(SMALL, "http://127.0.0.1:9/v1", lambda: KEY, sleep=waits).embed(["PIN"])


@pytest.mark.parametrize(
    ("model", "key", "change"),
    [
        (SMALL, "another key", "SUPPORTMAX_EMBEDDINGS_API_KEY"),
        ("unheard-of@256", KEY, "unheard-of.*SUPPORTMAX_EMBEDDINGS_BASE_URL"),
        ("words-small@384", KEY, "256 dimensions instead of 384.*words-small@256"),
        ("words-large@1000", KEY, "words-large"),
    ],
)
def test_what_cannot_pass_says_what_to_change(model: str, key: str, change: str, server: EmbeddingsServer) -> None:
    with pytest.raises(PermanentFailure, match=change):
        OpenAICompatibleEmbedder(model, server.url, lambda: key).embed(["PIN"])
    assert len(server.requests) <= 2


def test_no_endpoint_says_what_to_set() -> None:
    with pytest.raises(PermanentFailure, match="SUPPORTMAX_EMBEDDINGS_BASE_URL"):
        OpenAICompatibleEmbedder(SMALL).embed(["PIN"])


def test_a_server_without_keys_needs_none(server: EmbeddingsServer) -> None:
    server.key = None
    assert OpenAICompatibleEmbedder(SMALL, server.url).embed(["PIN"]) == [pytest.approx(GOOD)]


def test_a_length_is_asked_for_only_where_that_is_taken(server: EmbeddingsServer) -> None:
    make = partial(OpenAICompatibleEmbedder, base_url=server.url, key=lambda: KEY)
    small, large = make(SMALL), make("words-large@512")
    for embedder in (small, small, large, large):
        embedder.embed(["PIN"])
    assert [request.get("dimensions") for request in server.requests] == [256, None, None, 512, 512]


def test_one_refused_text_does_not_stop_asking_for_the_length(server: EmbeddingsServer) -> None:
    large = OpenAICompatibleEmbedder("words-large@512", server.url, lambda: KEY)
    server.misbehaviour.extend([Raw(400), Raw(400)])
    with pytest.raises(PermanentFailure):
        large.embed(["odd"])
    assert len(large.embed(["PIN"])[0]) == 512


def test_texts_go_out_in_small_batches_and_cut(embedder: OpenAICompatibleEmbedder, server: EmbeddingsServer) -> None:
    embedder.embed([f"text {n}" for n in range(70)] + ["long " * 10_000])
    assert [len(request["input"]) for request in server.requests] == [32, 32, 7]
    assert max(len(text) for text in server.texts) == 2_000


@pytest.mark.parametrize(
    "text", ["", " ", "two words", "a@b", "a@0", "a@-1", "a@12@3", "@3", f"a@{MAX_DIMENSIONS + 1}"]
)
def test_what_is_no_name_of_a_model_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="model"):
        ModelName.parse(text)


def test_a_name_without_dimensions_means_any_of_that_name() -> None:
    assert ModelName.parse("BAAI/bge-small-en-v1.5").means("BAAI/bge-small-en-v1.5@384")
    assert not ModelName.parse("bge@384").means("bge@512")
    assert not ModelName.parse("bge").means("bge-large@384")
