"""What the desk says to a question, and why."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

Action = Literal["answer", "clarify", "hand_over", "small_talk"]


@dataclass(frozen=True, slots=True)
class Citation:
    """The article, and the very passage, that an answer rests on."""

    article_id: str
    title: str
    chunk_id: UUID
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decision and its words. Only `answer` carries citations; `reason` says why it was handed over."""

    action: Action
    reply: str
    confidence: float
    citations: tuple[Citation, ...] = ()
    choices: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a model call cost. Money in micro-dollars."""

    model: str = "extractive"
    input_tokens: int = 0
    output_tokens: int = 0
    cost_microusd: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The record of one turn: enough to explain it later."""

    id: UUID
    session_id: UUID | None
    ticket_id: UUID | None
    question: str
    searched_for: str
    action: Action
    confidence: float
    article_id: UUID | None
    retrieved: list[dict[str, Any]]
    latency_ms: float
    usage: Usage = field(default_factory=Usage)
