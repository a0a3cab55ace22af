"""What the labelled examples say about one text. No model call."""

from typing import TYPE_CHECKING

from supportmax.domain.knowledge import Vector
from supportmax.domain.triage import OUT_OF_SCOPE, Method, Neighbour, TriageModel, Verdict
from supportmax.ports import Transaction
from supportmax.services.triage.corpus import Corpora, Corpus, Known
from supportmax.services.triage.fitting import NEIGHBOURS, local_scores, nearest
from supportmax.services.triage.metric import Metric
from supportmax.services.triage.regression import Head
from supportmax.services.triage.scope import in_scope

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

# Measured on three data sets: see docs/triage.md.
SURE = 0.15
# An example this near has the same words: its label is known, not guessed.
SAME_TEXT = 0.999
SHOWN = 5
CANDIDATES = 5
_NOTHING_KNOWN = Verdict(label=None, best_label=OUT_OF_SCOPE, confidence=0.0, in_scope=0.0, neighbours=())


def classify_text(corpora: Corpora, tx: Transaction, model: str, vector: Vector) -> Verdict:
    """The verdict for one embedded text."""
    return judge(corpora.of(tx, model), vector)


def judge(known: Known, vector: Vector) -> Verdict:
    """By the nearest examples, and the metric and the regression head where they help."""
    import numpy as np

    corpus, head = known.corpus, known.head
    if not len(corpus):
        return _NOTHING_KNOWN
    asked = np.array([vector], dtype=np.float32)
    similarities = asked @ corpus.vectors.T
    near = nearest(corpus, similarities, NEIGHBOURS)
    metric = Metric.from_bytes(head.metric) if head and head.metric else None
    local = local_scores(corpus, asked, near, metric)
    scores, method = _with_head(corpus, asked, local, head)
    if (same := _label_of_same_text(corpus, similarities[0], near[0])) is not None:
        scores, method = (np.arange(len(corpus.labels)) == same)[None].astype(np.float32), "known_text"
    scope = float(in_scope(corpus, local, similarities, near)[0])
    unknown = method != "known_text" and scope < (head.metrics["scope_threshold"] if head else -np.inf)
    return _verdict(corpus, scores[0], scope, unknown, method, _shown(corpus, similarities[0], near[0]))


def _with_head(corpus: Corpus, vectors: "Floats", local: "Floats", head: TriageModel | None) -> "tuple[Floats, Method]":
    share = head.metrics["head_share"] if head else 0.0
    if head is None or not share:
        return local, "nearest_examples"
    chances = Head.from_bytes(head.labels, head.weights).for_labels(corpus.labels, vectors)
    return ((local + share * chances) / (1 + share)).astype("float32"), "examples_and_regression"


def _label_of_same_text(corpus: Corpus, similarities: "Floats", near: "NDArray[np.int64]") -> int | None:
    """The place of the label that the examples with the same words have; None if there are none or they disagree."""
    labels = {
        int(corpus.label_of[place])
        for place in near
        if similarities[place] >= SAME_TEXT and corpus.examples[place].source != "description"
    }
    return labels.pop() if len(labels) == 1 else None


def _verdict(
    corpus: Corpus, scores: "Floats", scope: float, unknown: bool, method: Method, shown: tuple[Neighbour, ...]
) -> Verdict:
    order = (-scores).argsort(kind="stable")[:CANDIDATES]
    names = tuple(corpus.labels[place] for place in order)
    second = float(scores[order[1]]) if len(order) > 1 else 0.0
    confidence = min(1.0, max(0.0, float(scores[order[0]]) - second))
    certain = confidence >= SURE and names[0] != OUT_OF_SCOPE and not unknown
    return Verdict(
        label=names[0] if certain else None,
        best_label=names[0],
        confidence=confidence,
        in_scope=scope,
        neighbours=shown,
        out_of_scope=unknown or names[0] == OUT_OF_SCOPE,
        candidates=names,
        method=method,
    )


def _shown(corpus: Corpus, similarities: "Floats", near: "NDArray[np.int64]") -> tuple[Neighbour, ...]:
    """The nearest few, as the reason. A description speaks where there is no example."""
    real = [place for place in near if corpus.is_real[place]] or list(near)
    return tuple(
        Neighbour(corpus.examples[place].label, corpus.examples[place].text, float(similarities[place]))
        for place in real[:SHOWN]
    )
