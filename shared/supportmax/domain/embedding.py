"""Embedding models, and the two indexes that a workspace can have: the active one, and a spare one beside it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput

# The model that comes with the software; every workspace begins with it.
LOCAL_MODEL = "all-MiniLM-L6-v2-int8"
LOCAL_DIMENSIONS = 384
# pgvector's index takes no longer vectors of 4-byte numbers.
MAX_DIMENSIONS = 2_000
CALIBRATING = timedelta(minutes=2)
_NAME = re.compile(r"(?P<name>[^\s@]{1,200})(?:@(?P<dimensions>[1-9]\d{0,4}))?")

# building: not all articles and examples are in it yet. previous: it was the active one; it is kept filled.
SpareState = Literal["building", "ready", "previous"]


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model at the configured endpoint, written `name` or `name@dimensions`; stored names have their dimensions."""

    name: str
    dimensions: int | None

    @classmethod
    def parse(cls, text: str) -> "ModelName":
        """Raises InvalidInput."""
        found = _NAME.fullmatch(text.strip())
        if not found:
            raise InvalidInput(f"model: {text!r} is neither a model's name nor name@dimensions")
        dimensions = int(found["dimensions"]) if found["dimensions"] else None
        if dimensions and dimensions > MAX_DIMENSIONS:
            raise InvalidInput(f"model: at most {MAX_DIMENSIONS} dimensions can be indexed")
        return cls(found["name"], dimensions)

    def __str__(self) -> str:
        return f"{self.name}@{self.dimensions}" if self.dimensions else self.name

    def means(self, stored: str) -> bool:
        """Whether `stored` is this model; without dimensions, any of that name."""
        return str(self) == stored or (self.dimensions is None and ModelName.parse(stored).name == self.name)


def dimensions_of(model: str) -> int:
    """How many numbers a vector of a stored model has."""
    return ModelName.parse(model).dimensions or LOCAL_DIMENSIONS


@dataclass(frozen=True, slots=True)
class SpareIndex:
    """The index beside the active one. `trouble`: what stopped its filling the last time."""

    model: str
    active_until: datetime | None
    filling_at: datetime | None
    trouble: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Filled:
    """How much of what the active index finds the spare one would find, too.

    `calibrated`: it is known how sure answers by its vectors are.
    """

    articles: int
    articles_done: int
    examples: int
    examples_done: int
    calibrated: bool

    @property
    def missing(self) -> int:
        return self.articles - self.articles_done + self.examples - self.examples_done


@dataclass(frozen=True, slots=True)
class EmbeddingStatus:
    """The active model, and the spare index with how far it is."""

    active: str
    spare: SpareIndex | None
    filled: Filled | None

    @property
    def state(self) -> SpareState | None:
        """What the spare index is good for; None without one."""
        if self.spare is None or self.filled is None:
            return None
        if self.spare.active_until is not None:
            return "previous"
        return "building" if self.filled.missing or self.calibrating else "ready"

    @property
    def calibrating(self) -> bool:
        """Whether the last step of filling is under way. It is short; one that died is not waited for."""
        begun = self.spare.filling_at if self.spare and self.filled and not self.filled.calibrated else None
        return begun is not None and utcnow() - begun < CALIBRATING
