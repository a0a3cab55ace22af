"""What the nearest labelled examples say about one text. No model call."""

from supportmax.domain.knowledge import Vector
from supportmax.domain.triage import OUT_OF_SCOPE, Neighbour, Verdict
from supportmax.ports import Transaction
from supportmax.services.local_fit import label_scores

# Measured on three data sets: see docs/triage.md.
NEIGHBOURS = 50
SURE = 0.15


def judge(neighbours: list[Neighbour], sure: float = SURE) -> Verdict:
    """The verdict of the nearest labelled examples, nearest first."""
    scores = label_scores(neighbours)
    if not scores:
        return Verdict(label=None, best_label=OUT_OF_SCOPE, confidence=0.0, in_scope=0.0, neighbours=())
    best, second, *_ = [*scores, ""]
    confidence = min(1.0, max(0.0, scores[best] - scores.get(second, 0.0)))
    certain = confidence >= sure and best != OUT_OF_SCOPE
    return Verdict(
        label=best if certain else None,
        best_label=best,
        confidence=confidence,
        in_scope=in_scope(neighbours, scores),
        neighbours=tuple(neighbours),
    )


def in_scope(neighbours: list[Neighbour], scores: dict[str, float]) -> float:
    """How well the examples know the text: the best label's score less that of `oos`, and the nearest few cosines."""
    known = max((score for label, score in scores.items() if label != OUT_OF_SCOPE), default=0.0)
    nearest = [-n.similarity if n.label == OUT_OF_SCOPE else n.similarity for n in neighbours[:3]]
    return known - scores.get(OUT_OF_SCOPE, 0.0) + sum(nearest) / len(nearest)


def classify_text(tx: Transaction, model: str, vector: Vector) -> Verdict:
    """The verdict for one embedded text."""
    return judge(tx.examples.nearest(vector, model, NEIGHBOURS))
