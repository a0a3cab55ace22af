"""What a raw score is worth: the chance that an answer is right, and how sure to be for a wanted precision."""

import math
from dataclasses import dataclass
from itertools import pairwise

from supportmax.domain.embedding import LOCAL_MODEL

# Of the mistakes that a workspace allows, this share is planned for. The rest is kept for what a calibration gets wrong
# on questions unlike those it was fitted to.
PLANNED_MISTAKES = 2 / 3
# A score of exactly 0 or 1 has no log odds.
EDGE = 0.001


@dataclass(frozen=True, slots=True)
class Curve:
    """Log odds of being right = intercept + slope * log odds of the score (Platt scaling)."""

    intercept: float
    slope: float

    def chance(self, score: float) -> float:
        """The chance (0 to 1) that what scored this is right."""
        return 1 / (1 + math.exp(-self.intercept - self.slope * log_odds(score)))


@dataclass(frozen=True, slots=True)
class Fit:
    """`best`: for the best article. `choices`: for the two or three best together.

    `reached`: pairs (precision, confidence), both rising: those at least so confident were right so often, when it was
    fitted.
    """

    best: Curve
    choices: Curve
    reached: tuple[tuple[float, float], ...]

    def threshold(self, wanted: float) -> float:
        """The confidence from which to answer, so that of all answers at least the share `wanted` is right."""
        aim = 1 - (1 - wanted) * PLANNED_MISTAKES
        points = [*self.reached, (1.0, 1.0)]
        if aim <= points[0][0]:
            return points[0][1]
        low, high = next(pair for pair in pairwise(points) if aim <= pair[1][0])
        return low[1] + (high[1] - low[1]) * (aim - low[0]) / (high[0] - low[0])


@dataclass(frozen=True, slots=True)
class Calibration:
    """`alone`: where only the articles speak. `with_examples`: where labelled examples of their topics join in."""

    version: str
    alone: Fit
    with_examples: Fit


@dataclass(frozen=True, slots=True)
class Rules:
    """What a workspace decides by. Without a calibration of its own the shipped one is used, if it is for `model`."""

    wanted_precision: float
    own: Calibration | None
    model: str = LOCAL_MODEL


def log_odds(score: float) -> float:
    """Of a share between 0 and 1, kept away from the infinities at both ends."""
    inside = min(1 - EDGE, max(EDGE, score))
    return math.log(inside / (1 - inside))
