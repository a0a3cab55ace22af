"""A language model that does not work: who is asked instead, who is left in peace, and who hears of it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from supportmax.adapters.llm.openai_compatible import OpenAICompatibleLLM
from supportmax.adapters.postgres import model_calls
from supportmax.domain.clock import utcnow
from supportmax.domain.ids import new_id
from supportmax.domain.model_calls import CallOrigin, ModelCall
from supportmax.domain.prices import Price
from supportmax.ports import Completion, Prompt
from supportmax.services.ask_model import BREAK, FAILURES_BEFORE_A_BREAK, Asking, Limits, Models, Provider
from tests.articles import BASICS, CARD
from tests.desk import Desk
from tests.fakes.openai_server import Answer, Cut, Hang, OpenAIServer, Raw

FREE = Price(0, 0, 0)
GOOD = {"fine": 1}
PROMPT = Prompt("answer", "system", "user", {"type": "object"})
WRONG_KEY = Raw(401, b"{}")
DOWN = Raw(503, b"{}", headers={"Retry-After": "60"})


@pytest.fixture
def first() -> Iterator[OpenAIServer]:
    with OpenAIServer.start() as server:
        yield server


@pytest.fixture
def second() -> Iterator[OpenAIServer]:
    with OpenAIServer.start() as server:
        server.behave = lambda _: GOOD
        yield server


def _provider(server: OpenAIServer, model: str = "main", setting: str = "SUPPORTMAX_LLM") -> Provider:
    return Provider(server.url, OpenAICompatibleLLM(model, "sk-test", server.url, setting), FREE)


def _asking(desk: Desk, *providers: Provider, seconds: float = 60) -> Asking:
    return Models(providers, Limits(seconds=seconds)).asking(desk.store, CallOrigin(desk.workspace_id, new_id()))


def _ask(desk: Desk, *providers: Provider, seconds: float = 60) -> Completion | None:
    return _asking(desk, *providers, seconds=seconds)(PROMPT)


def _ledger(desk: Desk) -> list[ModelCall]:
    with desk.begin() as tx:
        return tx.model_calls.newest(None, 100)[::-1]


def _told(desk: Desk) -> list[str]:
    with desk.begin() as tx:
        (admin,) = tx.users.list("admin")
    return desk.notes_to(admin)


@pytest.mark.parametrize(
    ("answer", "outcomes"),
    [
        (DOWN, ["unavailable"]),
        (Raw(429, b"{}", headers={"Retry-After": "60"}), ["rate_limited"]),
        (WRONG_KEY, ["misconfigured"]),
        (Cut(), ["disconnected", "disconnected"]),
        ("no JSON at all", ["invalid", "invalid"]),
    ],
    ids=["down", "busy", "wrong key", "cut", "nonsense"],
)
def test_another_vendor_answers_instead(
    answer: Answer, outcomes: list[str], desk: Desk, first: OpenAIServer, second: OpenAIServer
) -> None:
    first.behave = lambda _: answer
    found = _ask(desk, _provider(first), _provider(second))
    assert found is not None
    assert found.data == GOOD
    assert [call.outcome for call in _ledger(desk)] == [*outcomes, "ok"]


def test_a_silent_vendor_leaves_time_for_another_one(desk: Desk, first: OpenAIServer, second: OpenAIServer) -> None:
    _ask(desk, _provider(second))  # the first call of a process imports the client
    first.behave = lambda _: Hang()
    assert _ask(desk, _provider(first), _provider(second), seconds=6) is not None
    assert [call.outcome for call in _ledger(desk)] == ["ok", "timeout", "ok"]


def test_the_cheaper_model_of_a_silent_endpoint_is_not_asked(
    desk: Desk, first: OpenAIServer, second: OpenAIServer
) -> None:
    _ask(desk, _provider(second))
    first.behave = lambda _: Hang()
    assert _ask(desk, _provider(first), _provider(first, "cheap"), _provider(second), seconds=6) is not None
    assert [request["model"] for request in first.requests] == ["main"]


def test_the_cheaper_model_stands_in_for_one_that_is_busy(desk: Desk, first: OpenAIServer) -> None:
    busy = Raw(429, b"{}", headers={"Retry-After": "60"})
    first.behave = lambda request: busy if request["model"] == "main" else GOOD
    for _ in range(FAILURES_BEFORE_A_BREAK + 1):
        assert _ask(desk, _provider(first), _provider(first, "cheap")) is not None
    asked = [request["model"] for request in first.requests]
    assert asked.count("main") == FAILURES_BEFORE_A_BREAK  # its circuit is open, the other one's is not


def test_a_model_that_is_down_is_left_in_peace_by_every_sandbox(
    desk: Desk, first: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first.behave = lambda _: DOWN
    for _ in range(FAILURES_BEFORE_A_BREAK):
        _ask(desk, _provider(first))  # an adapter of its own each time, as in other sandboxes
    asking = _asking(desk, _provider(first))
    assert asking(PROMPT) is None
    assert asking.denied == ["circuit_open"]
    assert len(first.requests) == FAILURES_BEFORE_A_BREAK

    later = utcnow() + BREAK
    monkeypatch.setattr(model_calls, "utcnow", lambda: later)
    first.behave = lambda _: GOOD
    probe, another = _asking(desk, _provider(first)), _asking(desk, _provider(first))
    with desk.begin() as tx:  # one caller at a time finds out
        assert tx.circuit_breakers.may_call(f"{first.url}/main", BREAK)
    assert another(PROMPT) is None
    later += BREAK
    assert probe(PROMPT) is not None
    assert another(PROMPT) is not None


def test_the_admins_hear_of_an_outage_once(desk: Desk, first: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    first.behave = lambda _: DOWN
    for _ in range(FAILURES_BEFORE_A_BREAK - 1):
        _ask(desk, _provider(first))
    assert _told(desk) == []  # it may pass
    _ask(desk, _provider(first))
    (text,) = _told(desk)
    assert text.startswith(f"The language model main at {first.url} does not work: ")

    tomorrow = utcnow() + timedelta(days=1)
    for time in (utcnow() + BREAK, tomorrow):
        monkeypatch.setattr(model_calls, "utcnow", lambda time=time: time)
        _ask(desk, _provider(first))
    assert len(_told(desk)) == 2


@pytest.mark.parametrize(
    ("answer", "change"),
    [
        (WRONG_KEY, "refuses the key: check SUPPORTMAX_LLM_API_KEY"),
        (Raw(404, b"{}"), "knows no model 'main': check SUPPORTMAX_LLM_MODEL"),
        (Raw(402, b"{}"), "no credit left"),
    ],
    ids=["key", "model", "credit"],
)
def test_a_wrong_setting_is_told_at_once_and_in_the_ledger(
    answer: Raw, change: str, desk: Desk, first: OpenAIServer
) -> None:
    first.behave = lambda _: answer
    _ask(desk, _provider(first))
    _ask(desk, _provider(first))
    (text,) = _told(desk)
    assert change in text
    assert [(call.outcome, change in str(call.detail)) for call in _ledger(desk)] == [("misconfigured", True)] * 2
    assert all("sk-test" not in str(call.detail) for call in _ledger(desk))


def test_the_other_vendors_settings_are_named_where_they_are_wrong(desk: Desk, first: OpenAIServer) -> None:
    first.behave = lambda _: WRONG_KEY
    _ask(desk, _provider(first, setting="SUPPORTMAX_LLM_FALLBACK"))
    assert "check SUPPORTMAX_LLM_FALLBACK_API_KEY" in _told(desk)[0]


def test_when_nobody_answers_the_customer_reads_the_article(desk: Desk, first: OpenAIServer) -> None:
    desk.teach(BASICS)
    first.behave = lambda _: Hang()
    desk.models = Models([_provider(first)], Limits(seconds=1))
    reply = desk.say("The machine swallowed my card")
    assert reply.answer.reply in CARD.body
    assert _reason(desk, reply.message_id) == "no model answered"


def _reason(desk: Desk, message_id: UUID | None) -> object:
    assert message_id is not None
    with desk.begin() as tx:
        return tx.turns.of_message(message_id).decision["verification"]
