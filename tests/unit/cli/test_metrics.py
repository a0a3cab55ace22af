"""The figures, on cases that can be worked out by hand."""

import pytest

from infra.evaluation.metrics import (
    auroc,
    coverage_at_precision,
    false_positive_rate,
    macro_f1,
    ndcg,
    reciprocal_rank,
)


def test_macro_f1_counts_each_label_the_same() -> None:
    # a: 2 of 3 found, nothing wrong called a: F1 = 4/5. b: found, and once called wrongly: 2/3.
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "b", "b"]) == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_coverage_is_the_largest_share_at_the_precision() -> None:
    rows = [(0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.5, False)]
    assert coverage_at_precision(rows, 0.75) == 4 / 5
    assert coverage_at_precision(rows, 0.95) == 1 / 5
    assert coverage_at_precision([(0.9, False)], 0.95) == 0


def test_no_threshold_lies_between_equal_confidences() -> None:
    assert coverage_at_precision([(0.9, True), (0.9, False)], 0.95) == 0


def test_auroc() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1
    assert auroc([0.1, 0.2], [0.9, 0.8]) == 0
    assert auroc([0.5, 0.9], [0.5, 0.1]) == pytest.approx((0.5 + 1 + 1 + 1) / 4)


def test_false_positive_rate_at_the_threshold_that_accepts_enough() -> None:
    inside = [float(n) for n in range(20)]  # 95 % of twenty pass a threshold of 1
    assert false_positive_rate(inside, [0.0, 1.0, 5.0, -3.0]) == 0.5


def test_ranks() -> None:
    assert reciprocal_rank(["a", "b", "c"], {"b"}, 10) == 0.5
    assert reciprocal_rank(["a", "b", "c"], {"c"}, 2) == 0
    assert ndcg(["a", "b"], {"a", "b"}, 10) == 1
    assert ndcg(["x", "a"], {"a"}, 10) == pytest.approx(0.63093, abs=1e-5)
