"""`eval calibrate`: fit confidence to questions whose right articles are known."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from infra.evaluation.answers import Material
from infra.evaluation.desk import EvaluationDesk, Track, silent
from infra.evaluation.files import Query
from supportmax.domain.calibration import Calibration
from supportmax.domain.errors import InvalidInput
from supportmax.services.answering.calibrate import COPIES, EXAMPLES, weigh
from supportmax.services.answering.guard import visible_text
from supportmax.services.answering.retrieve import retrieve
from supportmax.services.fit_calibration import Outcome, fit_calibration, outcome
from supportmax.services.learn_examples import Example

# Confidence has to hold on a desk with few labelled examples as on one with many.
EXAMPLES_A_LABEL = (5, 20, 1_000_000)


def calibrate(desk: EvaluationDesk, material: Material, version: str, track: Track = silent) -> Calibration:
    """Asks every question without labelled examples, then with few and with more of them.

    A question may be one of the examples: then it is judged by the others.
    """
    desk.teach(material.articles, track)
    alone = _observe(desk, material.questions, track)
    with_examples: list[Outcome] = []
    for limit in EXAMPLES_A_LABEL if material.examples else ():
        desk.learn(_first(material.examples, limit), track)
        with_examples += _observe(desk, material.questions, track)
    return fit_calibration(version, alone, with_examples)


def write_calibration(calibration: Calibration, path: Path) -> None:
    """As JSON, the way the product reads it. Raises InvalidInput if the file cannot be written."""
    try:
        path.write_text(json.dumps(asdict(calibration), indent=2) + "\n", "utf-8")
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from None


def _first(examples: Sequence[Example], limit: int) -> list[Example]:
    """The first `limit` of each label; those that are known already change nothing."""
    by_label: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_label[example.label].append(example)
    return [example for rows in by_label.values() for example in rows[:limit]]


def _observe(desk: EvaluationDesk, questions: Sequence[Query], track: Track) -> list[Outcome]:
    return [_outcome(desk, question) for question in track(questions, "asking")]


def _outcome(desk: EvaluationDesk, question: Query) -> Outcome:
    text = visible_text(question.text)
    with desk.store.begin(desk.workspace_id) as tx:
        found = retrieve(tx, desk.embedder, text)
        near = tx.examples.nearest(found.vector, desk.embedder.model, EXAMPLES + COPIES)
    others = [neighbour for neighbour in near if neighbour.text.strip() != text.strip()]
    return outcome(weigh(found.articles, others[:EXAMPLES]), question.relevant)
