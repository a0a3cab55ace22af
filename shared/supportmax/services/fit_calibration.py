"""Fit the curves that turn scores into chances, on questions whose right articles are known."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from supportmax.domain.calibration import Calibration, Curve, Fit, log_odds
from supportmax.domain.errors import InvalidInput
from supportmax.services.answering.calibrate import Weighed

# In a labelled file unanswerable questions are few. Whatever their number, they count as this share of all.
UNANSWERABLE = 0.2
# Fewer questions than this say nothing certain about 95 %.
ENOUGH = 200
PRECISIONS = (0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
ROUNDS = 50
# Keeps a curve finite where every score of one side is above every score of the other.
RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question scored, and whether that was right. `answerable`: some article answers it."""

    score: float
    right: bool
    choices_score: float
    choices_right: bool
    answerable: bool


@dataclass(frozen=True, slots=True)
class _Point:
    score: float
    right: bool
    weight: float


def outcome(weighed: Weighed, relevant: frozenset[str]) -> Outcome:
    """`relevant`: the external ids or topics that would be right, none if nothing is."""
    right = [bool(relevant & {a.best.external_id, *a.best.topics}) for a in weighed.choices]
    best = bool(relevant) and any(relevant & {a.best.external_id, *a.best.topics} for a in weighed.articles[:1])
    return Outcome(weighed.score, best, weighed.choices_score, any(right), bool(relevant))


def fit_calibration(
    version: str, alone: Sequence[Outcome], with_examples: Sequence[Outcome], enough: int = ENOUGH
) -> Calibration:
    """Raises InvalidInput for too few questions. Without outcomes `with_examples`, the curves of `alone` serve both."""
    fitted = fit(alone, enough)
    return Calibration(version, fitted, fit(with_examples, enough) if with_examples else fitted)


def check_enough(questions: int, enough: int = ENOUGH) -> None:
    """Raises InvalidInput for too few."""
    if questions < enough:
        raise InvalidInput(f"{questions} questions are too few for a calibration: give at least {enough}")


def fit(outcomes: Sequence[Outcome], enough: int = ENOUGH) -> Fit:
    """The curves, and the precision that each confidence reached."""
    check_enough(len(outcomes), enough)
    weights = _weights(outcomes)
    best = [_Point(o.score, o.right, weight) for o, weight in zip(outcomes, weights, strict=True)]
    choices = [_Point(o.choices_score, o.choices_right, weight) for o, weight in zip(outcomes, weights, strict=True)]
    curve = fit_curve(best)
    return Fit(curve, fit_curve(choices), _reached(curve, best))


def _weights(outcomes: Sequence[Outcome]) -> list[float]:
    answerable = sum(outcome.answerable for outcome in outcomes)
    others = len(outcomes) - answerable
    if not answerable or not others:
        return [1.0] * len(outcomes)
    inside, outside = (1 - UNANSWERABLE) / answerable, UNANSWERABLE / others
    return [len(outcomes) * (inside if outcome.answerable else outside) for outcome in outcomes]


def fit_curve(points: Sequence[_Point]) -> Curve:
    """Logistic regression of being right on the log odds of the score, by Newton's method, never a step uphill."""
    if len({point.right for point in points}) < 2:
        raise InvalidInput("all questions came out alike: a calibration needs right and wrong answers")
    intercept, slope = 0.0, 1.0
    for _ in range(ROUNDS):
        step = _newton_step(points, intercept, slope)
        here = _loss(points, intercept, slope)
        while max(map(abs, step)) >= 1e-9 and _loss(points, intercept - step[0], slope - step[1]) > here:
            step = step[0] / 2, step[1] / 2
        intercept, slope = intercept - step[0], slope - step[1]
        if max(map(abs, step)) < 1e-9:
            break
    if slope <= 0:
        raise InvalidInput("higher scores were not right more often: check the labels of the questions")
    return Curve(round(intercept, 4), round(slope, 4))


def _loss(points: Sequence[_Point], intercept: float, slope: float) -> float:
    """What the steps go down: surprise at what was right, and the ridge."""
    total = RIDGE * (slope - 1) ** 2 / 2
    for point in points:
        against = (intercept + slope * log_odds(point.score)) * (-1 if point.right else 1)
        total += point.weight * (max(against, 0.0) + math.log1p(math.exp(-abs(against))))
    return total


def _newton_step(points: Sequence[_Point], intercept: float, slope: float) -> tuple[float, float]:
    """Gradient times inverse Hessian; the ridge pulls the slope towards 1."""
    g0, g1, h00, h01, h11 = 0.0, RIDGE * (slope - 1), RIDGE, 0.0, RIDGE
    for point in points:
        x = log_odds(point.score)
        chance = (1 + math.tanh((intercept + slope * x) / 2)) / 2
        error, spread = point.weight * (chance - point.right), point.weight * chance * (1 - chance)
        g0, g1 = g0 + error, g1 + error * x
        h00, h01, h11 = h00 + spread, h01 + spread * x, h11 + spread * x * x
    determinant = h00 * h11 - h01 * h01
    return (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant


def _reached(curve: Curve, points: Sequence[_Point]) -> tuple[tuple[float, float], ...]:
    """For each precision the lowest confidence from which on it was reached, both rising; what was not, is left out."""
    ordered = sorted(points, key=lambda point: -point.score)
    right = total = 0.0
    lowest: dict[float, float] = {}
    for point in ordered:
        right, total = right + point.weight * point.right, total + point.weight
        for precision in PRECISIONS:
            if right >= precision * total:
                lowest[precision] = curve.chance(point.score)
    return tuple((precision, round(lowest[precision], 4)) for precision in PRECISIONS if precision in lowest)
