"""The model server dies while two hundred customers wait for it."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Barrier, Event, Lock, Thread
from typing import Any
from uuid import UUID

import psycopg
import pytest

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.language import detect_language
from supportmax.adapters.llm.openai_compatible import OpenAICompatibleLLM
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.events import Envelope
from supportmax.domain.prices import price_of
from supportmax.services.answer_question import Answerer
from supportmax.services.ask_model import Limits, Models, Provider
from supportmax.services.publish_outbox import publish
from supportmax.services.take_chat_turn import ChatReply, Said, take_chat_turn
from tests.articles import BASICS, SHARED
from tests.desk import PROMISE, Desk
from tests.fakes.openai_server import Answer, Hang, OpenAIServer
from tests.pooled import PooledDatabase
from tests.server import PostgresServer

TURNS = 200
DEADLINE_SECONDS = 30.0
ANSWERED_BEFORE, WAITING_THEN = 50, 30
CARD = "The machine swallowed my card"
HUMAN = "I want to speak to a human"
UNKNOWN = "What is your CEO's shoe size?"
SAID = "Freeze the card at once."
Owner = psycopg.Connection[tuple[object, ...]]


@dataclass
class DyingServer:
    """Answers some requests, then keeps the next ones waiting, and dies with them."""

    stack: ExitStack = field(default_factory=ExitStack)
    lock: Lock = field(default_factory=Lock)
    asked: int = 0
    enough: Event = field(default_factory=Event)

    @contextmanager
    def serve(self) -> Iterator[str]:
        server = self.stack.enter_context(OpenAIServer.start())
        server.behave = self._behave
        killer = Thread(target=self._die)
        killer.start()
        yield server.url
        self.enough.set()
        killer.join()

    def _die(self) -> None:
        self.enough.wait()
        self.stack.close()

    def _behave(self, _: dict[str, Any]) -> Answer:
        with self.lock:
            self.asked += 1
            if self.asked == ANSWERED_BEFORE + WAITING_THEN:
                self.enough.set()
            good = {"action": "answer", "sentences": [{"text": SAID, "sources": ["1"]}]}
            return good if self.asked <= ANSWERED_BEFORE else Hang()


@pytest.fixture
def database(desk: Desk, postgres: PostgresServer, database_name: str) -> Iterator[PooledDatabase]:
    pooled = PooledDatabase(postgres.runtime_url(database_name))
    yield pooled
    pooled.close()


def _questions(desk: Desk) -> list[tuple[str, UUID | None]]:
    """Most ask what the model answers; some need a human, ten of them twice at the same time."""
    twice = [desk.say(SHARED).session_id for _ in range(10)]
    alone = [CARD] * 140 + [HUMAN] * 20 + [UNKNOWN] * 20
    return [(text, None) for text in alone] + [(HUMAN, session_id) for session_id in twice for _ in range(2)]


def _all_at_once(
    desk: Desk, database: PooledDatabase, embedder: MiniLMEmbedder, asked: list[tuple[str, UUID | None]], url: str
) -> list[ChatReply]:
    """Every turn in a thread of its own, all begun together."""

    def after_commit(workspace_id: UUID, envelopes: list[Envelope]) -> None:
        publish(store, desk.queue, workspace_id, envelopes)

    store = PostgresStore(database, after_commit)
    llm = Provider("dying", OpenAICompatibleLLM("scripted", "key", url), price_of("scripted", "0.25/0.025/2"))
    answerer = Answerer(embedder, Models([llm], Limits(seconds=DEADLINE_SECONDS)), detect_language)
    barrier = Barrier(len(asked))

    def turn(question: tuple[str, UUID | None]) -> ChatReply:
        barrier.wait()
        return take_chat_turn(answerer, store, desk.workspace_id, Said(*question), PROMISE)

    with ThreadPoolExecutor(len(asked)) as threads:
        return list(threads.map(turn, asked))


def test_no_turn_is_lost_and_nobody_is_paged_twice(
    desk: Desk, database: PooledDatabase, embedder: MiniLMEmbedder, owner: Owner
) -> None:
    desk.teach(BASICS)
    desk.hire("Ada")
    asked = _questions(desk)
    before = {table: _count(owner, table) for table in ("turns", "messages")}
    dying = DyingServer()
    with dying.serve() as url:
        replies = _all_at_once(desk, database, embedder, asked, url)

    assert dying.enough.is_set()
    assert len(replies) == len(asked) == TURNS
    actions = Counter((text, reply.answer.action) for (text, _), reply in zip(asked, replies, strict=True))
    assert actions == {(CARD, "answer"): 140, (HUMAN, "hand_over"): 40, (UNKNOWN, "hand_over"): 20}
    written = Counter(reply.answer.reply == SAID for reply in replies if reply.answer.action == "answer")
    assert written == {True: ANSWERED_BEFORE, False: 140 - ANSWERED_BEFORE}

    assert _count(owner, "turns") - before["turns"] == TURNS
    assert _count(owner, "messages") - before["messages"] == 2 * TURNS
    assert len({reply.message_id for reply in replies}) == TURNS
    lost = "SELECT count(*) FROM messages m WHERE author_kind = 'customer' AND NOT EXISTS (SELECT FROM turns t WHERE "
    assert owner.execute(f"{lost} t.decision ->> 'asked_in' = m.id::text)").fetchone() == (0,)
    late = owner.execute("SELECT count(*) FROM model_calls WHERE latency_ms > %s", [DEADLINE_SECONDS * 1000])
    assert late.fetchone() == (0,)

    _deliver_everything_twice(desk)
    tickets = desk.tickets()
    assert len(tickets) == 50
    assert all(len(desk.escalations(ticket)) == 1 for ticket in tickets)
    paged = Counter(str(mail["Subject"]).split("]")[0] for mail in desk.outbox())
    assert set(paged.values()) == {1}
    assert len(paged) == 50


def _count(owner: Owner, table: str) -> int:
    row = owner.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(str(row[0]))


def _deliver_everything_twice(desk: Desk) -> None:
    """As queues may."""
    while desk.queue.waiting:
        envelope = desk.queue.waiting.popleft()
        desk.deliver(envelope)
        desk.deliver(envelope)
