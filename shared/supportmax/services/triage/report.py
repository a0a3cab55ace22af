"""How good the examples are: each judged by all others.

Per label precision and recall, the labels most often taken for each other, and examples that look mislabelled.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any

from supportmax.services.triage.corpus import Corpus
from supportmax.services.triage.fitting import local_scores, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Beyond that a sample is judged, by all.
MOST_JUDGED = 10_000
JUDGES = 50
CHUNK = 256
PAIRS = 20
SUSPECTS = 50
# How far another label must be ahead of an example's own before someone should look at it.
SUSPICIOUS = 0.5


def report(corpus: Corpus) -> dict[str, Any]:
    """`{"judged", "accuracy", "labels": […], "confusions": […], "suspects": […]}`, the worst first."""
    import numpy as np

    real = np.flatnonzero(corpus.is_real)
    judged = np.sort(np.random.default_rng(0).permutation(real)[:MOST_JUDGED])
    guessed, lead = _leave_one_out(corpus, judged)
    truth = corpus.label_of[judged]
    wrong = Counter((int(t), int(g)) for t, g in zip(truth, guessed, strict=True) if t != g)
    return {
        "judged": len(judged),
        "accuracy": round(float((truth == guessed).mean()), 4),
        "labels": _labels(corpus, truth, guessed),
        "confusions": [
            {"label": corpus.labels[t], "taken_for": corpus.labels[g], "count": count}
            for (t, g), count in wrong.most_common(PAIRS)
        ],
        "suspects": [
            {
                "id": str(corpus.examples[judged[row]].id),
                "text": corpus.examples[judged[row]].text,
                "label": corpus.labels[truth[row]],
                "looks_like": corpus.labels[guessed[row]],
                "by": round(float(lead[row]), 4),
            }
            for row in np.argsort(-lead, kind="stable")[:SUSPECTS]
            if lead[row] >= SUSPICIOUS
        ],
    }


def _leave_one_out(corpus: Corpus, judged: "NDArray[np.int64]") -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """For each the label that the others say, and how far it is ahead of its own."""
    import numpy as np

    guessed, lead = [], []
    for first in range(0, len(judged), CHUNK):
        places = judged[first : first + CHUNK]
        similarities = corpus.vectors[places] @ corpus.vectors.T
        similarities[np.arange(len(places)), places] = -1
        near = nearest(corpus, similarities, min(JUDGES, len(corpus) - 1))
        scores = local_scores(corpus, corpus.vectors[places], near)
        guessed.append(scores.argmax(axis=1))
        lead.append(scores.max(axis=1) - scores[np.arange(len(places)), corpus.label_of[places]])
    return np.concatenate(guessed), np.concatenate(lead).astype(np.float32)


def _labels(corpus: Corpus, truth: "NDArray[np.int64]", guessed: "NDArray[np.int64]") -> list[dict[str, Any]]:
    """The one with the lowest F1 first."""
    rows = []
    for index, name in enumerate(corpus.labels):
        true, said = truth == index, guessed == index
        right = int((true & said).sum())
        precision = round(right / int(said.sum()), 4) if said.any() else None
        recall = round(right / int(true.sum()), 4) if true.any() else None
        total = int(true.sum() + said.sum())
        rows.append((2 * right / total if total else 2.0, name, precision, recall, int(true.sum())))
    return [
        {"label": name, "precision": precision, "recall": recall, "examples": count}
        for _, name, precision, recall, count in sorted(rows, key=lambda row: row[:2])
    ]
