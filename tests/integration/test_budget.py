"""What language models may cost in a day, and how often one person may make the desk ask them."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Event, Thread
from typing import Any
from uuid import UUID

import psycopg
import pytest

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.language import detect_language
from supportmax.adapters.llm.openai_compatible import OpenAICompatibleLLM
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.answers import AnsweringSettings, Usage
from supportmax.domain.clock import utcnow
from supportmax.domain.ids import new_id
from supportmax.domain.model_calls import CallOrigin, ModelCall
from supportmax.domain.prices import Price
from supportmax.ports import CallLimits, Completion, NoCompletion, OnText, Prompt
from supportmax.services import ask_model
from supportmax.services.answer_question import Answerer
from supportmax.services.ask_model import Limits, Models, Provider
from supportmax.services.take_chat_turn import Said, take_chat_turn
from tests.articles import BASICS
from tests.desk import PROMISE, Desk
from tests.fakes.openai_server import Answer, OpenAIServer, Raw, completion
from tests.pooled import PooledDatabase
from tests.server import PostgresServer

TURNS = 50
BUDGET = 300_000
DEAR, CHEAP = Price(10_000_000, 1_000_000, 30_000_000), Price(2_000_000, 200_000, 6_000_000)
A_TOKEN = Price(1_000_000, 1_000_000, 1_000_000)  # a micro-dollar
QUESTION = "The machine swallowed my card"
SAID = "Freeze the card at once."
GOOD = {"action": "answer", "sentences": [{"text": SAID, "sources": ["1"]}]}
PROMPT = Prompt("answer", "system", "user", {"type": "object"})
WORST = ask_model._worst_case(DEAR, PROMPT, Limits().output_tokens)
STANDING = """
    SELECT spent_microusd, reserved_microusd, (SELECT coalesce(sum(cost_microusd), 0) FROM model_calls)
    FROM budget_days
"""
Owner = psycopg.Connection[tuple[object, ...]]


def _bill(request: dict[str, Any]) -> Answer:
    """An answer that used a quarter of the tokens that its words could have been."""
    usage = {"prompt_tokens": len(json.dumps(request["messages"])) // 4, "completion_tokens": 200}
    return Raw(body=json.dumps(completion(GOOD) | {"usage": usage}).encode())


@dataclass
class Watch:
    """Looks at the day's row and the ledger again and again, from outside."""

    url: str
    over: Event = field(default_factory=Event)
    seen: list[tuple[int, int, int]] = field(default_factory=list)

    def __enter__(self) -> "Watch":
        self.thread = Thread(target=self._look)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _look(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            while True:
                last = self.over.is_set()
                rows = connection.execute(STANDING).fetchall()
                self.seen += [(int(spent), int(reserved), int(ledger)) for spent, reserved, ledger in rows]
                if last:
                    return


@pytest.fixture
def database(desk: Desk, postgres: PostgresServer, database_name: str) -> Iterator[PooledDatabase]:
    pooled = PooledDatabase(postgres.runtime_url(database_name))
    yield pooled
    pooled.close()


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer.start() as started:
        started.behave = _bill
        yield started


def _answerer(server: OpenAIServer, embedder: MiniLMEmbedder) -> Answerer:
    providers = [
        Provider("one.example", OpenAICompatibleLLM(name, "key", server.url), price)
        for name, price in (("dear", DEAR), ("cheap", CHEAP))
    ]
    return Answerer(embedder, Models(providers, Limits(seconds=60, daily_budget_microusd=BUDGET)), detect_language)


def test_fifty_turns_at_once_never_spend_more_than_the_budget(
    desk: Desk,
    database: PooledDatabase,
    embedder: MiniLMEmbedder,
    server: OpenAIServer,
    postgres: PostgresServer,
    database_name: str,
) -> None:
    desk.teach(BASICS)
    store, answerer, barrier = PostgresStore(database), _answerer(server, embedder), Barrier(TURNS)

    def turn(together: bool) -> str:
        if together:
            barrier.wait()
        reply = take_chat_turn(answerer, store, desk.workspace_id, Said(QUESTION), PROMISE)
        assert reply.answer.action == "answer"
        return reply.answer.reply

    with Watch(postgres.owner_url(database_name)) as watch, ThreadPoolExecutor(TURNS) as threads:
        together = list(threads.map(turn, [True] * TURNS))
        afterwards = [turn(together=False) for _ in range(2 * TURNS)]

    assert all(spent + reserved <= BUDGET for spent, reserved, _ in watch.seen)
    assert all(ledger == spent + reserved for spent, reserved, ledger in watch.seen)
    assert {reserved > 0 for _, reserved, _ in watch.seen} == {True, False}
    spent, reserved, _ = watch.seen[-1]
    assert (reserved, spent > 0.9 * BUDGET) == (0, True)
    assert SAID in together
    calls = _ledger(desk)
    assert Counter(call.outcome for call in calls) == {"ok": len(server.requests)}
    assert Counter(call.model for call in calls).keys() == {"dear", "cheap"}
    assert afterwards[-1] != SAID  # the budget is spent: the article's own words
    assert max(n for n, call in enumerate(calls) if call.model == "cheap") > max(
        n for n, call in enumerate(calls) if call.model == "dear"
    )


def test_the_admins_are_warned_once_a_day(desk: Desk, database: PooledDatabase) -> None:
    admin = _admin(desk)
    llm = Priced(desk, Models([], Limits(daily_budget_microusd=1_000_000)))
    llm.spend(790_000)
    assert desk.notes_to(admin) == []
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: Priced(desk, llm.models, PostgresStore(database)).spend(10_000), range(8)))
    (warning,) = desk.notes_to(admin)
    assert warning.startswith("$0.8")
    assert "of today's $1.00" in warning


