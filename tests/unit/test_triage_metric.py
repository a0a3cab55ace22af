"""What counts as alike, learnt from examples."""

from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest

from supportmax.domain.triage import StoredVector
from supportmax.services.fit_triage import fit
from supportmax.services.judge_text import judge
from supportmax.services.triage.corpus import Corpus, Known
from supportmax.services.triage.fitting import local_scores, nearest
from supportmax.services.triage.metric import Metric, fit_metric

LABELS = "abcdefghij"
SIZE = 100


def _corpus(each: int, seed: int, drowned: float = 0.3) -> Corpus:
    """What tells the labels apart is drowned by what does not matter: it varies in twenty dimensions."""
    random = np.random.default_rng(seed)
    examples, vectors = [], []
    for index, label in enumerate(LABELS):
        for turn in range(each):
            vector = 0.02 * random.standard_normal(SIZE)
            vector[index] += 0.4
            vector[10:30] += drowned * random.standard_normal(20)
            examples.append(StoredVector(uuid4(), label, f"{label} {turn}", "import"))
            vectors.append(vector / np.linalg.norm(vector))
    return Corpus(examples, np.array(vectors, dtype=np.float32))


def _right(known: Corpus, asked: Corpus, metric: Metric | None) -> float:
    near = nearest(known, asked.vectors @ known.vectors.T, 128)
    return float((local_scores(known, asked.vectors, near, metric).argmax(1) == asked.label_of).mean())


def test_unseen_texts_are_judged_better_by_it() -> None:
    known, asked = _corpus(12, 1), _corpus(100, 2)
    metric = fit_metric(known.vectors, known.label_of)
    assert _right(known, asked, metric) > _right(known, asked, None) + 0.03
    assert np.linalg.norm(metric.turn(asked.vectors), axis=1) == pytest.approx(1, abs=1e-5)


def test_it_is_the_same_again_and_as_it_was_stored() -> None:
    known = _corpus(5, 1)
    metric = fit_metric(known.vectors, known.label_of)
    assert (Metric.from_bytes(metric.to_bytes()).change == metric.change).all()
    assert (fit_metric(known.vectors, known.label_of).change == metric.change).all()


def test_it_learns_nothing_where_nothing_is_to_be_told_apart() -> None:
    vectors = _corpus(3, 1).vectors
    assert not fit_metric(vectors, np.full(len(vectors), 3)).change.any()
    assert not fit_metric(vectors[:0], np.zeros(0, dtype=np.int64)).change.any()


def test_it_is_kept_only_where_it_helps() -> None:
    assert fit(_corpus(12, 1), "model", "fingerprint").metric
    assert fit(_corpus(12, 1, drowned=0.0), "model", "fingerprint").metric is None


def test_it_takes_part_in_the_verdict_and_a_model_without_one_still_judges() -> None:
    known, asked = _corpus(12, 1), _corpus(1, 2)
    model = fit(known, "model", "fingerprint")
    vector = asked.vectors[0].tolist()
    with_it, without = (judge(Known(1, known, one), vector) for one in (model, replace(model, metric=None)))
    assert with_it.confidence != without.confidence
