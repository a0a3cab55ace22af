"""What thinks: embedding models and language models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from supportmax.domain.answers import Usage
from supportmax.domain.model_calls import Purpose


class Embedder(Protocol):
    """Text to vectors of unit length."""

    @property
    def model(self) -> str:
        """Name and version; vectors of different models are never compared."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, in order. Raises TransientFailure or PermanentFailure if a remote model gives none."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a language model said, parsed against the asked schema, and what it cost."""

    data: dict[str, Any]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a language model is asked: instructions, data as JSON, and the schema of the answer."""

    purpose: Purpose
    system: str
    user: str
    schema: dict[str, Any]


class LLM(Protocol):
    def complete(self, system: str, user: str, schema: dict[str, Any]) -> Completion:
        """One structured answer. Raises TransientFailure when no usable answer came in time."""