def test_a_budget_that_ends_without_having_been_near_is_told_too(desk: Desk) -> None:
    admin = _admin(desk)
    asking = Priced(desk, Models([Provider("p", Silent(), DEAR)], Limits(daily_budget_microusd=WORST - 1)))
    assert asking.ask() is None
    assert asking.ask() is None
    assert len(desk.notes_to(admin)) == 1


def test_another_budget_has_a_warning_of_its_own(desk: Desk) -> None:
    admin = _admin(desk)
    llm = Priced(desk, Models([], Limits(daily_budget_microusd=1_000_000)))
    llm.spend(850_000)
    with desk.begin() as tx:
        tx.answering_settings.save(AnsweringSettings(0.95, 2_000_000), utcnow().date())
    llm.spend(50_000)
    assert len(desk.notes_to(admin)) == 1
    llm.spend(800_000)
    assert len(desk.notes_to(admin)) == 2


def test_a_budget_of_nothing_asks_nobody_and_warns_nobody(desk: Desk) -> None:
    admin = _admin(desk)
    with desk.begin() as tx:
        tx.answering_settings.save(AnsweringSettings(0.95, 0), utcnow().date())
    asking = Priced(desk, Models([Provider("p", Silent(), DEAR)]))
    assert asking.ask() is None
    assert (_ledger(desk), desk.notes_to(admin)) == ([], [])


def test_a_call_that_dies_stays_counted(desk: Desk, owner: Owner) -> None:
    asking = Priced(desk, Models([Provider("p", Dying(), DEAR)], Limits(daily_budget_microusd=2 * WORST - 1)))
    with pytest.raises(SandboxDied):
        asking.ask()
    assert owner.execute(STANDING).fetchall() == [(0, WORST, WORST)]
    assert [(call.outcome, call.cost_microusd) for call in _ledger(desk)] == [("under_way", WORST)]
    assert asking.ask() is None  # there is not enough left for another one
    assert asking.last.denied == ["budget"]


def test_a_call_of_which_nobody_knows_the_end_costs_the_most(desk: Desk, owner: Owner) -> None:
    asking = Priced(desk, Models([Provider("p", Silent(), DEAR)]))
    assert asking.ask() is None
    assert owner.execute(STANDING).fetchall() == [(WORST, 0, WORST)]
    assert [(call.outcome, call.detail) for call in _ledger(desk)] == [("timeout", "silence")]


def test_an_answer_that_cannot_be_used_is_asked_for_once_more_with_money_of_its_own(
    desk: Desk, server: OpenAIServer, owner: Owner
) -> None:
    server.behave = None
    server.answers.extend(["nonsense", {"fine": 1}])
    llm = OpenAICompatibleLLM("m", "key", server.url)
    asking = Priced(desk, Models([Provider("p", llm, A_TOKEN)], Limits(seconds=60)))
    found = asking.ask()
    assert found is not None
    assert found.data == {"fine": 1}
    assert [(call.outcome, call.cost_microusd) for call in _ledger(desk)] == [("invalid", 15), ("ok", 15)]
    assert owner.execute(STANDING).fetchall() == [(30, 0, 30)]


