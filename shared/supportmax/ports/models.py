"""What thinks: embedding models and language models."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from supportmax.domain.answers import Usage
from supportmax.domain.errors import TransientFailure
from supportmax.domain.model_calls import Outcome, Purpose


class Embedder(Protocol):
    """Text to vectors of unit length."""

    @property
    def model(self) -> str:
        """Name and version; vectors of different models are never compared."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, in order. Raises TransientFailure or PermanentFailure if a remote model gives none."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a language model is asked: instructions, data as JSON, and the schema of the answer."""

    purpose: Purpose
    system: str
    user: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CallLimits:
    """`seconds`: for the whole call, retries included. `output_tokens`: the longest answer that is paid for."""

    seconds: float
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Completion:
    """What a language model said, valid against the asked schema, and what it cost."""

    data: dict[str, Any]
    usage: Usage


class NoCompletion(TransientFailure):
    """No usable answer in time. `usage`: what it cost all the same; None: nobody knows, so the worst is assumed."""

    def __init__(self, message: str, outcome: Outcome, usage: Usage | None) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.usage = usage


OnText = Callable[[str], None]


class LLM(Protocol):
    @property
    def model(self) -> str: ...

    def complete(self, prompt: Prompt, limits: CallLimits, on_text: OnText | None = None) -> Completion:
        """One structured answer. `on_text` hears the JSON text so far, again and again, where the server streams.

        Raises NoCompletion, or PermanentFailure when a setting must be changed.
        """
