"""Fit the regression head and the metric, find out whether they help, report how good triage is. On the schedule."""

import hashlib
import time
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.ids import new_id
from supportmax.domain.triage import TriageModel
from supportmax.ports import Embedder, Store
from supportmax.services.describe_labels import describe_labels
from supportmax.services.triage.corpus import Corpus, read_corpus
from supportmax.services.triage.measure import fit_metric_in_scope, measure
from supportmax.services.triage.regression import Head, fit_head
from supportmax.services.triage.report import report

# With less there is nothing to learn that the nearest examples do not say.
ENOUGH_EXAMPLES = 20
HEAD_SECONDS = 30.0
# Another way of fitting is another model, also on the same examples.
METHOD = "2"


def fit_triage(embedder: Embedder, store: Store, workspace_id: UUID) -> TriageModel | None:
    """None when the examples are those of the last time, or too few."""
    describe_labels(embedder, store, workspace_id)
    with store.begin(workspace_id) as tx:
        corpus = read_corpus(tx, embedder.model)
        _, newest = tx.triage_models.state(embedder.model)
        before = tx.triage_models.get(newest) if newest else None
    fingerprint = _fingerprint(corpus)
    known = before is not None and before.fingerprint == fingerprint
    if known or not len(corpus) or corpus.is_real.sum() < ENOUGH_EXAMPLES or len(corpus.labels) < 2:
        return None
    model = fit(corpus, embedder.model, fingerprint, before)
    with store.begin(workspace_id) as tx:
        tx.triage_models.add(model)
    return model


def fit(corpus: Corpus, embedding_model: str, fingerprint: str, before: TriageModel | None = None) -> TriageModel:
    """Measured on examples that the measured head had not seen; then fitted to all, from where that one ended."""
    started = time.monotonic()
    start = Head.from_bytes(before.labels, before.weights) if before else None
    measured, partial = measure(corpus, start, HEAD_SECONDS)
    head = fit_head(corpus.labels, corpus.vectors, corpus.label_of, partial, HEAD_SECONDS)
    metric = fit_metric_in_scope(corpus) if measured["metric_helps"] else None
    metrics = measured | {"report": report(corpus), "seconds": round(time.monotonic() - started, 2)}
    return TriageModel(
        id=new_id(),
        embedding_model=embedding_model,
        labels=head.labels,
        weights=head.to_bytes(),
        metric=metric.to_bytes() if metric else None,
        fingerprint=fingerprint,
        metrics=metrics,
        created_at=utcnow(),
    )


def _fingerprint(corpus: Corpus) -> str:
    """Of the examples that count, and of the way they are learnt."""
    said = "\n".join([METHOD, *(f"{example.id} {example.label}" for example in corpus.examples)])
    return hashlib.sha256(said.encode()).hexdigest()
