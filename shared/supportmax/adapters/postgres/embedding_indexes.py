"""The active and the spare index of a workspace."""

from collections.abc import Sequence
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository
from supportmax.adapters.postgres.vectors import to_text
from supportmax.domain.embedding import LOCAL_MODEL, Filled, SpareIndex
from supportmax.domain.errors import NotFound
from supportmax.domain.knowledge import Vector


class EmbeddingIndexes(Repository):
    file = "embedding_indexes"

    def active(self) -> str:
        if (found := self.value("active")) is None:
            raise NotFound("No such workspace.")
        return str(found)

    def spare(self) -> SpareIndex | None:
        return self.maybe(SpareIndex, "spare")

    def hold(self) -> list[str]:
        # A statement of its own: what the next one reads is what it finds once it has the lock.
        self.send("hold")
        return [model for row in self.rows("both") for model in (row["active"], row["spare"]) if model]

    def lock(self) -> None:
        self.send("lock")

    def begin_filling(self) -> None:
        self.send("begin_filling")

    def filling(self, alive: bool) -> None:
        self.send("filling", alive=alive)

    def trouble(self, what: str) -> None:
        self.send("trouble", trouble=what)

    def prepare(self, model: str) -> None:
        self.send("prepare", model=model)

    def swap(self) -> None:
        model = self._spare().model
        self.send("swap_examples", model=model)
        self.send("swap_models", model=model)

    def drop(self) -> None:
        model = self._spare().model
        for part in ("drop_chunks", "drop_articles", "drop_vectors", "drop_index"):
            self.send(part, model=model)

    def filled(self) -> Filled:
        return self.one(Filled, "filled", local=LOCAL_MODEL)

    def articles_missing(self, model: str, after: UUID | None, limit: int) -> list[UUID]:
        return [row["id"] for row in self.rows("articles_missing", model=model, after=after, limit=limit)]

    def examples_missing(self, model: str, after: UUID | None, limit: int) -> list[tuple[UUID, str]]:
        rows = self.rows("examples_missing", model=model, after=after, limit=limit)
        return [(row["id"], row["text"]) for row in rows]

    def put_examples(self, model: str, vectors: Sequence[tuple[UUID, Vector]]) -> None:
        query = "put_active_vector" if model == self.active() else "put_spare_vector"
        self.run_many(query, [{"id": id_, "model": model, "embedding": to_text(vector)} for id_, vector in vectors])

    def _spare(self) -> SpareIndex:
        if (found := self.spare()) is None:
            raise NotFound("There is no second index.")
        return found
