"""What a ticket is about, judged by the labelled examples nearest to it."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from supportmax.domain.knowledge import Vector
from supportmax.domain.tickets import Priority

OUT_OF_SCOPE = "oos"
# The category of a ticket that triage has looked at without being sure: `GET /v1/tickets?category=unsure` is a queue.
UNSURE = "unsure"

# Where an example comes from: an administrator, an agent, or a label's own name and description.
Source = Literal["import", "agent", "description"]
# Only an active one counts. One that waits needs a second opinion; one that was undone is kept for the record.
ExampleStatus = Literal["active", "waiting", "retired"]
Sentiment = Literal["negative", "neutral", "positive"]
Method = Literal["nearest_examples", "examples_and_regression", "known_text", "language_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A category that tickets get, and what follows from it."""

    id: UUID
    name: str
    description: str
    priority: Priority
    group_id: UUID | None
    is_spam: bool
    examples: int = 0


def describe(name: str, description: str) -> str:
    """What a label's name and description say about it, as a text to compare others with: `card_lost` → `card lost`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", name).strip().lower()
    return f"{words}. {description.strip()}" if description.strip() else words


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledExample:
    """A text with its label as stored. `waits_for` says why it does not count yet."""

    id: UUID
    label: str
    text: str
    source: Source
    status: ExampleStatus
    waits_for: str | None
    ticket_id: UUID | None
    created_by: UUID | None
    decided_by: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewExample:
    """A text to be stored under a label. With `waits_for` it does not count until someone agrees."""

    label_id: UUID
    text: str
    vector: Vector
    source: Source = "import"
    waits_for: str | None = None
    ticket_id: UUID | None = None
    created_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredVector:
    """An example that counts; `vector` holds 4-byte big-endian floats."""

    id: UUID
    label: str
    text: str
    source: Source
    vector: bytes = field(default=b"", repr=False)

    def without_vector(self) -> "StoredVector":
        return replace(self, vector=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageModel:
    """A regression head and a metric, with what was measured when they were fitted.

    `weights`: 4-byte little-endian floats, dimensions + 1 rows (the last one the bias), a column for each label.
    `metric`: such floats, dimensions x dimensions; None where it does not help, and in models of an earlier release.
    `fingerprint` says which examples it was fitted to.
    """

    id: UUID
    embedding_model: str
    labels: list[str]
    weights: bytes = field(repr=False)
    metric: bytes | None = field(repr=False)
    fingerprint: str
    metrics: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled example near the text; `similarity` is the cosine, `vector` the example's own."""

    label: str
    text: str
    similarity: float
    vector: Vector = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the examples say. `label` is None when they are too far or too divided (`unsure`).

    `confidence` is how far the best label is ahead of the next (0 to 1); `in_scope` grows with how well the examples
    know the text, `out_of_scope` that it is too little. `candidates` are the next best labels, the best first.
    """

    label: str | None
    best_label: str
    confidence: float
    in_scope: float
    neighbours: tuple[Neighbour, ...]
    out_of_scope: bool = False
    candidates: tuple[str, ...] = ()
    method: Method = "nearest_examples"

    @property
    def unsure(self) -> bool:
        return self.label is None

    def as_reason(self) -> dict[str, Any]:
        """What an agent sees as the reason, and what the ticket keeps."""
        return {
            "method": self.method,
            "unsure": self.unsure,
            "out_of_scope": self.out_of_scope,
            "label": self.label,
            "best_label": self.best_label,
            "confidence": round(self.confidence, 4),
            "neighbours": [
                {"label": n.label, "text": n.text, "similarity": round(n.similarity, 4)} for n in self.neighbours[:5]
            ],
        }
