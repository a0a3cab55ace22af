"""How sure to be, and what to spend: what an administrator decides about the answers of a workspace."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from supportmax.domain.answers import AnsweringSettings
from supportmax.domain.clock import utcnow
from supportmax.ports import Transaction
from supportmax.services.answering.calibrate import in_force


@dataclass(frozen=True, slots=True)
class AnsweringState:
    """The settings with what follows from them: from which confidence on the desk answers, by which calibration."""

    settings: AnsweringSettings
    calibration: str
    threshold: float
    threshold_with_examples: float
    embedding_model: str


def answering_state(tx: Transaction) -> AnsweringState:
    model = tx.embedding.active()
    rules = tx.calibrations.rules_later(model)()
    calibration = in_force(rules)
    return AnsweringState(
        settings=tx.answering_settings.get(),
        calibration=calibration.version,
        threshold=calibration.alone.threshold(rules.wanted_precision),
        threshold_with_examples=calibration.with_examples.threshold(rules.wanted_precision),
        embedding_model=model,
    )


def change_answering(tx: Transaction, changes: Mapping[str, Any], actor: str) -> None:
    """`changes`: fields of AnsweringSettings with their new values; they hold for the next question."""
    before = tx.answering_settings.get()
    after = replace(before, **changes)
    if after == before:
        return
    tx.answering_settings.save(after, utcnow().date())
    tx.audit.add(
        actor, "answering.changed", "workspace", tx.workspace_id, {"before": asdict(before), "after": asdict(after)}
    )
