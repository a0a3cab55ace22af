"""The classifier that is fitted to the neighbours of one text."""

from supportmax.domain.triage import Neighbour
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
