"""What a transaction did to tickets, for those who act on it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Chain:
    """Triggers that led to a change, one by the other: those that fired, and how many steps ago it began."""

    fired: frozenset[UUID] = frozenset()
    depth: int = 0


class Touched(Collection[UUID]):
    """The tickets that were changed, or in which something was said, with the ids of those events and messages."""

    def __init__(self) -> None:
        self._rows: dict[UUID, list[UUID]] = {}
        self.chain = Chain()

    def add(self, ticket_id: UUID, row_id: UUID | None = None) -> None:
        """`row_id`: of the event or message that was written."""
        rows = self._rows.setdefault(ticket_id, [])
        if row_id:
            rows.append(row_id)

    def update(self, ticket_ids: Iterable[UUID]) -> None:
        for ticket_id in ticket_ids:
            self.add(ticket_id)

    def rows(self, ticket_id: UUID) -> list[UUID]:
        return self._rows[ticket_id]

    def __contains__(self, ticket_id: object) -> bool:
        return ticket_id in self._rows

    def __iter__(self) -> Iterator[UUID]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
