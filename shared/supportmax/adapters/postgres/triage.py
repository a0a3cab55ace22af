"""Labels, the examples they were learnt from, and the regression heads fitted to them."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.adapters.postgres.vectors import Packed, from_packed
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import Vector
from supportmax.domain.triage import (
    ExampleStatus,
    Label,
    LabelledExample,
    Neighbour,
    NewExample,
    StoredVector,
    TriageModel,
)
from supportmax.ports.pending import Pending


class Labels(Repository):
    file = "triage"

    def list(self) -> list[Label]:
        return self.many(Label, "labels")

    def by_name(self, name: str) -> Label:
        return self.one(Label, "by_name", name=name)

    def save(self, name: str, description: str, priority: str, group_id: UUID | None, is_spam: bool) -> Label:
        return self.one(
            Label,
            "save_label",
            id=new_id(),
            name=name,
            description=description,
            priority=priority,
            group_id=group_id,
            is_spam=is_spam,
        )


class Examples(Repository):
    file = "triage"

    def add(self, examples: Sequence[NewExample], model: str) -> list[UUID]:
        ids = [new_id() for _ in examples]
        rows = [
            columns(example)
            | {"id": id_, "vector": Packed(example.vector), "model": model}
            | {"status": "waiting" if example.waits_for else "active"}
            for id_, example in zip(ids, examples, strict=True)
        ]
        self.run_many("add_example", rows)
        return [row["id"] for row in self.rows("which_exist", ids=ids)]

    def set_status(self, example_id: UUID, status: ExampleStatus, decided_by: UUID | None) -> None:
        self.send("set_status", id=example_id, status=status, decided_by=decided_by)

    def descriptions(self) -> dict[UUID, str]:
        return {row["label_id"]: row["text"] for row in self.rows("descriptions")}

    def drop_descriptions(self, label_id: UUID) -> None:
        self.send("drop_descriptions", label_id=label_id)

    def nearest(self, vector: Vector, model: str, limit: int) -> list[Neighbour]:
        return self.nearest_later(vector, model, limit)()

    def nearest_later(self, vector: Vector, model: str, limit: int) -> Pending[list[Neighbour]]:
        params = self._params({"vector": Packed(vector), "model": model, "limit": limit})
        # In binary: as text, fifty vectors take as long to write and read as the search for them.
        rows = self._connection.cursor(row_factory=dict_row, binary=True).execute(self._sql("nearest"), params)
        return lambda: [Neighbour(**row | {"vector": from_packed(row["vector"])}) for row in rows.fetchall()]

    def active_ids(self, model: str, limit: int) -> list[UUID]:
        return sorted(row["id"] for row in self.rows("active_ids", model=model, limit=limit))

    def vectors(self, model: str, ids: Sequence[UUID]) -> list[StoredVector]:
        if not ids:
            return []
        # In binary a vector has a third of its size as text, and needs no parsing.
        with self._connection.cursor(row_factory=class_row(StoredVector), binary=True) as cursor:
            params = self._params({"model": model, "ids": list(ids)})
            return cursor.execute(self._sql("vectors"), params).fetchall()

    def get(self, example_id: UUID) -> LabelledExample:
        return self.one(LabelledExample, "get_example", id=example_id)

    def of_ticket(self, ticket_id: UUID) -> list[LabelledExample]:
        return self.many(LabelledExample, "examples_of_ticket", ticket_id=ticket_id)

    def with_text(self, text: str) -> list[LabelledExample]:
        return self.many(LabelledExample, "with_text", text=text)

    def waiting_near(self, label_id: UUID, vector: Vector, similarity: float, model: str) -> list[LabelledExample]:
        return self.many(
            LabelledExample,
            "waiting_near",
            label_id=label_id,
            vector=Packed(vector),
            distance=1 - similarity,
            model=model,
        )

    def shares(self, label_id: UUID, user_id: UUID) -> tuple[int, int]:
        (row,) = self.rows("shares", label_id=label_id, user_id=user_id)
        return row["own"], row["total"]

    def list(self, status: ExampleStatus | None, after: UUID | None, limit: int) -> list[LabelledExample]:
        return self.many(LabelledExample, "examples", status=status, after=after, limit=limit)


class TriageModels(Repository):
    file = "triage"

    def state(self, model: str) -> "tuple[int, UUID | None]":
        return self.state_later(model)()

    def state_later(self, model: str) -> "Pending[tuple[int, UUID | None]]":
        rows = self.later("state", model=model)

        def read() -> "tuple[int, UUID | None]":
            (row,) = rows()
            return row["version"], row["head"]

        return read

    def get(self, model_id: UUID) -> TriageModel:
        return self.one(TriageModel, "get_model", id=model_id)

    def add(self, model: TriageModel) -> None:
        self.send("add_model", **(columns(model) | {"metrics": Jsonb(model.metrics)}))
        self.send("drop_old_models", embedding_model=model.embedding_model)