def test_every_day_has_a_budget_of_its_own(desk: Desk, monkeypatch: pytest.MonkeyPatch, owner: Owner) -> None:
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    monkeypatch.setattr(ask_model, "utcnow", lambda: midnight - timedelta(seconds=1))
    asking = Priced(desk, Models([Provider("p", Silent(), DEAR)], Limits(daily_budget_microusd=WORST)))
    assert asking.ask() is None
    assert asking.ask() is None
    assert len(_ledger(desk)) == 1
    monkeypatch.setattr(ask_model, "utcnow", lambda: midnight)
    assert asking.ask() is None
    assert len(_ledger(desk)) == 2
    days = owner.execute("SELECT day, spent_microusd FROM budget_days ORDER BY day").fetchall()
    assert days == [(date(2026, 2, 28), WORST), (date(2026, 3, 1), WORST)]


def test_a_call_belongs_to_the_day_on_which_it_began(desk: Desk, monkeypatch: pytest.MonkeyPatch, owner: Owner) -> None:
    times = [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)]
    monkeypatch.setattr(ask_model, "utcnow", lambda: times.pop() if len(times) > 1 else times[0])
    Priced(desk, Models([], Limits(daily_budget_microusd=1_000_000))).spend(7)
    assert owner.execute("SELECT day, spent_microusd FROM budget_days").fetchall() == [(date(2026, 2, 28), 7)]
    assert [call.created_at.date() for call in _ledger(desk)] == [date(2026, 2, 28)]


def test_tokens_from_the_cache_cost_less(desk: Desk) -> None:
    usage = Usage(model="m", input_tokens=1_000, cached_tokens=900, output_tokens=10)
    asking = Priced(desk, Models([Provider("p", Answering(usage), DEAR)]))
    found = asking.ask()
    assert found is not None
    assert found.usage.cost_microusd == 100 * 10 + 900 * 1 + 10 * 30
    assert [(call.cached_tokens, call.cost_microusd) for call in _ledger(desk)] == [(900, 2_200)]


@pytest.mark.parametrize("whose", ["session_id", "requester_id"])
def test_one_person_cannot_make_the_desk_ask_for_ever(whose: str, desk: Desk, database: PooledDatabase) -> None:
    desk.teach(BASICS)
    session = desk.say("hello").session_id
    person = {"session_id": session} if whose == "session_id" else {"requester_id": desk.hire("Ada").id}
    models = Models(
        [Provider("p", Answering(Usage(input_tokens=1)), A_TOKEN)],
        Limits(calls_a_session=3, calls_a_customer=3),
    )
    store = PostgresStore(database)
    with ThreadPoolExecutor(12) as threads:
        got = list(threads.map(lambda _: Priced(desk, models, store, **person).ask(), range(12)))
    assert sum(one is not None for one in got) == len(_ledger(desk)) == 3
    asking = Priced(desk, models, store, **person)
    assert asking.ask() is None
    assert asking.last.denied == ["session_limit" if whose == "session_id" else "customer_limit"]
    assert Priced(desk, models).ask() is not None  # others may


# What the tests above ask with


class SandboxDied(BaseException):
    """No `except Exception` stops a process from being killed."""


class Dying:
    model = "dying"

    def complete(self, prompt: Prompt, limits: CallLimits, on_text: OnText | None = None) -> Completion:
        raise SandboxDied


class Silent:
    model = "silent"

    def complete(self, prompt: Prompt, limits: CallLimits, on_text: OnText | None = None) -> Completion:
        raise NoCompletion("silence", "timeout", None)


@dataclass
class Answering:
    usage: Usage
    model: str = "answering"

    def complete(self, prompt: Prompt, limits: CallLimits, on_text: OnText | None = None) -> Completion:
        return Completion({}, self.usage)


class Priced:
    """Asks as a turn does. `last` is the turn."""

    def __init__(self, desk: Desk, models: Models, store: PostgresStore | None = None, **person: UUID) -> None:
        self.desk, self.models, self.store, self.person = desk, models, store or desk.store, person

    def ask(self) -> Completion | None:
        self.last = self.models.asking(self.store, CallOrigin(self.desk.workspace_id, new_id(), **self.person))
        return self.last(PROMPT)

    def spend(self, tokens: int) -> None:
        """By one call, as many micro-dollars."""
        models = Models([Provider("p", Answering(Usage(input_tokens=tokens)), A_TOKEN)], self.models.limits)
        Priced(self.desk, models, self.store).ask()


def _ledger(desk: Desk) -> list[ModelCall]:
    """Oldest first."""
    with desk.begin() as tx:
        return tx.model_calls.newest(None, 1_000)[::-1]


def _admin(desk: Desk) -> Any:
    with desk.begin() as tx:
        (admin,) = tx.users.list("admin")
    return admin
