"""Ask a language model, if one may be asked: limits, budget, circuit breaker, fail-over, ledger.

Money is set aside before a call in the order in which calls come, so whatever happens at once, a day's budget is never
exceeded; a call that dies on the way stays counted.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from supportmax.domain.answers import Usage
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import PermanentFailure
from supportmax.domain.ids import new_id
from supportmax.domain.model_calls import CallOrigin, Denial, ModelCall, Outcome, Spending
from supportmax.domain.prices import MILLION, Price
from supportmax.ports import LLM, CallLimits, Completion, NoCompletion, OnText, Prompt, Store, Transaction
from supportmax.services.notify import notify

WARN_AT = 0.8
DAY = timedelta(days=1)
FAILURES_BEFORE_A_BREAK = 5
BREAK = timedelta(seconds=30)
# The words around a prompt that we do not see: roles, the schema as the vendor spells it.
OVERHEAD_TOKENS = 300
# After these the same model is asked once more: another answer may fit, another connection may hold.
AGAIN = {"invalid", "disconnected"}
TRIES = 2
# After these another model of the same endpoint is not asked.
AWAY = {"unavailable", "disconnected", "timeout"}
# Of the time that is left, when another endpoint could still be asked afterwards.
SHARE_OF_TIME = 2 / 3


@dataclass(frozen=True, slots=True)
class Provider:
    """One model at one endpoint. `name` is the endpoint's."""

    name: str
    llm: LLM
    price: Price

    @property
    def circuit(self) -> str:
        """A model can be down, overloaded or misspelt while others of its endpoint work."""
        return f"{self.name}/{self.llm.model}"


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of models in one turn; calls in a day; micro-dollars in a day where the workspace says nothing."""

    seconds: float = 15.0
    output_tokens: int = 1_500
    calls_a_session: int = 60
    calls_a_customer: int = 200
    daily_budget_microusd: int = 5_000_000


Ask = Callable[..., Completion | None]


@dataclass(frozen=True, slots=True)
class Models:
    """Models in the order in which they are tried: the main one, a cheaper one, one of another vendor."""

    providers: Sequence[Provider]
    limits: Limits = field(default_factory=Limits)

    def asking(self, store: Store, origin: CallOrigin) -> "Asking":
        """Asks for this turn; its seconds begin now."""
        return Asking(self, store, origin, time.monotonic() + self.limits.seconds)


@dataclass(frozen=True, slots=True)
class _Permit:
    """Leave for one call. `call` is its row in the ledger, with the money that was set aside."""

    provider: Provider
    call: ModelCall


@dataclass(slots=True)
class Asking:
    """The models, for one turn."""

    models: Models
    store: Store
    origin: CallOrigin
    ends_at: float
    denied: list[Denial] = field(default_factory=list)

    def __call__(self, prompt: Prompt, on_text: OnText | None = None) -> Completion | None:
        """The answer of the first provider that may be asked and knows one; None: do without a model."""
        away: set[str] = set()
        for provider in self.models.providers:
            if provider.name in away:
                continue
            got = self._ask(provider, prompt, on_text)
            if isinstance(got, Completion):
                return got
            if got in {"session_limit", "customer_limit"}:
                return None
            if got in AWAY:
                away.add(provider.name)
        return None

    def _ask(self, provider: Provider, prompt: Prompt, on_text: OnText | None) -> "Completion | Outcome | Denial":
        """Each try is a call of its own, with money of its own."""
        got: Completion | Outcome | Denial = "timeout"
        for _ in range(TRIES):
            seconds = self._seconds(provider)
            if seconds <= 0:
                return "timeout"
            permit = self._permit(provider, prompt)
            if not isinstance(permit, _Permit):
                self.denied.append(permit)
                return permit
            got = self._call(permit, prompt, seconds, on_text)
            if isinstance(got, Completion) or got not in AGAIN:
                return got
        return got

    def _seconds(self, provider: Provider) -> float:
        """A silent endpoint must leave the next one time for an answer."""
        left = self.ends_at - time.monotonic()
        providers = self.models.providers
        others = any(p.name != provider.name for p in providers[providers.index(provider) :])
        return left * SHARE_OF_TIME if others else left

    def _permit(self, provider: Provider, prompt: Prompt) -> _Permit | Denial:
        """Callers queue up at the day's row, so what they count is what there is."""
        limits, began = self.models.limits, utcnow()
        worst = _worst_case(provider.price, prompt, limits.output_tokens)
        with self.store.begin(self.origin.workspace_id) as tx:
            before = tx.budget.reserve(began.date(), worst, limits.daily_budget_microusd)
            if before is None:
                _warn_of_the_end(tx, began.date(), limits.daily_budget_microusd)
                return "budget"
            denial = self._over_a_limit(tx, began) or _broken(tx, provider)
            if denial is not None:
                tx.budget.settle(began.date(), worst, 0)
                return denial
            permit = _Permit(provider, self._under_way(provider, prompt, worst, began))
            tx.model_calls.save(permit.call)
        return permit

    def _over_a_limit(self, tx: Transaction, now: datetime) -> Denial | None:
        limits, origin, since = self.models.limits, self.origin, now - DAY
        if origin.session_id and tx.call_counts.of_session(origin.session_id, since) >= limits.calls_a_session:
            return "session_limit"
        if origin.requester_id and tx.call_counts.of_requester(origin.requester_id, since) >= limits.calls_a_customer:
            return "customer_limit"
        return None

    def _under_way(self, provider: Provider, prompt: Prompt, worst: int, began: datetime) -> ModelCall:
        return ModelCall(
            id=new_id(),
            turn_id=self.origin.turn_id,
            session_id=self.origin.session_id,
            requester_id=self.origin.requester_id,
            purpose=prompt.purpose,
            provider=provider.name,
            model=provider.llm.model,
            outcome="under_way",
            input_tokens=0,
            cached_tokens=0,
            output_tokens=0,
            cost_microusd=worst,
            latency_ms=0,
            created_at=began,
        )

    def _call(self, permit: _Permit, prompt: Prompt, seconds: float, on_text: OnText | None) -> "Completion | Outcome":
        started = time.perf_counter()
        limits = CallLimits(seconds, self.models.limits.output_tokens)
        usage: Usage | None
        try:
            completion = permit.provider.llm.complete(prompt, limits, on_text)
        except NoCompletion as failure:
            outcome, usage, detail = failure.outcome, failure.usage, failure.message
        except PermanentFailure as failure:
            outcome, usage, detail = "misconfigured", Usage(), failure.message
        else:
            cost = self._settle(permit, started, "ok", completion.usage)
            return Completion(completion.data, replace(completion.usage, cost_microusd=cost))
        self._settle(permit, started, outcome, usage, detail)
        return outcome

    def _settle(
        self, permit: _Permit, started: float, outcome: Outcome, usage: Usage | None, detail: str | None = None
    ) -> int:
        """Writes down what became of the call. Micro-dollars."""
        cost = _cost(permit, usage)
        tokens = usage or Usage()
        call = replace(
            permit.call,
            outcome=outcome,
            input_tokens=tokens.input_tokens,
            cached_tokens=tokens.cached_tokens,
            output_tokens=tokens.output_tokens,
            cost_microusd=cost,
            latency_ms=(time.perf_counter() - started) * 1000,
            detail=detail,
        )
        day, default = call.created_at.date(), self.models.limits.daily_budget_microusd
        with self.store.begin(self.origin.workspace_id) as tx:
            tx.budget.settle(day, permit.call.cost_microusd, cost)
            tx.model_calls.save(call)
            _note(tx, permit.provider, outcome, detail)
            _warn(tx, day, tx.spending.day(day, default))
        return cost


