"""What the desk prepares for an agent: nothing of it reaches a customer unless the agent sends it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from supportmax.domain.answers import Choice, Citation
from supportmax.domain.tickets import Ticket

Mode = Literal["extractive", "generated"]
PointKind = Literal["request", "latest", "reply", "note", "state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedReply:
    """A reply to what the customer said last; `reply` is empty where no article is about it.

    `confidence` is the chance that it answers the question, `confident` whether the desk would have said it by itself.
    `others` are the articles that it may be about instead.
    """

    reply: str
    confidence: float
    confident: bool
    mode: Mode
    citations: tuple[Citation, ...]
    others: tuple[Choice, ...]
    answers: tuple[UUID, ...]
    language: str | None


@dataclass(frozen=True, slots=True)
class SummaryPoint:
    """A part of a summary, and the messages that it stands on."""

    kind: PointKind | None
    text: str
    message_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """What an agent should know who sees the ticket for the first time."""

    points: tuple[SummaryPoint, ...]
    mode: Mode

    @property
    def text(self) -> str:
        return " ".join(point.text for point in self.points)


@dataclass(frozen=True, slots=True)
class NearTicket:
    """A ticket by its id and number; `similarity` is a cosine."""

    ticket_id: UUID
    number: int
    similarity: float


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    """A ticket that resembles something. `similarity`: a cosine; `answer`: what an agent last told that customer."""

    ticket: Ticket
    similarity: float
    answer: str | None
