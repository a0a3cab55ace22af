"""What people thought of answers, and the articles that would have helped."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

Failure = Literal["unanswered", "unhelpful", "reopened"]
ProposalKind = Literal["article", "edit"]
ProposalStatus = Literal["open", "accepted", "dismissed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTurn:
    """A question that the knowledge base did not settle.

    `asker`: the customer, or the session of someone unknown; `customer`: their name; `looked_up`: whether the desk
    tried to answer, else `turn_id` is the message's; `agent_reply`: what an agent wrote then, if one did.
    """

    turn_id: UUID
    ticket_id: UUID | None
    question: str
    failure: Failure
    asker: UUID
    customer: str | None
    looked_up: bool
    agent_reply: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a proposal comes from."""

    turn_id: str
    ticket_id: str | None
    question: str
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An article, or a change of one (`article_id`), drafted for a human to accept. `questions` are customers' own."""

    id: UUID
    kind: ProposalKind
    article_id: UUID | None
    title: str
    body: str
    questions: list[str] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    status: ProposalStatus = "open"
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleUse:
    """What became of one published article: how often it answered, and what was thought of it."""

    article_id: UUID
    external_id: str
    title: str
    updated_at: datetime
    answers: int
    helpful: int
    unhelpful: int
    last_answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCounts:
    """How many questions there were, and how they ended."""

    questions: int
    answered: int
    clarified: int
    handed_over: int
    unhelpful: int
    reopened: int
