"""What a customer thought of the help with a ticket."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Score = Literal["good", "bad"]
# How long one may answer, and change one's mind after the first answer.
OPEN_FOR = timedelta(days=30)
CHANGEABLE_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SatisfactionSettings:
    """Whether customers are asked, and how many hours after their ticket was solved."""

    enabled: bool = False
    delay_hours: int = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A question that was asked, and its answer, if there is one. A ticket has one at most."""

    id: UUID
    ticket_id: UUID
    requester_id: UUID | None
    asked_at: datetime
    mailed_at: datetime | None = None
    score: Score | None = None
    comment: str | None = None
    answered_at: datetime | None = None
    changed_at: datetime | None = None

    def takes_answers(self, now: datetime) -> bool:
        until = self.answered_at + CHANGEABLE_FOR if self.answered_at else self.asked_at + OPEN_FOR
        return now < until
