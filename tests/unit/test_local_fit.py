"""The classifier that is fitted to the neighbours of one text."""

from supportmax.domain.triage import OUT_OF_SCOPE, Neighbour
from supportmax.services.judge_text import judge
from supportmax.services.local_fit import label_scores


def _at(label: str, similarity: float, *vector: float) -> Neighbour:
    return Neighbour(label, label, similarity, vector)


def test_the_label_of_the_nearest_example_wins_and_a_far_text_scores_low() -> None:
    near = label_scores([_at("card", 0.95, 1, 0), _at("pin", 0.3, 0, 1)])
    assert next(iter(near)) == "card"
    assert near["card"] > 0.6
    far = label_scores([_at("card", 0.2, 1, 0), _at("pin", 0.1, 0, 1)])
    assert max(far.values()) < 0.1


def test_copies_of_one_sentence_are_one_piece_of_evidence() -> None:
    """A plain vote would give it to the copies."""
    copies = [_at("copied", 0.7, 1, 0, 0)] * 5
    apart = [_at("apart", 0.7, 0, 1, 0), _at("apart", 0.69, 0, 0, 1)]
    assert next(iter(label_scores([*copies, *apart]))) == "apart"


def test_no_neighbours() -> None:
    assert label_scores([]) == {}
    verdict = judge([])
    assert (verdict.unsure, verdict.best_label, verdict.in_scope) == (True, OUT_OF_SCOPE, 0.0)


def test_divided_neighbours_are_unsure() -> None:
    verdict = judge([_at("card", 0.8, 1, 0), _at("pin", 0.8, 0, 1)])
    assert verdict.unsure
    assert verdict.confidence < 0.01


def test_an_out_of_scope_example_lowers_the_scope() -> None:
    plain = judge([_at("card", 0.7, 1, 0), _at("pin", 0.6, 0, 1)])
    warned = judge([_at("card", 0.7, 1, 0), _at(OUT_OF_SCOPE, 0.6, 0, 1)])
    assert warned.in_scope < plain.in_scope
    assert judge([_at(OUT_OF_SCOPE, 0.99, 1, 0)]).unsure
