"""Calls of language models: where they come from, what they are for, what became of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

# `draft` and `summary` are for agents; `check`: whether an endpoint works.
Purpose = Literal["answer", "rewrite", "triage", "draft", "summary", "check"]
Outcome = Literal[
    "under_way",
    "ok",
    "refused",
    "invalid",
    "cut_off",
    "rate_limited",
    "unavailable",
    "disconnected",
    "timeout",
    "misconfigured",
]
# Why no model was called at all.
Denial = Literal["budget", "session_limit", "customer_limit", "circuit_open"]


@dataclass(frozen=True, slots=True)
class CallOrigin:
    """Whose turn it is. The limits count by session and by requester."""

    workspace_id: UUID
    turn_id: UUID
    session_id: UUID | None = None
    requester_id: UUID | None = None
    ticket_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """A row of the ledger. Money in micro-dollars, `latency_ms` in milliseconds.

    A call is written down before it is made, at its highest price, as `under_way`. One that dies stays so, and counted.
    `detail`: what went wrong, and what to change.
    """

    id: UUID
    turn_id: UUID | None
    session_id: UUID | None
    requester_id: UUID | None
    purpose: Purpose
    provider: str
    model: str
    outcome: Outcome
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_microusd: int
    latency_ms: float
    created_at: datetime
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class ModelUse:
    """The calls of one day for one purpose by one model. `failed`: those without an answer that could be used."""

    purpose: str
    provider: str
    model: str
    calls: int
    failed: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_microusd: int


@dataclass(frozen=True, slots=True)
class Spending:
    """Of one day in UTC, in micro-dollars. `reserved`: what calls under way may still cost."""

    budget_microusd: int
    spent_microusd: int
    reserved_microusd: int
