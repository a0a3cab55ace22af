"""The verdict on one text: nearest examples, the head beside them, what is out of scope."""

import math
from collections.abc import Sequence
from uuid import uuid4

import numpy as np
import pytest

from supportmax.domain.triage import OUT_OF_SCOPE, Source, StoredVector, describe
from supportmax.services.fit_triage import fit
from supportmax.services.judge_text import judge
from supportmax.services.triage.corpus import Corpus, Known
from supportmax.services.triage.regression import Head, fit_head
from supportmax.services.triage.scope import scope_threshold

Point = tuple[str, float, Source]
ASKED = (1.0, 0.0, 0.0)


def _known(*points: Point) -> Known:
    """Examples as (label, cosine to what is asked, source), each leaning its own way."""
    examples, vectors = [], []
    for turn, (label, cosine, source) in enumerate(points):
        rest, angle = math.sqrt(1 - cosine**2), 2.4 * turn
        examples.append(StoredVector(uuid4(), label, f"{label} {turn}", source))
        vectors.append((cosine, rest * math.cos(angle), rest * math.sin(angle)))
    return Known(1, Corpus(examples, np.array(vectors, dtype=np.float32).reshape(-1, 3)), None)


def test_without_examples_it_is_unsure() -> None:
    verdict = judge(_known(), ASKED)
    assert (verdict.unsure, verdict.best_label, verdict.in_scope) == (True, OUT_OF_SCOPE, 0.0)


def test_the_nearest_label_wins_and_the_others_are_candidates() -> None:
    verdict = judge(_known(("card", 0.9, "import"), ("pin", 0.4, "import")), ASKED)
    assert (verdict.label, verdict.candidates) == ("card", ("card", "pin"))


def test_divided_examples_are_unsure() -> None:
    verdict = judge(_known(("card", 0.8, "import"), ("pin", 0.8, "import")), ASKED)
    assert verdict.unsure
    assert verdict.confidence < 0.05


def test_an_out_of_scope_example_lowers_the_scope() -> None:
    plain = judge(_known(("card", 0.7, "import"), ("pin", 0.6, "import")), ASKED)
    warned = judge(_known(("card", 0.7, "import"), (OUT_OF_SCOPE, 0.6, "import")), ASKED)
    assert warned.in_scope < plain.in_scope
    assert judge(_known((OUT_OF_SCOPE, 0.99, "import")), ASKED).out_of_scope


def test_a_known_text_has_its_label_whatever_is_around_it() -> None:
    around: list[Point] = [("card", 0.98, "import")] * 6
    verdict = judge(_known(("pin", 1.0, "agent"), *around), ASKED)
    assert (verdict.label, verdict.method) == ("pin", "known_text")


def test_a_description_fades_behind_examples() -> None:
    described: Point = ("pin", 0.8, "description")
    alone = judge(_known(described, ("card", 0.5, "import")), ASKED)
    assert alone.label == "pin"
    later = judge(_known(described, ("card", 0.8, "import"), *[("pin", 0.1, "import")] * 8), ASKED)  # type: ignore[arg-type]
    assert later.best_label == "card"


@pytest.mark.parametrize(
    ("name", "text"),
    [("card_lost", "card lost"), ("REFUND_DELAY", "refund delay"), ("changePin", "change pin"), ("a-b c", "a b c")],
)
def test_a_name_is_read_as_words(name: str, text: str) -> None:
    assert describe(name, "") == text
    assert describe(name, " More. ") == f"{text}. More."


def _clouds(labels: Sequence[str], each: int, spread: float) -> Corpus:
    """Labels around corners of a cube."""
    random = np.random.default_rng(7)
    centres = np.eye(max(8, len(labels)), dtype=np.float32)
    examples, vectors = [], []
    for index, label in enumerate(labels):
        for turn in range(each):
            vector = centres[index] + spread * random.standard_normal(len(centres))
            examples.append(StoredVector(uuid4(), label, f"{label} {turn}", "import"))
            vectors.append(vector / np.linalg.norm(vector))
    return Corpus(examples, np.array(vectors, dtype=np.float32))


def test_the_head_learns_and_is_read_back_as_it_was_stored() -> None:
    corpus = _clouds(("a", "b", "c"), 30, 0.3)
    head = fit_head(corpus.labels, corpus.vectors, corpus.label_of)
    chances = head.chances(corpus.vectors)
    assert chances.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (chances.argmax(axis=1) == corpus.label_of).mean() > 0.97
    again = Head.from_bytes(head.labels, head.to_bytes())
    assert again.chances(corpus.vectors) == pytest.approx(chances, abs=1e-6)
    assert again.for_labels(["c", "new", "a"], corpus.vectors)[:, 1].max() == 0


def test_the_fit_is_the_optimum() -> None:
    """More rounds from there change nothing: the gradient is gone."""
    corpus = _clouds(("a", "b", "c"), 20, 0.6)
    once = fit_head(corpus.labels, corpus.vectors, corpus.label_of)
    twice = fit_head(corpus.labels, corpus.vectors, corpus.label_of, start=once)
    assert twice.chances(corpus.vectors) == pytest.approx(once.chances(corpus.vectors), abs=0.01)


def test_a_mislabelled_example_is_found_and_labels_are_judged() -> None:
    corpus = _clouds(("a", "b", "c"), 20, 0.1)
    wrong = StoredVector(uuid4(), "b", "really an a", "import")
    spoilt = Corpus([*corpus.examples, wrong], np.vstack([corpus.vectors, corpus.vectors[:5].mean(0, keepdims=True)]))
    metrics = fit(spoilt, "model", "fingerprint").metrics
    report = metrics["report"]
    assert report["suspects"][0]["text"] == "really an a"
    assert report["suspects"][0]["looks_like"] == "a"
    assert report["confusions"] == [{"label": "b", "taken_for": "a", "count": 1}]
    assert report["labels"][-1] == {"label": "c", "precision": 1.0, "recall": 1.0, "examples": 20}
    assert metrics["measured_on"] == 61


def test_where_out_of_scope_begins() -> None:
    scope = np.linspace(0, 1, 101, dtype=np.float32)
    inside, outside = np.ones(101, dtype=bool), np.zeros(101, dtype=bool)
    assert scope_threshold(scope, inside, outside) == pytest.approx(0.1)
    known = scope < 0.3
    assert scope_threshold(scope, ~known, known) == pytest.approx(0.3, abs=0.011)
    assert scope_threshold(scope, outside, outside) == -math.inf
