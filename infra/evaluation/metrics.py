"""The figures, from what was predicted and what is true."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import log2
from statistics import fmean


def macro_f1(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """The mean F1 of the labels that occur in `truth`."""
    right = Counter(t for t, p in zip(truth, predicted, strict=True) if t == p)
    true, said = Counter(truth), Counter(predicted)
    return fmean(2 * right[label] / (true[label] + said[label]) for label in true)


def coverage_at_precision(confident: Sequence[tuple[float, bool]], precision: float) -> float:
    """The largest share, most confident first, of which at least `precision` is right.

    `confident` are pairs (confidence, right). Equal confidences go together: no threshold tells them apart.
    """
    ordered = sorted(confident, key=lambda pair: -pair[0])
    taken = right = covered = 0
    for _, tied in groupby(ordered, key=lambda pair: pair[0]):
        outcomes = [outcome for _, outcome in tied]
        taken += len(outcomes)
        right += sum(outcomes)
        if right >= precision * taken:
            covered = taken
    return covered / len(ordered)


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about the same confidence: their mean confidence, the share that was right, how many."""

    confidence: float
    right: float
    count: int


def reliability(confident: Sequence[tuple[float, bool]], bins: int = 10) -> list[Bin]:
    """Equally wide bins from 0 to 1, without the empty ones. `confident` are pairs (confidence, right)."""
    rows: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in confident:
        rows.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    return [Bin(fmean(c for c, _ in row), fmean(r for _, r in row), len(row)) for _, row in sorted(rows.items())]


def calibration_error(confident: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: how far confidence is from the share that was right, over the bins by their size."""
    return sum(abs(b.confidence - b.right) * b.count for b in reliability(confident, bins)) / len(confident)


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """The chance that a score from inside is above one from outside; a tie counts half."""
    ranks = _ranks([*inside, *outside])
    n, m = len(inside), len(outside)
    return (sum(ranks[:n]) - n * (n + 1) / 2) / (n * m)


def _ranks(values: Sequence[float]) -> list[float]:
    """1 for the smallest; equal values share the mean of their ranks."""
    ranks = [0.0] * len(values)
    order = sorted(range(len(values)), key=lambda index: values[index])
    start = 0
    for _, tied in groupby(order, key=lambda index: values[index]):
        indexes = list(tied)
        for index in indexes:
            ranks[index] = start + (len(indexes) + 1) / 2
        start += len(indexes)
    return ranks


def false_positive_rate(inside: Sequence[float], outside: Sequence[float], accepted: float = 0.95) -> float:
    """The share from outside that passes the highest threshold which at least `accepted` of those inside pass."""
    allowed_below = int(len(inside) * (1 - accepted) + 1e-9)
    threshold = sorted(inside)[allowed_below]
    return fmean(score >= threshold for score in outside)


def reciprocal_rank(found: Sequence[str], relevant: set[str], depth: int) -> float:
    """1 / the place of the first relevant one among the first `depth`; 0 without."""
    return next((1 / place for place, item in enumerate(found[:depth], 1) if item in relevant), 0.0)


def ndcg(found: Sequence[str], relevant: set[str], depth: int) -> float:
    """Discounted gain of the first `depth`, against the best possible order."""
    gain = sum(1 / log2(place + 1) for place, item in enumerate(found[:depth], 1) if item in relevant)
    best = sum(1 / log2(place + 1) for place in range(1, min(len(relevant), depth) + 1))
    return gain / best
