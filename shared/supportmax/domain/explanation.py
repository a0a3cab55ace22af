"""Why the desk said what it said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from supportmax.domain.answers import Action
from supportmax.domain.model_calls import ModelCall


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTurn:
    """A turn as it was recorded. `message_id`: the reply's, None where a human got the message without one."""

    id: UUID
    session_id: UUID | None
    ticket_id: UUID | None
    message_id: UUID | None
    question: str
    searched_for: str
    action: Action
    confidence: float
    retrieved: list[dict[str, Any]]
    decision: dict[str, Any]
    model: str
    input_tokens: int
    output_tokens: int
    cost_microusd: int
    latency_ms: float
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Explanation:
    """A turn, one sentence that says why it ended as it did, and the calls of language models for it."""

    turn: RecordedTurn
    why: str
    calls: Sequence[ModelCall]
