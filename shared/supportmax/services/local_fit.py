"""A small classifier fitted to the neighbours of one text, at the moment it is asked about.

Kernel ridge regression on the nearest labelled examples. Unlike a plain vote it knows that ten near copies of one
sentence are one piece of evidence, and what tells two similar labels apart just here; and it has nothing to train or to
store, so an example counts from the next text on. docs/triage.md has the measurements.
"""

from collections.abc import Sequence

from supportmax.domain.triage import Neighbour

# How fast an example's weight falls with distance, and how little a single example is trusted.
WIDTH = 0.3
RIDGE = 0.2


def label_scores(neighbours: Sequence[Neighbour]) -> dict[str, float]:
    """Each label's score, best first: about 1 for a text the label's examples know well, about 0 for a strange one.

    Neighbours without a vector count as unlike each other.
    """
    import numpy as np

    if not neighbours:
        return {}
    vectors = np.array([neighbour.vector for neighbour in neighbours], dtype=float)
    # einsum, because for `@` BLAS would wake a thread on every core: 16 ms instead of 1 where the cores are busy.
    alike = np.exp((np.einsum("ik,jk->ij", vectors, vectors) - 1) / WIDTH)
    np.fill_diagonal(alike, 1 + RIDGE)
    asked = np.exp((np.array([neighbour.similarity for neighbour in neighbours]) - 1) / WIDTH)
    scores: dict[str, float] = {}
    for neighbour, weight in zip(neighbours, np.linalg.solve(alike, asked), strict=True):
        scores[neighbour.label] = scores.get(neighbour.label, 0.0) + float(weight)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))
