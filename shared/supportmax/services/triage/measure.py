"""How well examples predict each other's labels: whether the head helps, and where out of scope begins."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from supportmax.domain.triage import OUT_OF_SCOPE
from supportmax.services.triage.corpus import Corpus
from supportmax.services.triage.fitting import NEIGHBOURS, local_scores, nearest
from supportmax.services.triage.regression import Head, fit_head
from supportmax.services.triage.scope import in_scope, scope_threshold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Places = NDArray[np.int64]

# What the head may weigh beside the local fit's 1. Only what is better than nothing on held-back examples is used.
SHARES = (0.0, 0.25, 0.5, 1.0)
FOLDS = 5
# Up to this many examples every one is held back once; of more, one part of this size.
MOST_HELD_BACK = 2_000
CHUNK = 256


@dataclass(frozen=True, slots=True)
class _Held:
    """What the others say of examples that were held back: texts x labels, and how far they are in scope."""

    places: "Places"
    local: "Floats"
    chances: "Floats"
    scope: "Floats"


def measure(corpus: Corpus, start: Head | None, seconds: float) -> tuple[dict[str, Any], Head]:
    """Figures, with the last head that was fitted on the way (to a part of the examples)."""
    import numpy as np

    held, head = [], start
    folds = _folds(corpus)
    for fold in folds:
        part, head = _hold_back(corpus, fold, head, seconds / len(folds))
        held.append(part)
    assert head is not None
    places = np.concatenate([part.places for part in held])
    local = np.concatenate([part.local for part in held])
    chances = np.concatenate([part.chances for part in held])
    scope = np.concatenate([part.scope for part in held])
    truth = corpus.label_of[places]
    accuracy = {share: float(((local + share * chances).argmax(1) == truth).mean()) for share in SHARES}
    best = max(SHARES, key=lambda share: (accuracy[share], share))
    outside = np.array([corpus.labels[label] == OUT_OF_SCOPE for label in truth])
    right = (local + best * chances).argmax(1) == truth
    return {
        "head_share": best,
        "scope_threshold": scope_threshold(scope, right, outside),
        "accuracy": {f"{share:g}": round(value, 4) for share, value in accuracy.items()},
        "measured_on": len(places),
        "examples": int(corpus.is_real.sum()),
    }, head


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
    local, scope = [], []
    for first in range(0, len(fold), CHUNK):
        places = fold[first : first + CHUNK]
        similarities = corpus.vectors[places] @ corpus.vectors.T
        similarities[:, ~others] = -1
        near = nearest(corpus, similarities, min(NEIGHBOURS, int(others.sum())))
        local.append(local_scores(corpus, similarities, near))
        scope.append(in_scope(corpus, local[-1], similarities, near))
    chances = head.chances(corpus.vectors[fold])
    return _Held(fold, np.concatenate(local), chances, np.concatenate(scope)), head
