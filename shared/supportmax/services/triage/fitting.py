"""Kernel ridge regression on the examples nearest to a text, at the moment it is asked about.

Unlike a vote it knows that ten near copies of one sentence are one piece of evidence, and what tells two similar labels
apart just here; and there is nothing to train, so an example counts from the next text on.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from supportmax.services.triage.corpus import Corpus

    Floats = NDArray[np.float32]

# Chosen by cross-validation on training files: docs/triage.md.
NEIGHBOURS = 128
WIDTH = 0.4
RIDGE = 0.15
BATCH = 64


def nearest(corpus: "Corpus", similarities: "Floats", count: int) -> "NDArray[np.int64]":
    """The places of the `count` nearest examples for each row of similarities, nearest first."""
    import numpy as np

    count = min(count, len(corpus))
    found = np.argpartition(-similarities, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(similarities, found, 1), axis=1, kind="stable")
    return np.take_along_axis(found, order, 1).astype(np.int64)


def local_scores(corpus: "Corpus", similarities: "Floats", near: "NDArray[np.int64]") -> "Floats":
    """Texts x labels: about 1 for a text that the label's examples know well, about 0 for a strange one."""
    import numpy as np

    scores = np.zeros((len(near), len(corpus.labels)), dtype=np.float32)
    for start in range(0, len(near), BATCH):
        part = slice(start, start + BATCH)
        weights = _weights(corpus, near[part], np.take_along_axis(similarities[part], near[part], 1))
        for row, (places, given) in enumerate(zip(near[part], weights, strict=True), start):
            scores[row] = np.bincount(corpus.label_of[places], given, minlength=len(corpus.labels))
    return scores


def _weights(corpus: "Corpus", near: "NDArray[np.int64]", similarities: "Floats") -> "Floats":
    """What each neighbour contributes to its label's score."""
    import numpy as np

    vectors = corpus.vectors[near]
    alike = np.exp((vectors @ vectors.transpose(0, 2, 1) - 1) / WIDTH)
    diagonal = np.arange(near.shape[1])
    alike[:, diagonal, diagonal] = 1 + RIDGE * corpus.doubt[near]
    asked = np.exp((similarities - 1) / WIDTH)
    solved: Floats = np.linalg.solve(alike, asked[..., None])[..., 0]
    return solved
