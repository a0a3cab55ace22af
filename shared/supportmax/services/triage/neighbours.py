"""The labelled examples nearest to a text, out of memory: what the query `nearest` finds."""

from typing import TYPE_CHECKING, cast

from supportmax.domain.knowledge import Vector
from supportmax.domain.triage import Neighbour
from supportmax.services.triage.fitting import nearest

if TYPE_CHECKING:
    from supportmax.services.triage.corpus import Corpus


def neighbours(corpus: "Corpus", vector: Vector, limit: int) -> list[Neighbour]:
    """Real examples, the nearest first; `vector` has unit length."""
    import numpy as np

    limit = min(limit, int(corpus.is_real.sum()))
    if not limit:
        return []
    # einsum, because for `@` BLAS would wake a thread on every core.
    cosines = np.einsum("ij,j->i", corpus.vectors, np.asarray(vector, dtype=np.float32))
    similarities = np.where(corpus.is_real, cosines, -np.inf)
    places = nearest(corpus, similarities[np.newaxis], limit)[0]
    return [_neighbour(corpus, int(place), float(similarities[place])) for place in places]


def _neighbour(corpus: "Corpus", place: int, similarity: float) -> Neighbour:
    example = corpus.examples[place]
    return Neighbour(example.label, example.text, similarity, cast("Vector", corpus.vectors[place]))
