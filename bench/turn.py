"""A warm chat turn in process, against LangChain with Chroma answering the same questions.

Ours is the whole service: the message is kept, the answer found, checked and recorded, a ticket opened where a human is
needed. There is no language model on either side.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from bench.clock import Clock, TimedDatabase, TimedEmbedder
from bench.corpus import Asked, Corpus, topics_of
from bench.peer.client import Peer, Reply
from bench.progress import Steps
from bench.stats import Times, mean
from infra.evaluation.metrics import reciprocal_rank
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.ports import Embedder
from supportmax.services.answer_question import Answerer
from supportmax.services.take_chat_turn import Said, take_chat_turn

WARM_UP = 20
PEER_PASSAGES = 10
# As many articles as the record of a turn holds.
RANKS = 5
PROMISE = "A colleague will answer you here within one working day."


@dataclass(frozen=True, slots=True)
class Turns:
    """`parts` and `peer_embed` are medians; `found` and `peer_found` say how well questions met articles of theirs.

    `peer_given_ours`: the kept peer, with our embedder for its own.
    """

    chunks: int
    ours: Times
    peer_kept: Times
    peer_given_ours: Times
    peer_unkept: Times
    peer_embed: float
    parts: dict[str, float]
    actions: dict[str, int]
    found: "Ranking"
    peer_found: "Ranking"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The share of questions whose first article is right, and the mean reciprocal rank among the first five."""

    first: float
    mrr: float


@dataclass(frozen=True, slots=True)
class _Turn:
    asked: Asked
    milliseconds: float
    parts: Mapping[str, float]
    action: str
    articles: Sequence[str]


class OurDesk:
    """The service; with a clock it has stopwatches in it, which take 0.3 ms of a turn."""

    def __init__(self, url: str, workspace_id: UUID, embedder: Embedder, clock: Clock | None = None) -> None:
        self._clock = clock
        self.database = TimedDatabase(url, clock) if clock else Database(url)
        self._store = PostgresStore(self.database)
        self._workspace_id = workspace_id
        self._answerer = Answerer(TimedEmbedder(embedder, clock) if clock else embedder)

    def ask(self, asked: Asked) -> _Turn:
        """One turn of a new session."""
        self._take()
        started = time.perf_counter()
        reply = take_chat_turn(self._answerer, self._store, self._workspace_id, Said(asked.text), PROMISE)
        took, parts = (time.perf_counter() - started) * 1000, self._take()
        with self._store.begin(self._workspace_id) as tx:
            retrieved = tx.turns.recent(reply.session_id, 1)[0].retrieved
        return _Turn(asked, took, parts, reply.answer.action, [found["article"] for found in retrieved])

    def _take(self) -> dict[str, float]:
        return self._clock.take() if self._clock else {}


def measure(
    desk: OurDesk, watched: OurDesk, peer: Peer, corpus: Corpus, questions: Sequence[Asked], steps: Steps
) -> Turns:
    """Every question goes to both in turn; a few go first to warm up.

    Afterwards all go to the peer with our embedder, whose weights would drive the others' out of the processor's cache,
    and to the desk that is watched.
    """
    rounds, given_ours, parts = [], [], []
    for asked in [*questions[:WARM_UP], *questions]:
        rounds.append((desk.ask(asked), *(_ask(peer, asked, op, "published") for op in ("chat", "ask"))))
        steps.advance()
    for asked in questions:
        given_ours.append(_ask(peer, asked, "chat", "ours"))
        parts.append(watched.ask(asked))
        steps.advance()
    ours, kept, unkept = zip(*rounds[-len(questions) :], strict=True)
    topics = topics_of(corpus)
    return Turns(
        chunks=len(corpus.pieces),
        ours=Times.of([turn.milliseconds for turn in ours]),
        peer_kept=_times(kept),
        peer_given_ours=_times(given_ours),
        peer_unkept=_times(unkept),
        peer_embed=Times.of([reply["embed_ms"] for reply in kept]).p50,
        parts=_parts(parts),
        actions=dict(Counter(turn.action for turn in ours).most_common()),
        found=_found(topics, questions, [turn.articles for turn in ours]),
        peer_found=_found(topics, questions, [reply["articles"] for reply in kept]),
    )


def _ask(peer: Peer, asked: Asked, op: str, embedder: str) -> Reply:
    return peer.call(op, text=asked.text, k=PEER_PASSAGES, embedder=embedder)


def _times(replies: Sequence[Reply]) -> Times:
    return Times.of([reply["ms"] for reply in replies])


def steps(questions: int) -> int:
    return 2 * questions + min(WARM_UP, questions)


def _parts(turns: Sequence[_Turn]) -> dict[str, float]:
    """The median of each part; the rest is our own code."""
    embed = [turn.parts.get("embed", 0.0) for turn in turns]
    database = [turn.parts.get("database", 0.0) for turn in turns]
    rest = [turn.milliseconds - e - d for turn, e, d in zip(turns, embed, database, strict=True)]
    return {name: Times.of(values).p50 for name, values in (("embed", embed), ("database", database), ("rest", rest))}


def _found(topics: Mapping[str, Sequence[str]], asked: Sequence[Asked], found: Sequence[Sequence[str]]) -> Ranking:
    """Of the questions that the knowledge base covers."""
    covered = {topic for of_article in topics.values() for topic in of_article}
    ranks = [
        reciprocal_rank(articles, {key for key in articles if a.topic in topics[key]}, RANKS)
        for a, articles in zip(asked, found, strict=True)
        if a.topic in covered
    ]
    return Ranking(mean([float(rank == 1) for rank in ranks]), mean(ranks))
