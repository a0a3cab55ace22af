"""Labels, examples and what was learnt from them."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

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


class LabelRepository(Protocol):
    def list(self) -> list[Label]: ...
    def save(self, name: str, description: str, priority: str, group_id: UUID | None, is_spam: bool) -> Label: ...
    def by_name(self, name: str) -> Label:
        """Raises NotFound."""


class ExampleWriter(Protocol):
    def add(self, examples: Sequence[NewExample], model: str) -> list[UUID]:
        """The ids of those that were new, or had been undone or were waiting; others are left alone."""

    def set_status(self, example_id: UUID, status: ExampleStatus, decided_by: UUID | None) -> None: ...


class LabelDescriptions(Protocol):
    def descriptions(self) -> dict[UUID, str]:
        """By label, what describes it among the examples."""

    def drop_descriptions(self, label_id: UUID) -> None: ...


class ExampleSearch(Protocol):
    def nearest(self, vector: Vector, model: str, limit: int) -> list[Neighbour]:
        """Real examples that count, the nearest first, by the database."""

    def nearest_later(self, vector: Vector, model: str, limit: int) -> Pending[list[Neighbour]]: ...


class ExampleVectors(Protocol):
    def active_ids(self, model: str, limit: int) -> list[UUID]:
        """All that count, descriptions too; the newest if there are more, by id."""

    def vectors(self, model: str, ids: Sequence[UUID]) -> list[StoredVector]: ...


class ExampleReader(Protocol):
    def get(self, example_id: UUID) -> LabelledExample:
        """Raises NotFound; locked until the transaction ends."""

    def of_ticket(self, ticket_id: UUID) -> list[LabelledExample]:
        """Corrections of a ticket that count or wait; locked until the transaction ends."""

    def list(self, status: ExampleStatus | None, after: UUID | None, limit: int) -> list[LabelledExample]:
        """Newest first, without descriptions."""


class ExampleReview(Protocol):
    def with_text(self, text: str) -> list[LabelledExample]:
        """Real examples with this very text that count or wait."""

    def waiting_near(self, label_id: UUID, vector: Vector, similarity: float, model: str) -> list[LabelledExample]:
        """Those of the label that wait and are at least that similar."""

    def shares(self, label_id: UUID, user_id: UUID) -> tuple[int, int]:
        """Real examples of the label that count: those this person brought by corrections, and all."""


class ExampleRepository(
    ExampleWriter, LabelDescriptions, ExampleSearch, ExampleVectors, ExampleReader, ExampleReview, Protocol
):
    """The labelled examples of the workspace."""


class TriageModelRepository(Protocol):
    def state(self, model: str) -> tuple[int, UUID | None]:
        """A number that changes with the examples, and the newest head of the embedding model."""

    def state_later(self, model: str) -> Pending[tuple[int, UUID | None]]: ...
    def get(self, model_id: UUID) -> TriageModel: ...
    def add(self, model: TriageModel) -> None:
        """It is the newest from now on; all but a few older ones go."""
