"""What the vector of a message says beside its topic: is it angry, does it ask for the customer's own things?

Rules know the usual phrases; these two linear classifiers hear the unusual ones. They were fitted on the vectors of the
model that comes with the product (`python -m infra.evaluation.signals`); with another one the rules are alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

FILE = Path(__file__).with_name("signals.json")
Signal = Literal["account", "angry"]


@dataclass(frozen=True, slots=True)
class Head:
    """A linear classifier: the signal is there where `weights` · vector + `bias` reaches `threshold`."""

    weights: list[float]
    bias: float
    threshold: float

    def hears(self, vector: Sequence[float]) -> bool:
        return sum(map(float.__mul__, self.weights, map(float, vector))) + self.bias >= self.threshold


@dataclass(frozen=True, slots=True)
class Heads:
    """What was fitted when, for which embedding model."""

    embedding_model: str
    fitted: str
    heads: dict[Signal, Head]


def hears(signal: Signal, vector: Sequence[float], model: str) -> bool:
    """Whether a message with this unit vector by `model` gives the signal; False for a model that was not fitted."""
    known = shipped()
    return model == known.embedding_model and known.heads[signal].hears(vector)


@cache
def shipped() -> Heads:
    """The classifiers that come with the product."""
    return TypeAdapter(Heads).validate_json(FILE.read_bytes())