def _broken(tx: Transaction, provider: Provider) -> Denial | None:
    return None if tx.circuit_breakers.may_call(provider.circuit, BREAK) else "circuit_open"


def _worst_case(price: Price, prompt: Prompt, output_tokens: int) -> int:
    """A token has at least one byte, so the bytes bound the tokens. The schema may go twice, as such and in words."""
    words = len(prompt.system.encode()) + len(prompt.user.encode()) + 2 * len(json.dumps(prompt.schema))
    return price.of(words + OVERHEAD_TOKENS, 0, output_tokens)


def _cost(permit: _Permit, usage: Usage | None) -> int:
    """Of a call of which nobody knows what became of it, the worst."""
    if usage is None:
        return permit.call.cost_microusd
    return permit.provider.price.of(usage.input_tokens, usage.cached_tokens, usage.output_tokens)


def _note(tx: Transaction, provider: Provider, outcome: Outcome, detail: str | None) -> None:
    """For the circuit breaker; and for the admins, once a day, when a setting is wrong or the circuit is open."""
    worked = outcome in {"ok", "refused"}
    tx.circuit_breakers.note(provider.circuit, worked, FAILURES_BEFORE_A_BREAK)
    if worked or not tx.circuit_breakers.tell_once(provider.circuit, outcome == "misconfigured", DAY):
        return
    _tell_admins(
        tx,
        f"The language model {provider.llm.model} at {provider.name} does not work: {detail}. Until it does, answers "
        "come from another model or in the articles' own words.",
    )


def _warn_of_the_end(tx: Transaction, day: date, default_budget: int) -> None:
    _warn(tx, day, tx.spending.day(day, default_budget), at_the_end=True)


def _warn(tx: Transaction, day: date, now: Spending, at_the_end: bool = False) -> None:
    """Tell the admins once a day, before the budget ends. A budget of 0 is a decision, not an end."""
    near = at_the_end or now.spent_microusd >= WARN_AT * now.budget_microusd
    if not near or not now.budget_microusd or not tx.budget.warn_once(day):
        return
    spent, budget = now.spent_microusd / MILLION, now.budget_microusd / MILLION
    _tell_admins(
        tx,
        f"${spent:.2f} of today's ${budget:.2f} for language models are spent ({now.spent_microusd / budget / 1e4:.0f} "
        "%). At the end of the budget answers come from the cheaper model, then in the articles' own words.",
    )


def _tell_admins(tx: Transaction, text: str) -> None:
    notify(tx, [admin.id for admin in tx.users.list("admin")], None, text, "budget")
