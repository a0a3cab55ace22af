"""What the desk says to a question, and why."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

Action = Literal["answer", "clarify", "hand_over", "small_talk"]
Intent = Literal["greeting", "thanks", "human", "angry", "account", "other_language"]


@dataclass(frozen=True, slots=True)
class Citation:
    """The article, and the very passage, that an answer rests on."""

    article_id: str
    title: str
    chunk_id: UUID
    quote: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A topic offered when asking back: an article's title and its own id."""

    title: str
    article_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decision and its words.

    `citations`: the sources of what the reply says; a hand-over has them when it answers a part, or points somewhere.
    `reason`: why it was handed over. `intent`: what was recognised instead of a question to look up. `language`: that
    of the desk's own words. `facts`: what else the record should hold.
    """

    action: Action
    reply: str
    confidence: float
    citations: tuple[Citation, ...] = ()
    choices: tuple[Choice, ...] = ()
    reason: str | None = None
    intent: Intent | None = None
    language: str = "en"
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What model calls cost. `cached_tokens` are part of `input_tokens`. Money in micro-dollars."""

    model: str = "extractive"
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_microusd: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Both together; the later model that was asked gives its name."""
        return Usage(
            model=self.model if other == Usage() else other.model,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cost_microusd=self.cost_microusd + other.cost_microusd,
        )


@dataclass(frozen=True, slots=True)
class AnsweringSettings:
    """What a workspace decides about its answers.

    `wanted_precision`: the share of all answers that should be right. `daily_budget_microusd`: what language models may
    cost in a day; None takes the default of the settings, 0 forbids every call.
    """

    wanted_precision: float
    daily_budget_microusd: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The record of one turn: enough to explain it later. `message_id` is the reply's, if there was one."""

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
    message_id: UUID | None = None
    decision: dict[str, Any] = field(default_factory=dict)
