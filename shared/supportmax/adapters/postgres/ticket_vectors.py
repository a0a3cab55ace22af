"""What tickets are about: saved by triage, compared for the copilot and for searches by meaning."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import class_row

from supportmax.adapters.postgres.repository import Repository
from supportmax.adapters.postgres.search_plan import Way, written_for
from supportmax.adapters.postgres.vectors import Packed, from_text
from supportmax.domain.copilot import NearTicket
from supportmax.domain.knowledge import Vector


class TicketVectors(Repository):
    file = "ticket_vectors"

    def save(self, ticket_id: UUID, model: str, vector: Vector) -> None:
        self.send("save", ticket_id=ticket_id, model=model, vector=Packed(vector))

    def of(self, ticket_id: UUID, model: str) -> Vector | None:
        found = self.value("of", ticket_id=ticket_id, model=model)
        return from_text(found) if found else None

    def missing(self, model: str, limit: int) -> list[UUID]:
        return [row["id"] for row in self.rows("missing", model=model, limit=limit)]


class TicketsByMeaning(Repository):
    file = "ticket_vectors"

    def nearest(self, vector: Vector, model: str, limit: int) -> list[NearTicket]:
        text = written_for(self._query("nearest"), Way.SHARED_INDEX, self.workspace_id, model, (len(vector), limit))
        with self._connection.cursor(row_factory=class_row(NearTicket)) as cursor:
            return cursor.execute(text, {"vector": Packed(vector)}).fetchall()

    def compare(self, vector: Vector, model: str, ids: Sequence[UUID]) -> dict[UUID, float]:
        rows = self.rows("compare", vector=Packed(vector), model=model, ids=list(ids))
        return {row["ticket_id"]: row["similarity"] for row in rows}

    def last_answers(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        return {row["ticket_id"]: row["body"] for row in self.rows("last_answers", ids=list(ids))}
