"""What is asked of the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.answers import Turn


@dataclass(frozen=True, slots=True)
class Question:
    """A clean text and what was said before it: earlier turns, newest first. `message_id`: where it was asked.

    `address`: the customer's own mail address, where it is known.
    """

    text: str
    earlier: Sequence[Turn] = ()
    session_id: UUID | None = None
    ticket_id: UUID | None = None
    requester_id: UUID | None = None
    message_id: UUID | None = None
    address: str | None = None
