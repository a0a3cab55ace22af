"""Whether a text belongs to any label at all."""

from typing import TYPE_CHECKING

from supportmax.domain.triage import OUT_OF_SCOPE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from supportmax.services.triage.corpus import Corpus

    Floats = NDArray[np.float32]

NEAREST = 3
# Of ten texts that get the right label, at most one may be given up for the sake of those that belong nowhere.
GIVEN_UP = 0.1
# Fewer known texts out of scope say nothing about where they begin.
ENOUGH_OUTSIDE = 10


def in_scope(corpus: "Corpus", local: "Floats", similarities: "Floats", near: "NDArray[np.int64]") -> "Floats":
    """How well the examples know each text: the best label's score less that of `oos`, and the nearest few cosines.

    A near example of `oos` counts against it, a description does not count where there are examples.
    """
    import numpy as np

    outside = [index for index, label in enumerate(corpus.labels) if label == OUT_OF_SCOPE]
    inside = [index for index, label in enumerate(corpus.labels) if label != OUT_OF_SCOPE]
    known = local[:, inside].max(axis=1) if inside else np.zeros(len(local), dtype=np.float32)
    against = local[:, outside].sum(axis=1)
    signs = np.where(np.isin(corpus.label_of, outside), -1, 1).astype(np.float32)
    cosines = np.array(
        [_mean_of_nearest(corpus, row * signs, places) for row, places in zip(similarities, near, strict=True)],
        dtype=np.float32,
    )
    scope: Floats = known - against + cosines
    return scope


def _mean_of_nearest(corpus: "Corpus", signed: "Floats", places: "NDArray[np.int64]") -> float:
    real = places[corpus.is_real[places]]
    return float(signed[(real if len(real) else places)[:NEAREST]].mean())


def scope_threshold(scope: "Floats", right: "NDArray[np.bool_]", outside: "NDArray[np.bool_]") -> float:
    """Below it a text counts as out of scope; from texts that were judged by other texts' labels.

    With enough texts known to be outside it keeps most right ones and finds most of those; else it gives up a fixed
    share of the right ones.
    """
    import numpy as np

    kept = np.sort(scope[right & ~outside])
    if not len(kept):
        return float("-inf")
    if outside.sum() < ENOUGH_OUTSIDE:
        return float(np.quantile(kept, GIVEN_UP))
    lost = np.searchsorted(kept, kept) / len(kept)
    found = np.searchsorted(np.sort(scope[outside]), kept) / outside.sum()
    return float(kept[int(np.argmax(found - lost))])
