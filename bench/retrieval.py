"""Search against Chroma: the same vectors, the same questions, the same k; recall is against brute force."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bench.corpus import Asked, Corpus, Matrix, exact_neighbours
from bench.peer.client import Peer
from bench.progress import Steps
from bench.stats import Times, mean, recall
from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore

K = 10
WARM_UP = 30

Found = tuple[float, list[str]]


@dataclass(frozen=True, slots=True)
class Series:
    """One way to search: its times and its mean recall of the exact ten."""

    times: Times
    recall: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """`hybrid` is the query that answers use: vectors and words together; `vectors` is the same without words."""

    chunks: int
    hybrid: Series
    vectors: Series
    chroma: Series


class OurSearch:
    """The search through its repository, in a transaction of the runtime role."""

    def __init__(self, url: str, workspace_id: UUID) -> None:
        self.database = Database(url)
        self._store = PostgresStore(self.database)
        self._workspace_id = workspace_id

    def find(self, vector: list[float], words: str) -> Found:
        """Milliseconds, and the ids by similarity."""
        with self._store.begin(self._workspace_id) as tx:
            started = time.perf_counter()
            hits = tx.chunks.search(vector, words, MiniLMEmbedder.model, K)
            took = (time.perf_counter() - started) * 1000
        return took, [str(hit.chunk_id) for hit in hits[:K]]


def measure(
    search: OurSearch, peer: Peer, corpus: Corpus, asked: Sequence[Asked], vectors: Matrix, steps: Steps
) -> Retrieval:
    """Every question goes through all three in turn; some go first to warm up."""
    exact = exact_neighbours(corpus, vectors, K)
    found: dict[str, list[Found]] = {"hybrid": [], "vectors": [], "chroma": []}
    order = [*range(min(WARM_UP, len(asked))), *range(len(asked))]
    for number in order:
        vector = vectors[number].tolist()
        found["hybrid"].append(search.find(vector, asked[number].text))
        found["chroma"].append(_chroma(peer, vector))
        found["vectors"].append(search.find(vector, ""))
        steps.advance()
    series = {name: _series(each[-len(asked) :], exact) for name, each in found.items()}
    return Retrieval(len(corpus.pieces), series["hybrid"], series["vectors"], series["chroma"])


def steps(questions: int) -> int:
    return questions + min(WARM_UP, questions)


def _chroma(peer: Peer, vector: list[float]) -> Found:
    reply = peer.call("search", vector=vector, k=K)
    return reply["ms"], reply["ids"]


def _series(found: Sequence[Found], exact: Sequence[Sequence[str]]) -> Series:
    recalls = [recall(ids, right) for (_, ids), right in zip(found, exact, strict=True)]
    return Series(Times.of([took for took, _ in found]), mean(recalls))
