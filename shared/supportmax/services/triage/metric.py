"""What counts as alike in this workspace: a linear map of the vectors, learnt from its examples on the schedule.

The embedding model knows what is alike in general. After the map, examples of one label are nearer to each other than
to the rest. It helps most where a label has few examples; whether it does is measured on examples it has not seen.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Places = NDArray[np.int64]

# Chosen by cross-validation on training files: docs/triage.md. More steps would fit these examples alone.
STEPS = 100
BATCH = 128
RATE = 5e-4
CENTRE_RATE = 1e-3
DROPOUT = 0.3
SHARPNESS = 12.0


@dataclass(frozen=True, slots=True)
class Metric:
    """`change`: dimensions x dimensions, what is added to the identity."""

    change: "Floats"

    def turn(self, vectors: "Floats") -> "Floats":
        """The vectors (in the last axis) as this metric sees them, of unit length again."""
        return _unit(vectors + vectors @ self.change)[0]

    def to_bytes(self) -> bytes:
        """Little-endian 4-byte floats, row by row."""
        return self.change.astype("<f4").tobytes()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Metric":
        import numpy as np

        flat = np.frombuffer(packed, dtype="<f4")
        return cls(flat.reshape(round(len(flat) ** 0.5), -1).astype(np.float32, copy=False))


def fit_metric(vectors: "Floats", label_of: "Places") -> Metric:
    """Softmax regression on the cosines between mapped examples and a centre for each label, stopped early.

    By Adam (Kingma and Ba 2015) with dropout; always the same for the same examples. With less than two labels there is
    nothing to tell apart: no change.
    """
    import numpy as np

    random = np.random.default_rng(0)
    change = np.zeros((vectors.shape[1],) * 2, dtype=np.float32)
    labels, own = np.unique(label_of, return_inverse=True)
    if len(labels) < 2:
        return Metric(change)
    centres = np.zeros((len(labels), vectors.shape[1]), dtype=np.float32)
    np.add.at(centres, own, vectors)
    centres = _unit(centres)[0]
    steps = _Adam(RATE, change.shape), _Adam(CENTRE_RATE, centres.shape)
    rounds = -(-STEPS * BATCH // len(vectors))
    order = np.concatenate([random.permutation(len(vectors)) for _ in range(rounds)])
    for step in range(STEPS):
        batch = order[step * BATCH : (step + 1) * BATCH]
        kept = random.random((len(batch), vectors.shape[1]), dtype=np.float32) >= DROPOUT
        gradients = _gradients(change, centres, vectors[batch] * kept / np.float32(1 - DROPOUT), own[batch])
        change = change - steps[0].of(gradients[0])
        centres = centres - steps[1].of(gradients[1])
    return Metric(change)


def _gradients(change: "Floats", centres: "Floats", vectors: "Floats", label_of: "Places") -> "tuple[Floats, Floats]":
    """Of the mean cross-entropy, with respect to the map and to the centres."""
    import numpy as np

    turned, lengths = _unit(vectors + vectors @ change)
    aims, radii = _unit(centres)
    logits = SHARPNESS * turned @ aims.T
    error = np.exp(logits - logits.max(axis=1, keepdims=True))
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(vectors)), label_of] -= 1
    error *= SHARPNESS / len(vectors)
    return vectors.T @ _across(error @ aims, turned, lengths), _across(error.T @ turned, aims, radii)


def _across(pull: "Floats", unit: "Floats", lengths: "Floats") -> "Floats":
    """The gradient before scaling to unit length, from the one after it."""
    moved: Floats = (pull - unit * (unit * pull).sum(axis=1, keepdims=True)) / lengths
    return moved


def _unit(vectors: "Floats") -> "tuple[Floats, Floats]":
    """The vectors at unit length, and how long they were."""
    import numpy as np

    lengths = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-9))
    return vectors / lengths, lengths


class _Adam:
    """The steps for one array of parameters; they shrink evenly to nothing at the last of `STEPS`."""

    def __init__(self, rate: float, shape: tuple[int, ...]) -> None:
        import numpy as np

        self._rate = rate
        self._mean, self._square = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        self._taken = 0

    def of(self, gradient: "Floats") -> "Floats":
        import numpy as np

        rate = self._rate * (1 - self._taken / STEPS)
        self._taken += 1
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.999 * self._square + 0.001 * gradient**2
        mean, square = self._mean / (1 - 0.9**self._taken), self._square / (1 - 0.999**self._taken)
        step: Floats = np.float32(rate) * mean / (np.sqrt(square) + np.float32(1e-8))
        return step
