"""Labels, examples and what was learnt from them."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from supportmax.domain.knowledge import Vector
from supportmax.domain.triage import Label, Neighbour
from supportmax.ports.pending import Pending


class LabelRepository(Protocol):
    def list(self) -> list[Label]: ...
    def save(self, name: str, description: str, priority: str, group_id: UUID | None, is_spam: bool) -> Label: ...
    def by_name(self, name: str) -> Label:
        """Raises NotFound."""


class ExampleSearch(Protocol):
    def nearest(self, vector: Vector, model: str, limit: int) -> list[Neighbour]: ...
    def nearest_later(self, vector: Vector, model: str, limit: int) -> Pending[list[Neighbour]]: ...


class ExampleRepository(ExampleSearch, Protocol):
    def add(self, label_id: UUID, texts: Sequence[str], vectors: Sequence[Vector], model: str) -> int:
        """Returns how many were new."""

    def list(self, after: UUID | None, limit: int) -> list[dict[str, Any]]: ...
