"""What a ticket is about, judged by the labelled examples nearest to it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from supportmax.domain.knowledge import Vector
from supportmax.domain.tickets import Priority

OUT_OF_SCOPE = "oos"
# The category of a ticket that triage has looked at without being sure: `GET /v1/tickets?category=unsure` is a queue.
UNSURE = "unsure"


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


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled example near the text; `similarity` is the cosine, `vector` the example's own."""

    label: str
    text: str
    similarity: float
    vector: Vector = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the neighbours say. `label` is None when they are too far or too divided (`unsure`).

    `confidence` is how far the best label is ahead of the next (0 to 1); `in_scope` grows with how well the examples
    know the text.
    """

    label: str | None
    best_label: str
    confidence: float
    in_scope: float
    neighbours: tuple[Neighbour, ...]

    @property
    def unsure(self) -> bool:
        return self.label is None

    def as_reason(self) -> dict[str, Any]:
        """What an agent sees as the reason, and what the ticket keeps."""
        return {
            "method": "nearest_examples",
            "unsure": self.unsure,
            "best_label": self.best_label,
            "confidence": round(self.confidence, 4),
            "neighbours": [
                {"label": n.label, "text": n.text, "similarity": round(n.similarity, 4)} for n in self.neighbours[:5]
            ],
        }
