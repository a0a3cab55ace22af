"""What language models did and cost, and how sure the desk has to be."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from supportmax.domain.clock import utcnow
from supportmax.domain.model_calls import ModelCall
from supportmax.domain.prices import MILLION
from supportmax.runtime.container import Container
from supportmax.runtime.http import Administrator, After, Body, Limit, Tools, cursor, page
from supportmax.runtime.json_types import Day
from supportmax.services.change_answering import AnsweringState, answering_state, change_answering

router = APIRouter(tags=["Answers"])

MOST_MICROUSD = 1_000_000_000_000


class ModelUseView(Body):
    """The calls of a day for one purpose by one model."""

    purpose: str
    provider: str
    model: str
    calls: int
    failed: int = Field(description="Those without an answer that could be used.")
    input_tokens: int
    cached_tokens: int = Field(description="Part of the input tokens.")
    output_tokens: int
    cost_microusd: int


class BudgetView(Body):
    """One day in UTC; money in micro-dollars."""

    day: date
    budget_microusd: int = Field(description="What may be spent in a day, as it is set now.")
    spent_microusd: int
    reserved_microusd: int = Field(description="Set aside for calls under way, or lost with a sandbox that died.")
    uses: list[ModelUseView] = Field(description="By purpose and model, the dearest first.")


class ModelCallView(Body):
    """One call of a language model. `latency_ms` in milliseconds, money in micro-dollars."""

    id: UUID
    created_at: datetime = Field(description="When it began.")
    turn_id: UUID | None
    session_id: UUID | None
    purpose: str = Field(description="`answer`, `rewrite`, `triage`, `draft` or `check`.")
    provider: str
    model: str
    outcome: str = Field(
        description="`ok`; `under_way` (or died on the way: counted at its highest price); or why there was no usable "
        "answer: `refused`, `invalid`, `cut_off`, `rate_limited`, `unavailable`, `disconnected`, `timeout`, "
        "`misconfigured`."
    )
    detail: str | None = Field(description="What went wrong, and what to change.")
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_microusd: int
    latency_ms: float

    @classmethod
    def of(cls, call: ModelCall) -> "ModelCallView":
        return cls(**{name: getattr(call, name) for name in cls.model_fields})


class ModelCallPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    calls: list[ModelCallView]
    next_cursor: str | None


class AnsweringView(Body):
    """What the workspace decided about its answers, and what follows from it."""

    wanted_precision: float = Field(description="The share of all answers that should be right.")
    threshold: float = Field(description="The confidence from which the desk answers, where only articles speak.")
    threshold_with_examples: float = Field(description="The same where labelled examples of their topics join in.")
    calibration: str = Field(description="The version of the curves by which confidence is counted.")
    embedding_model: str
    daily_budget_microusd: int | None = Field(description="For language models; null: the default of the settings.")
    default_daily_budget_microusd: int

    @classmethod
    def of(cls, state: AnsweringState, default_budget: int) -> "AnsweringView":
        return cls(
            wanted_precision=state.settings.wanted_precision,
            threshold=round(state.threshold, 4),
            threshold_with_examples=round(state.threshold_with_examples, 4),
            calibration=state.calibration,
            embedding_model=state.embedding_model,
            daily_budget_microusd=state.settings.daily_budget_microusd,
            default_daily_budget_microusd=default_budget,
        )


class AnsweringChange(Body):
    """What is left out stays as it is."""

    wanted_precision: Annotated[float, Field(ge=0.5, le=0.999, description="0.95: 95 of 100 answers right.")] = 0.95
    daily_budget_microusd: Annotated[
        int | None, Field(ge=0, le=MOST_MICROUSD, description="0: no language model; null: the default.")
    ] = None

    @property
    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


@router.get("/v1/budget", summary="See what language models cost")
async def get_budget(
    admin: Administrator,
    tools: Tools,
    day: Annotated[Day | None, Query(description="In UTC; today unless given.")] = None,
) -> BudgetView:
    """The budget of a day, what of it is spent, and on what. For administrators."""
    day = day or utcnow().date()
    with tools.store.begin(admin.workspace_id) as tx:
        now = tx.spending.day(day, _default_budget(tools))
        uses = tx.spending.uses(day)
    return BudgetView(
        day=day,
        budget_microusd=now.budget_microusd,
        spent_microusd=now.spent_microusd,
        reserved_microusd=now.reserved_microusd,
        uses=[ModelUseView(**{name: getattr(use, name) for name in ModelUseView.model_fields}) for use in uses],
    )


@router.get("/v1/model-calls", summary="List the calls of language models")
async def list_model_calls(admin: Administrator, tools: Tools, after: After = None, limit: Limit = 50) -> ModelCallPage:
    """The ledger: one row a call, newest first. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        rows = tx.model_calls.newest(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda call: call.id)
    return ModelCallPage(calls=[ModelCallView.of(call) for call in shown], next_cursor=next_cursor)


@router.get("/v1/workspace/answering", summary="See how sure the desk has to be")
async def get_answering(admin: Administrator, tools: Tools) -> AnsweringView:
    """Wanted precision, the thresholds that follow from it, and the budget. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return AnsweringView.of(answering_state(tx), _default_budget(tools))


@router.patch("/v1/workspace/answering", summary="Change how sure the desk has to be")
async def update_answering(body: AnsweringChange, admin: Administrator, tools: Tools) -> AnsweringView:
    """Holds for the next question. A higher precision answers fewer questions. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        change_answering(tx, body.changes, str(admin.user.id))
        return AnsweringView.of(answering_state(tx), _default_budget(tools))


def _default_budget(tools: Container) -> int:
    return round(tools.settings.llm_daily_budget_dollars * MILLION)
