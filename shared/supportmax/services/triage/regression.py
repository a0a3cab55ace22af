"""Softmax regression on the vectors of all examples, fitted on the schedule: numpy only, by L-BFGS.

What it is for: it sees all examples of a label at once, where the local fit sees those around one text.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PENALTY = 1 / 30  # the inverse of scikit-learn's C
ROUNDS = 150
MEMORY = 10
ENOUGH = 1e-5  # relative progress below which it is done


@dataclass(frozen=True, slots=True)
class Head:
    """`weights`: dimensions + 1 rows, the last one the bias; a column for each of `labels`."""

    labels: list[str]
    weights: "Floats"

    def chances(self, vectors: "Floats") -> "Floats":
        """Texts x labels, each row adds up to 1."""
        return _softmax(vectors @ self.weights[:-1] + self.weights[-1])

    def for_labels(self, labels: list[str], vectors: "Floats") -> "Floats":
        """The chances in another order of labels; 0 for one that the head has not seen."""
        import numpy as np

        place = {label: index for index, label in enumerate(self.labels)}
        chances = np.hstack([self.chances(vectors), np.zeros((len(vectors), 1), dtype=np.float32)])
        return chances[:, [place.get(label, -1) for label in labels]]

    def to_bytes(self) -> bytes:
        """Little-endian 4-byte floats, row by row."""
        return self.weights.astype("<f4").tobytes()

    @classmethod
    def from_bytes(cls, labels: list[str], packed: bytes) -> "Head":
        import numpy as np

        return cls(labels, np.frombuffer(packed, dtype="<f4").reshape(-1, len(labels)).astype(np.float32))


def fit_head(
    labels: list[str], vectors: "Floats", label_of: "NDArray[np.int64]", start: Head | None = None, seconds: float = 30
) -> Head:
    """Stops after `seconds` with the best so far. `start`: where to begin, a head for an earlier set of examples."""
    import numpy as np

    inputs = np.hstack([vectors, np.ones((len(vectors), 1), dtype=np.float32)])
    begin = np.zeros((inputs.shape[1], len(labels)), dtype=np.float32)
    if start is not None and len(start.weights) == len(begin):
        place = {label: index for index, label in enumerate(start.labels)}
        for index, label in enumerate(labels):
            if label in place:
                begin[:, index] = start.weights[:, place[label]]
    rows = np.arange(len(inputs))

    def loss(flat: "Floats") -> "tuple[float, Floats]":
        weights = flat.reshape(begin.shape)
        logits = inputs @ weights
        logits -= logits.max(axis=1, keepdims=True)
        chances = np.exp(logits)
        total = chances.sum(axis=1, keepdims=True)
        value = float(np.log(total).sum() - logits[rows, label_of].sum() + PENALTY / 2 * (weights[:-1] ** 2).sum())
        chances /= total
        chances[rows, label_of] -= 1
        gradient = inputs.T @ chances
        gradient[:-1] += PENALTY * weights[:-1]
        return value, gradient.ravel()

    return Head(labels, _minimise(loss, begin.ravel(), time.monotonic() + seconds).reshape(begin.shape))


def _minimise(loss: "Callable[[Floats], tuple[float, Floats]]", x: "Floats", until: float) -> "Floats":
    """L-BFGS with a backtracking line search (Nocedal and Wright, Numerical Optimization, chapter 7)."""
    import numpy as np

    steps: list[tuple[Floats, Floats]] = []
    value, gradient = loss(x)
    for _ in range(ROUNDS):
        direction = -_times_inverse_hessian(gradient, steps)
        slope, length = float(gradient @ direction), 1.0
        while True:
            moved = x + np.float32(length) * direction
            new_value, new_gradient = loss(moved)
            if new_value <= value + 1e-4 * length * slope or length < 1e-6:
                break
            length /= 2
        if new_value > value:
            return x
        step, change = moved - x, new_gradient - gradient
        if float(step @ change) > 1e-10:
            steps = [*steps[1 - MEMORY :], (step, change)]
        done = value - new_value < ENOUGH * abs(value)
        x, value, gradient = moved, new_value, new_gradient
        if done or time.monotonic() > until:
            break
    return x


def _times_inverse_hessian(gradient: "Floats", steps: "list[tuple[Floats, Floats]]") -> "Floats":
    import numpy as np

    result, shares = gradient.copy(), []
    for step, change in reversed(steps):
        share = (step @ result) / (change @ step)
        shares.append(share)
        result -= share * change
    if steps:
        step, change = steps[-1]
        result *= (step @ change) / (change @ change)
    else:
        result /= max(1.0, float(np.linalg.norm(gradient)))
    for (step, change), share in zip(steps, reversed(shares), strict=True):
        result += step * (share - (change @ result) / (change @ step))
    return result


def _softmax(logits: "Floats") -> "Floats":
    import numpy as np

    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    scaled: Floats = chances / chances.sum(axis=1, keepdims=True)
    return scaled
