"""`eval triage`: how well labelled examples classify other texts, and notice those that belong nowhere."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from infra.evaluation.desk import EvaluationDesk, Track, silent
from infra.evaluation.metrics import auroc, coverage_at_precision, false_positive_rate, macro_f1
from supportmax.domain.triage import OUT_OF_SCOPE, Verdict
from supportmax.services.classify_ticket import classify_text
from supportmax.services.learn_examples import Example


@dataclass(frozen=True, slots=True)
class _Judged:
    truth: str
    verdict: Verdict
    ms: float

    @property
    def right(self) -> bool:
        return self.verdict.best_label == self.truth

    @property
    def confidence(self) -> float:
        """Nothing is automated for a text that is called out of scope."""
        return -1.0 if self.verdict.best_label == OUT_OF_SCOPE else self.verdict.confidence


def evaluate_triage(
    desk: EvaluationDesk, train: Sequence[Example], test: Sequence[Example], track: Track = silent
) -> dict[str, float | int | None]:
    """Teaches `train`, judges `test` one by one. The figures about out of scope are None without such rows."""
    desk.learn(train, track)
    judged = [_judge(desk, example) for example in track(test, "judging texts")]
    inside = [row for row in judged if row.truth != OUT_OF_SCOPE]
    outside = [row for row in judged if row.truth == OUT_OF_SCOPE]
    known, unknown = ([row.verdict.in_scope for row in rows] for rows in (inside, outside))
    confident = [(row.confidence, row.right) for row in inside]
    both = bool(inside and outside)
    return {
        "accuracy": fmean(row.right for row in inside) if inside else None,
        "macro_f1": macro_f1([r.truth for r in inside], [r.verdict.best_label for r in inside]) if inside else None,
        "coverage_at_p95": coverage_at_precision(confident, 0.95) if inside else None,
        "coverage_at_p99": coverage_at_precision(confident, 0.99) if inside else None,
        "oos_auroc": auroc(known, unknown) if both else None,
        "oos_fpr95": false_positive_rate(known, unknown) if both else None,
        "p50_ms": median(row.ms for row in judged),
        "n": len(judged),
    }


def _judge(desk: EvaluationDesk, example: Example) -> _Judged:
    started = time.perf_counter()
    vector = desk.embedder.embed([example.text])[0]
    with desk.store.begin(desk.workspace_id) as tx:
        verdict = classify_text(tx, desk.embedder.model, vector)
    return _Judged(example.label, verdict, (time.perf_counter() - started) * 1000)
