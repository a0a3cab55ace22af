"""Embedding models by name, and the two indexes of a workspace."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from supportmax.domain.embedding import Filled, SpareIndex
from supportmax.domain.knowledge import Vector
from supportmax.ports.models import Embedder


class Embedders(Protocol):
    def named(self, model: str) -> Embedder:
        """The embedder of a stored model. What is wrong with it shows when it embeds."""


class EmbeddingModels(Protocol):
    def active(self) -> str:
        """The model that searches and triage use."""

    def spare(self) -> SpareIndex | None: ...
    def hold(self) -> list[str]:
        """The models of both indexes, active first; they stay what they are until this transaction ends."""


class SpareIndexWriter(Protocol):
    def prepare(self, model: str) -> None:
        """An empty spare index. There must be none."""

    def swap(self) -> None:
        """The spare index is the active one from this commit on, and the other way round."""

    def drop(self) -> None:
        """The spare index with all its vectors."""


class IndexLocks(Protocol):
    def lock(self) -> None:
        """Nobody else changes the indexes, or writes vectors, until this transaction ends."""


class IndexFilling(Protocol):
    def begin_filling(self) -> None:
        """Filling begins, or begins again; what stopped it before is forgotten."""

    def filling(self, alive: bool) -> None:
        """A sign of life of what fills the indexes, or its end."""

    def trouble(self, what: str) -> None:
        """Why something of the spare index is missing, for a human to read."""


class IndexGaps(Protocol):
    def filled(self) -> Filled:
        """How much the spare index has of what the active one has."""

    def articles_missing(self, model: str, after: UUID | None, limit: int) -> list[UUID]:
        """Articles that the model's index has not as they are now, by id."""

    def examples_missing(self, model: str, after: UUID | None, limit: int) -> list[tuple[UUID, str]]:
        """Labelled examples without a vector of the model, by id: (id, text)."""


class ExampleVectors(Protocol):
    def put_examples(self, model: str, vectors: Sequence[tuple[UUID, Vector]]) -> None:
        """Vectors of examples for the active or the spare index, whichever is the model's."""


class EmbeddingIndexes(
    EmbeddingModels, SpareIndexWriter, IndexLocks, IndexFilling, IndexGaps, ExampleVectors, Protocol
):
    """Both indexes of the workspace."""
