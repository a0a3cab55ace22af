"""A chance must come true as often as it says."""

import math
import random

import pytest

from supportmax.domain.calibration import Curve, log_odds
from supportmax.domain.errors import InvalidInput
from supportmax.services.fit_calibration import Outcome, fit, fit_calibration

QUESTIONS = 4_000


def _outcomes(curve: Curve, unanswerable: float = 0.0) -> list[Outcome]:
    """Questions whose scores are right as often as `curve` says."""
    dice = random.Random(7)
    made = []
    for _ in range(QUESTIONS):
        score, answerable = dice.random(), dice.random() >= unanswerable
        right = answerable and dice.random() < curve.chance(score)
        made.append(Outcome(score, right, score, right, answerable))
    return made


def test_the_fit_finds_the_curve_behind_the_outcomes() -> None:
    behind = Curve(0.8, 1.7)
    found = fit(_outcomes(behind)).best
    assert found.intercept == pytest.approx(behind.intercept, abs=0.15)
    assert found.slope == pytest.approx(behind.slope, abs=0.15)


def test_answers_above_the_threshold_are_right_as_often_as_was_wanted() -> None:
    behind = Curve(0.8, 1.7)
    fitted = fit(_outcomes(behind))
    for wanted in (0.85, 0.9, 0.95):
        threshold = fitted.threshold(wanted)
        answered = [o for o in _outcomes(behind) if fitted.best.chance(o.score) >= threshold]
        assert sum(o.right for o in answered) / len(answered) >= wanted
        assert len(answered) > QUESTIONS / 10


def test_a_higher_wish_never_lowers_the_threshold() -> None:
    fitted = fit(_outcomes(Curve(0.8, 1.7)))
    thresholds = [fitted.threshold(wanted / 1000) for wanted in range(500, 1001)]
    assert thresholds == sorted(thresholds)
    assert thresholds[-1] == 1


def test_unanswerable_questions_weigh_the_same_however_few_were_labelled() -> None:
    few, many = (fit(_outcomes(Curve(1.5, 1.5), share)).best.chance(0.5) for share in (0.05, 0.4))
    assert few == pytest.approx(many, abs=0.05)


@pytest.mark.parametrize("right", [True, False])
def test_outcomes_that_are_all_alike_teach_nothing(right: bool) -> None:
    alike = [Outcome(n / 300, right, n / 300, right, True) for n in range(300)]
    with pytest.raises(InvalidInput, match="right and wrong"):
        fit_calibration("1", alike, [])


def test_scores_that_mislead_are_refused() -> None:
    misleading = [Outcome(n / 300, n < 150, n / 300, n < 150, True) for n in range(300)]
    with pytest.raises(InvalidInput, match="labels"):
        fit_calibration("1", misleading, [])


def test_a_few_confident_mistakes_do_not_lead_the_fit_astray() -> None:
    """Newton's method alone steps over the hill here, ever further."""
    made = [Outcome(0.999, True, 0.999, True, True)] * 50 + [Outcome(0.2, False, 0.2, False, True)] * 20
    found = fit([*made, *[Outcome(0.99, False, 0.99, False, True)] * 90], enough=100).best
    assert found.chance(0.999) > 0.9
    assert found.chance(0.99) < 0.1


def test_log_odds_are_finite_at_the_ends() -> None:
    assert math.isfinite(log_odds(0.0)) and math.isfinite(log_odds(1.0))
