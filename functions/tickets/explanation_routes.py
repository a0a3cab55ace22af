"""Why the desk said what it said."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field

from supportmax.domain.answers import Action
from supportmax.domain.explanation import Explanation
from supportmax.domain.ids import parse_id
from supportmax.runtime.http import Body, SignedIn, Tools
from supportmax.services.explain_turn import explain_turn

router = APIRouter(tags=["Tickets"])


class FoundArticle(Body):
    """An article that the search and the labelled examples considered, the best first."""

    article: str = Field(description="The article's own id (`external_id`).")
    title: str
    share: float = Field(description="Its share of the vote, 0 to 1.")
    similarity: float = Field(description="The cosine of its best text and the question.")
    words: float = Field(description="How well the words of the question match.")
    matched: str = Field(description="The text that matched best.")


class CallView(Body):
    """One call of a language model. `latency_ms` in milliseconds, money in micro-dollars."""

    purpose: str
    provider: str
    model: str
    outcome: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_microusd: int
    latency_ms: float
    detail: str | None = Field(description="What went wrong, and what to change.")


class ExplanationView(Body):
    """A turn as it was decided: what was found, how sure the desk was, what a language model did, what it cost."""

    turn_id: UUID
    message_id: UUID | None = Field(description="The reply.")
    created_at: datetime
    question: str
    searched_for: str = Field(description="What was looked up: a follow-up is searched for in its context.")
    action: Action
    confidence: float = Field(description="That the best article answers the question, as a calibrated chance.")
    why: str = Field(description="The decision in one sentence.")
    decision: dict[str, Any] = Field(
        description="What of this applied: `threshold`, `choices_confidence`, `calibration` (its version), `intent`, "
        "`language`, `questions` (each of several), `mode`, `prompt` (its version), `verification`, `refused` drafts."
    )
    retrieved: list[FoundArticle]
    model: str = Field(description="`extractive`: no language model wrote it.")
    input_tokens: int
    output_tokens: int
    cost_microusd: int = Field(description="Of the whole turn, in micro-dollars.")
    latency_ms: float = Field(description="From the clean text to the answer, in milliseconds.")
    calls: list[CallView]

    @classmethod
    def of(cls, explained: Explanation) -> "ExplanationView":
        turn = explained.turn
        same = {"message_id", "created_at", "question", "searched_for", "action", "confidence", "decision", "model"}
        same |= {"input_tokens", "output_tokens", "cost_microusd", "latency_ms"}
        return cls(
            turn_id=turn.id,
            why=explained.why,
            retrieved=[FoundArticle(**found) for found in turn.retrieved],
            calls=[CallView(**{name: getattr(c, name) for name in CallView.model_fields}) for c in explained.calls],
            **{name: getattr(turn, name) for name in same},
        )


@router.get("/v1/messages/{message_id}/explanation", summary="Explain a reply")
async def explain_message(
    message_id: Annotated[
        str,
        Path(description="A reply of the desk, or the message it replied to.", json_schema_extra={"format": "uuid"}),
    ],
    agent: SignedIn,
    tools: Tools,
) -> ExplanationView:
    """Why the desk answered, asked back or handed over. 404 where it decided nothing, as for an agent's words."""
    with tools.store.begin(agent.workspace_id) as tx:
        return ExplanationView.of(explain_turn(tx, parse_id(message_id, "message")))
