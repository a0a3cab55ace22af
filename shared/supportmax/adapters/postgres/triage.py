"""Labels, and the examples they were learnt from."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository
from supportmax.adapters.postgres.vectors import Packed, from_text, to_text
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import Vector
from supportmax.domain.triage import Label, Neighbour
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

    def add(self, label_id: UUID, texts: Sequence[str], vectors: Sequence[Vector], model: str) -> int:
        return self.run_many(
            "add_example",
            [
                {"id": new_id(), "label_id": label_id, "text": text, "embedding": to_text(vector), "model": model}
                for text, vector in zip(texts, vectors, strict=True)
            ],
        )

    def nearest(self, vector: Vector, model: str, limit: int) -> "list[Neighbour]":
        return self.nearest_later(vector, model, limit)()

    def nearest_later(self, vector: Vector, model: str, limit: int) -> "Pending[list[Neighbour]]":
        rows = self.later("nearest", vector=Packed(vector), model=model, limit=limit)
        return lambda: [
            Neighbour(row["label"], row["text"], row["similarity"], from_text(row["vector"])) for row in rows()
        ]

    def list(self, after: UUID | None, limit: int) -> list[dict[str, Any]]:
        return self.rows("examples", after=after, limit=limit)
