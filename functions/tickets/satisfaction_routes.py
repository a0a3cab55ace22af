"""What customers thought of the help: what they answered, and whether they are asked."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from supportmax.domain.errors import Conflict
from supportmax.domain.satisfaction import Rating, SatisfactionSettings, Score
from supportmax.runtime.http import Administrator, After, Body, Limit, SignedIn, Tools, cursor, page
from supportmax.services.record_satisfaction import change_settings

router = APIRouter(tags=["Automation"])


class SatisfactionView(Body):
    """A question that was asked, and its answer."""

    id: UUID
    ticket_id: UUID
    asked_at: datetime
    score: Score | None = Field(description="null: not answered.")
    comment: str | None
    answered_at: datetime | None
    changed_at: datetime | None = Field(description="When the customer last changed the answer.")

    @classmethod
    def of(cls, rating: Rating) -> "SatisfactionView":
        return cls(**{name: getattr(rating, name) for name in cls.model_fields})


class SatisfactionPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    ratings: list[SatisfactionView]
    next_cursor: str | None


class SatisfactionSettingsBody(Body):
    """Whether customers are asked, once for each solved ticket, by mail."""

    enabled: bool
    delay_hours: Annotated[int, Field(ge=0, le=720)] = Field(
        default=24, description="How long after the ticket was solved; if it is still."
    )

    @classmethod
    def of(cls, settings: SatisfactionSettings) -> "SatisfactionSettingsBody":
        return cls(enabled=settings.enabled, delay_hours=settings.delay_hours)


@router.get("/v1/satisfaction-ratings", summary="List what customers thought")
async def list_satisfaction_ratings(
    agent: SignedIn,
    tools: Tools,
    ticket_id: Annotated[UUID | None, Query(description="Of this ticket: one at most.")] = None,
    score: Annotated[Score | None, Query(description="Only such answers.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> SatisfactionPage:
    """Newest question first, those without an answer too."""
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.satisfaction.list(ticket_id, score, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda rating: rating.id)
    return SatisfactionPage(ratings=[SatisfactionView.of(r) for r in shown], next_cursor=next_cursor)


@router.get("/v1/satisfaction-settings", summary="See whether customers are asked")
async def get_satisfaction_settings(agent: SignedIn, tools: Tools) -> SatisfactionSettingsBody:
    with tools.store.begin(agent.workspace_id) as tx:
        return SatisfactionSettingsBody.of(tx.satisfaction_settings.get())


@router.put(
    "/v1/satisfaction-settings",
    summary="Decide whether customers are asked",
    responses={409: {"description": "The desk does not know where customers reach it: links would lead nowhere."}},
)
async def replace_satisfaction_settings(
    body: SatisfactionSettingsBody, agent: Administrator, tools: Tools
) -> SatisfactionSettingsBody:
    """Off until somebody decides. Tickets that were solved before it was switched on are not asked about."""
    if body.enabled and not tools.settings.api_url:
        raise Conflict("Customers could not reach the question: give the API's address first (ApiAddress).")
    with tools.store.begin(agent.workspace_id) as tx:
        return SatisfactionSettingsBody.of(change_settings(tx, SatisfactionSettings(**body.model_dump()), agent.user))
