"""Ask a language model, if one may be asked: limits, budget, circuit breaker, fail-over, ledger.

Money is set aside before a call in the order in which calls come, so whatever happens at once, a day's budget is never
exceeded; a call that dies on the way stays counted.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from supportmax.domain.answers import Usage
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import PermanentFailure
from supportmax.domain.ids import new_id
from supportmax.domain.model_calls import CallOrigin, Denial, ModelCall, Outcome
from supportmax.domain.prices import Price
from supportmax.ports import LLM, CallLimits, Completion, NoCompletion, OnText, Prompt, Store, Transaction

WARN_AT = 0.8
DAY = timedelta(days=1)
FAILURES_BEFORE_A_BREAK = 5
BREAK = timedelta(seconds=30)
# The words around a prompt that we do not see: roles, the schema as the vendor spells it.
OVERHEAD_TOKENS = 100


@dataclass(frozen=True, slots=True)
class Provider:
    """One model at one endpoint. `name` is what the ledger and the circuit breaker call the endpoint."""

    name: str
    llm: LLM
    price: Price


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of models in one turn; calls in a day; micro-dollars in a day where the workspace says nothing."""

    seconds: float = 15.0
    output_tokens: int = 800
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
    """Money that was set aside for one call."""

    provider: Provider
    microusd: int
    day: datetime


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
        for provider in self.models.providers:
            seconds = self.ends_at - time.monotonic()
            if seconds <= 0:
                return None
            permit = self._permit(provider, prompt)
            if isinstance(permit, _Permit):
                if (completion := self._call(permit, prompt, seconds, on_text)) is not None:
                    return completion
            elif permit in {"session_limit", "customer_limit"}:
                return None
        return None

    def _permit(self, provider: Provider, prompt: Prompt) -> _Permit | Denial:
        limits = self.models.limits
        worst = _worst_case(provider.price, prompt, limits.output_tokens)
        with self.store.begin(self.origin.workspace_id) as tx:
            denial = self._over_a_limit(tx) or _broken(tx, provider)
            if denial is None:
                day = utcnow()
                before = tx.budget.reserve(day.date(), worst, limits.daily_budget_microusd)
                if before is not None:
                    spent = before.spent_microusd + before.reserved_microusd + worst
                    _warn(tx, day, spent, before.budget_microusd)
                    return _Permit(provider, worst, day)
                denial = "budget"
        self.denied.append(denial)
        return denial

    def _over_a_limit(self, tx: Transaction) -> Denial | None:
        limits, origin, since = self.models.limits, self.origin, utcnow() - DAY
        if origin.session_id and tx.call_counts.of_session(origin.session_id, since) >= limits.calls_a_session:
            return "session_limit"
        if origin.requester_id and tx.call_counts.of_requester(origin.requester_id, since) >= limits.calls_a_customer:
            return "customer_limit"
        return None

    def _call(self, permit: _Permit, prompt: Prompt, seconds: float, on_text: OnText | None) -> Completion | None:
        started = time.perf_counter()
        outcome: Outcome = "ok"
        usage: Usage | None = None
        completion = None
        try:
            limits = CallLimits(seconds, self.models.limits.output_tokens)
            completion = permit.provider.llm.complete(prompt, limits, on_text)
            usage = completion.usage
        except NoCompletion as failure:
            outcome, usage = failure.outcome, failure.usage
        except PermanentFailure:
            outcome, usage = "misconfigured", Usage()
        cost = _cost(permit, usage)
        self._settle(permit, prompt, outcome, usage or Usage(), cost, (time.perf_counter() - started) * 1000)
        if completion is None:
            return None
        return Completion(completion.data, replace(completion.usage, cost_microusd=cost))

    def _settle(
        self, permit: _Permit, prompt: Prompt, outcome: Outcome, usage: Usage, cost: int, latency_ms: float
    ) -> None:
        call = ModelCall(
            id=new_id(),
            turn_id=self.origin.turn_id,
            session_id=self.origin.session_id,
            requester_id=self.origin.requester_id,
            purpose=prompt.purpose,
            provider=permit.provider.name,
            model=permit.provider.llm.model,
            outcome=outcome,
            input_tokens=usage.input_tokens,
            cached_tokens=usage.cached_tokens,
            output_tokens=usage.output_tokens,
            cost_microusd=cost,
            latency_ms=latency_ms,
            created_at=utcnow(),
        )
        with self.store.begin(self.origin.workspace_id) as tx:
            tx.budget.settle(permit.day.date(), permit.microusd, cost)
            tx.model_calls.add(call)
            tx.circuit_breakers.note(permit.provider.name, outcome in {"ok", "refused"}, FAILURES_BEFORE_A_BREAK)


def _broken(tx: Transaction, provider: Provider) -> Denial | None:
    return None if tx.circuit_breakers.may_call(provider.name, BREAK) else "circuit_open"


def _worst_case(price: Price, prompt: Prompt, output_tokens: int) -> int:
    """A token has at least one byte, so the bytes bound the tokens."""
    size = len(prompt.system.encode()) + len(prompt.user.encode()) + len(str(prompt.schema)) + OVERHEAD_TOKENS
    return price.of(size, 0, output_tokens)


def _cost(permit: _Permit, usage: Usage | None) -> int:
    """Of a call of which nobody knows what became of it, the worst."""
    if usage is None:
        return permit.microusd
    return permit.provider.price.of(usage.input_tokens, usage.cached_tokens, usage.output_tokens)


def _warn(tx: Transaction, day: datetime, spent: int, budget: int) -> None:
    """Tell the admins once a day, before the budget ends."""
    if spent < WARN_AT * budget or not tx.budget.warn_once(day.date()):
        return
    text = (
        f"{spent / 1_000_000:.2f} of today's {budget / 1_000_000:.2f} dollars for language models are spent or set "
        "aside. At the end of the budget answers come from the cheaper model, then in the articles' own words."
    )
    for admin in tx.users.list("admin"):
        tx.notifications.add(admin.id, None, text)
