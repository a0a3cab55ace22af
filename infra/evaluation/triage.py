"""`eval triage`: how well labelled examples classify other texts, and notice those that belong nowhere."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from infra.evaluation.desk import EvaluationDesk, Track, silent
from infra.evaluation.metrics import auroc, coverage_at_precision, false_positive_rate, macro_f1
from supportmax.domain.triage import OUT_OF_SCOPE
from supportmax.services.judge_text import classify_text
from supportmax.services.learn_examples import Example


@dataclass(frozen=True, slots=True)
class _Judged:
    """What counts of a verdict: with its neighbours and their vectors, thousands would not fit into memory."""

    truth: str
    label: str
    confidence: float
    in_scope: float
    out_of_scope: bool
    ms: float

    @property
    def right(self) -> bool:
        return self.label == self.truth

    @property
    def right_with_oos(self) -> bool:
        """Whether it is right about the label, or about there being none."""
        return (OUT_OF_SCOPE if self.out_of_scope else self.label) == self.truth


def evaluate_triage(
    desk: EvaluationDesk, train: Sequence[Example], test: Sequence[Example], track: Track = silent
) -> dict[str, float | int | None]:
    """Teaches `train`, fits the head, judges `test` one by one.

    The figures about out of scope are None without such rows. `accuracy_with_oos` takes `oos` for a label like others:
    a text below `threshold` gets it, and that was found on `train` alone (None: too few examples to find one).
    """
    desk.learn(train, track)
    model = desk.fit()
    judged = [_judge(desk, example) for example in track(test, "judging texts")]
    inside = [row for row in judged if row.truth != OUT_OF_SCOPE]
    outside = [row for row in judged if row.truth == OUT_OF_SCOPE]
    known, unknown = ([row.in_scope for row in rows] for rows in (inside, outside))
    confident = [(row.confidence, row.right) for row in inside]
    both = bool(inside and outside)
    return {
        "accuracy": fmean(row.right for row in inside) if inside else None,
        "macro_f1": macro_f1([r.truth for r in inside], [r.label for r in inside]) if inside else None,
        "coverage_at_p95": coverage_at_precision(confident, 0.95) if inside else None,
        "coverage_at_p99": coverage_at_precision(confident, 0.99) if inside else None,
        "oos_auroc": auroc(known, unknown) if both else None,
        "oos_fpr95": false_positive_rate(known, unknown) if both else None,
        "accuracy_with_oos": fmean(row.right_with_oos for row in judged),
        "threshold": model.metrics["scope_threshold"] if model else None,
        "head_share": model.metrics["head_share"] if model else None,
        "metric_helps": model.metrics["metric_helps"] if model else None,
        "fit_s": model.metrics["seconds"] if model else None,
        "p50_ms": median(row.ms for row in judged),
        "n": len(judged),
    }


def _judge(desk: EvaluationDesk, example: Example) -> _Judged:
    started = time.perf_counter()
    vector = desk.embedder.embed([example.text])[0]
    with desk.store.begin(desk.workspace_id) as tx:
        verdict = classify_text(desk.corpora, tx, desk.embedder.model, vector)
    took = (time.perf_counter() - started) * 1000
    # Nothing is automated for a text that is called out of scope.
    confidence = -1.0 if verdict.best_label == OUT_OF_SCOPE else verdict.confidence
    return _Judged(example.label, verdict.best_label, confidence, verdict.in_scope, verdict.out_of_scope, took)
