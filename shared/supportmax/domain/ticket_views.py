"""A search that is kept under a name."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """`query` is written as in a search. `owner_id` None: everybody's. Lower `position`s come first."""

    id: UUID
    title: str
    query: str
    owner_id: UUID | None
    position: int
