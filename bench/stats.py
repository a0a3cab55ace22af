"""Figures from measurements. All times are milliseconds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """A summary of `n` measured times."""

    n: int
    minimum: float
    p50: float
    p99: float

    @classmethod
    def of(cls, measured: Sequence[float]) -> "Times":
        """Raises ValueError for no measurements."""
        return cls(len(measured), min(measured), percentile(measured, 50), percentile(measured, 99))


def percentile(measured: Sequence[float], percent: float) -> float:
    """The smallest measured value that is not exceeded by `percent` of all: always a value that really occurred."""
    if not measured:
        raise ValueError("nothing was measured")
    ranked = sorted(measured)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def recall(found: Sequence[str], exact: Sequence[str]) -> float:
    """The share of the exact neighbours that were found."""
    return len(set(found) & set(exact)) / len(exact)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def ratio(ours: float, peers: float) -> str:
    """How we compare with a time of the peer's, as words that need no sign rule."""
    if ours <= 0 or peers <= 0:
        return "-"
    factor = peers / ours
    return f"{factor:.1f}x faster" if factor >= 1 else f"{1 / factor:.1f}x slower"


def milliseconds(value: float) -> str:
    """Three significant digits, as much as one run on a shared machine can mean."""
    if value >= 100:
        return f"{value:,.0f} ms"
    return f"{value:.1f} ms" if value >= 10 else f"{value:.2f} ms"
