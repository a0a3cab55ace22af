"""Fit the classifiers that hear anger, and questions about the customer's own things.

    python -m infra.evaluation.signals FOLDER

FOLDER holds banking77_train.csv, clinc150_train.csv and hint3_curekart_train.csv (`text,label`). Written phrases are in
`infra/evaluation/sets`.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.evaluation.desk import BulkEmbedder
from infra.evaluation.files import read_examples
from infra.local import paths
from supportmax.services.answering.signals import FILE, Head, Heads, Signal

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SETS = Path(__file__).with_name("sets")
FILES = ("banking77_train.csv", "clinc150_train.csv", "hint3_curekart_train.csv")
# Labels under which people ask for something that only their account knows.
OWN = frozenset(
    [
        "order_status",
        "application_status",
        "balance",
        "bill_balance",
        "rewards_balance",
        "pto_balance",
        "pto_request_status",
        "payday",
        "income",
        "transactions",
        "spending_history",
        "credit_score",
        "bill_due",
        "min_payment",
        "pto_used",
        "last_maintenance",
        "ORDER_STATUS",
        "DELAY_IN_PARCEL",
    ]
)
# Labels that hold both kinds of questions teach neither.
MIXED = frozenset(
    [
        "confirm_reservation",
        "flight_status",
        "REFUNDS_RETURNS_REPLACEMENTS",
        "ORDER_QUERY",
        "oos",
        "lost_luggage",
        "report_fraud",
        "expiration_date",
        "interest_rate",
        "apr",
        "account_blocked",
        "timer",
        "current_location",
        "calendar",
        "credit_limit",
        "routing",
    ]
)
# The log-odds from which a message counts: few calm or general ones may.
THRESHOLDS: dict[Signal, float] = {"account": 1.1, "angry": 0.85}
# A written phrase is worth so many of the collected ones, and all wanted ones so much of the whole.
WRITTEN_WEIGHT = 5.0
WANTED_SHARE = 0.25
PENALTY = 1e-4
STEPS = 400
RATE = 0.1

Row = tuple[str, bool, float]


def rows(signal: Signal, folder: Path) -> Iterator[Row]:
    """Text, whether the signal is in it, and its weight."""
    for name in FILES:
        for example in read_examples(folder / name):
            if signal == "angry" or name == FILES[0] or example.label not in MIXED:
                yield example.text, signal == "account" and example.label in OWN, 1.0
    for line in (SETS / f"{signal}.txt").read_text("utf-8").splitlines():
        yield line[2:], line.startswith("+ "), WRITTEN_WEIGHT


def fit(vectors: "Array", wanted: "Array", weights: "Array") -> tuple[list[float], float]:
    """Weights and bias: logistic regression by Adam, the wanted side weighted up to its share."""
    import numpy as np

    share = np.where(wanted, WANTED_SHARE / (weights @ wanted), (1 - WANTED_SHARE) / (weights @ ~wanted)) * weights
    inputs = np.hstack([vectors, np.ones((len(vectors), 1))])
    solution, mean, square = (np.zeros(inputs.shape[1]) for _ in range(3))
    for step in range(1, STEPS + 1):
        chance = 1 / (1 + np.exp(-inputs @ solution))
        slope = inputs.T @ (share * (chance - wanted)) + PENALTY * np.append(solution[:-1], 0)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        solution -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return [round(float(w), 3) for w in solution[:-1]], round(float(solution[-1]), 3)


def main(folder: Path) -> None:
    """Writes the classifiers beside the service that uses them."""
    import numpy as np

    embedder = BulkEmbedder(paths.ROOT / "infra" / "layers" / "embedder" / "model")
    heads: dict[Signal, Head] = {}
    signals: tuple[Signal, ...] = ("account", "angry")
    for signal in signals:
        texts, wanted, weights = zip(*rows(signal, folder), strict=True)
        fitted = fit(np.array(embedder.embed(texts)), np.array(wanted), np.array(weights))
        heads[signal] = Head(*fitted, THRESHOLDS[signal])
    shipped = Heads(embedder.model, f"{datetime.now(UTC):%Y-%m-%d}", heads)
    FILE.write_text(json.dumps(asdict(shipped)) + "\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
