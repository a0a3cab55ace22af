"""How well examples predict each other's labels: whether head and metric help, where out of scope begins."""

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from supportmax.domain.triage import OUT_OF_SCOPE
from supportmax.services.triage.corpus import Corpus
from supportmax.services.triage.fitting import NEIGHBOURS, local_scores, nearest
from supportmax.services.triage.metric import Metric, fit_metric
from supportmax.services.triage.regression import Head, fit_head
from supportmax.services.triage.scope import in_scope, scope_threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Places = NDArray[np.int64]

# What the head may weigh beside the local fit's 1. Only what is better than nothing on held-back examples is used.
SHARES = (0.0, 0.25, 0.5, 1.0)
# A lead of this much over the next label counts as nearly certain. Counting leads tells more than counting hits: with
# few examples held back, two ways often differ in a handful of hits, which is chance.
LEAD = 0.05
# How much better the metric must be to be used.
WORTH = 0.002
_WAYS = list(product((False, True), SHARES))
FOLDS = 5
# Up to this many examples every one is held back once; of more, one part of this size.
MOST_HELD_BACK = 2_000
CHUNK = 256


@dataclass(frozen=True, slots=True)
class _Held:
    """What the others say of examples that were held back: texts x labels, and how far they are in scope.

    `local` and `scope` are for the vectors as they are, and after the metric.
    """

    places: "Places"
    local: "tuple[Floats, Floats]"
    chances: "Floats"
    scope: "tuple[Floats, Floats]"

    def scores(self, turned: bool, share: float) -> "Floats":
        """As one of `_WAYS` says."""
        scored: Floats = ((self.local[turned] + share * self.chances) / (1 + share)).astype("float32")
        return scored


def measure(corpus: Corpus, start: Head | None, seconds: float) -> tuple[dict[str, Any], Head]:
    """Figures, with the last head that was fitted on the way (to a part of the examples)."""
    import numpy as np

    held, head = [], start
    folds = _folds(corpus)
    for fold in folds:
        part, head = _hold_back(corpus, fold, head, seconds / len(folds))
        held.append(part)
    assert head is not None
    truth = corpus.label_of[np.concatenate([part.places for part in held])]
    leads = {way: _leads(np.concatenate([part.scores(*way) for part in held]), truth) for way in _WAYS}
    turned, share = best = max(_WAYS, key=lambda way: _clear(leads[way]) - WORTH * way[0])
    scope = np.concatenate([part.scope[turned] for part in held])
    outside = np.array([corpus.labels[label] == OUT_OF_SCOPE for label in truth])
    right = {way: lead > 0 for way, lead in leads.items()}
    return {
        "head_share": share,
        "metric_helps": turned,
        "scope_threshold": scope_threshold(scope, right[best], outside),
        "accuracy": {f"{way[1]:g}{' with metric' * way[0]}": round(float(right[way].mean()), 4) for way in _WAYS},
        "measured_on": len(truth),
        "examples": int(corpus.is_real.sum()),
    }, head


def _leads(scores: "Floats", truth: "Places") -> "Floats":
    """How far the right label is ahead of the best other one; below 0 where it is not."""
    import numpy as np

    rows = np.arange(len(truth))
    own = scores[rows, truth]
    scores[rows, truth] = -np.inf
    lead: Floats = own - scores.max(axis=1)
    return lead


def _clear(leads: "Floats") -> float:
    """How many are ahead, those that are just ahead or just behind counting in part."""
    import numpy as np

    return float((1 / (1 + np.exp(-leads / LEAD))).mean())


def fit_metric_in_scope(corpus: Corpus, chosen: "Places | None" = None) -> Metric:
    """To the chosen examples, or all. Not to those of `oos`: they have nothing in common."""
    import numpy as np

    places = np.arange(len(corpus)) if chosen is None else chosen
    inside = places[[corpus.examples[place].label != OUT_OF_SCOPE for place in places]]
    return fit_metric(corpus.vectors[inside], corpus.label_of[inside])


def _folds(corpus: Corpus) -> "list[Places]":
    """Real examples in parts, each label spread over them. Always the same for the same examples."""
    import numpy as np

    real = np.flatnonzero(corpus.is_real)
    mixed = np.random.default_rng(0).permutation(real)
    spread = mixed[np.argsort(corpus.label_of[mixed], kind="stable")]
    if len(real) <= MOST_HELD_BACK:
        return [spread[first::FOLDS] for first in range(FOLDS)]
    return [spread[:: -(-len(real) // MOST_HELD_BACK)]]


def _hold_back(corpus: Corpus, fold: "Places", start: Head | None, seconds: float) -> tuple[_Held, Head]:
    import numpy as np

    others = np.ones(len(corpus), dtype=bool)
    others[fold] = False
    head = fit_head(corpus.labels, corpus.vectors[others], corpus.label_of[others], start, seconds)
    ways = None, fit_metric_in_scope(corpus, np.flatnonzero(others))
    local: tuple[list[Floats], list[Floats]] = [], []
    scope: tuple[list[Floats], list[Floats]] = [], []
    for first in range(0, len(fold), CHUNK):
        places = fold[first : first + CHUNK]
        similarities = corpus.vectors[places] @ corpus.vectors.T
        similarities[:, ~others] = -1
        near = nearest(corpus, similarities, min(NEIGHBOURS, int(others.sum())))
        for turned, metric in enumerate(ways):
            local[turned].append(local_scores(corpus, corpus.vectors[places], near, metric))
            scope[turned].append(in_scope(corpus, local[turned][-1], similarities, near))
    plain, moved = (np.concatenate(parts) for parts in local)
    plain_scope, moved_scope = (np.concatenate(parts) for parts in scope)
    return _Held(fold, (plain, moved), head.chances(corpus.vectors[fold]), (plain_scope, moved_scope)), head
