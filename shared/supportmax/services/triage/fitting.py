"""Kernel ridge regression on the examples nearest to a text, at the moment it is asked about.

Unlike a vote it knows that ten near copies of one sentence are one piece of evidence, and what tells two similar labels
apart just here; and there is nothing to train, so an example counts from the next text on.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from supportmax.services.triage.corpus import Corpus
    from supportmax.services.triage.metric import Metric

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


def local_scores(
    corpus: "Corpus", asked: "Floats", near: "NDArray[np.int64]", metric: "Metric | None" = None
) -> "Floats":
    """Texts x labels: about 1 for a text that the label's examples know well, about 0 for a strange one.

    `asked`: the texts' vectors. With a metric it says what is alike.
    """
    import numpy as np

    scores = np.zeros((len(near), len(corpus.labels)), dtype=np.float32)
    for start in range(0, len(near), BATCH):
        part = slice(start, start + BATCH)
        texts, vectors = asked[part], corpus.vectors[near[part]]
        if metric:
            texts, vectors = metric.turn(texts), metric.turn(vectors)
        weights = _weights(texts, vectors, corpus.doubt[near[part]])
        for row, (places, given) in enumerate(zip(near[part], weights, strict=True), start):
            scores[row] = np.bincount(corpus.label_of[places], given, minlength=len(corpus.labels))
    return scores


def _weights(texts: "Floats", vectors: "Floats", doubt: "Floats") -> "Floats":
    """What each neighbour (texts x neighbours x dimensions) contributes to its label's score."""
    import numpy as np

    alike = np.exp((vectors @ vectors.transpose(0, 2, 1) - 1) / WIDTH)
    diagonal = np.arange(vectors.shape[1])
    alike[:, diagonal, diagonal] = 1 + RIDGE * doubt
    asked = np.exp((vectors @ texts[..., None] - 1) / WIDTH)
    solved: Floats = np.linalg.solve(alike, asked)[..., 0]
    return solved
