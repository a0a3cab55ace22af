"""How sure to be before answering."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from supportmax.domain.answers import AnsweringSettings
from supportmax.domain.calibration import Calibration, Rules
from supportmax.ports.pending import Pending


class CalibrationRepository(Protocol):
    """The workspace's wish, and what was fitted to its own questions."""

    def rules_later(self, model: str) -> Pending[Rules]:
        """The wanted precision and the newest own calibration for vectors of `model`."""

    def newest(self, model: str) -> datetime | None:
        """When the newest own calibration for vectors of `model` was made."""

    def add(self, calibration: Calibration, model: str, metrics: Mapping[str, Any]) -> None:
        """It is in force from now on."""


class AnsweringSettingsRepository(Protocol):
    def get(self) -> AnsweringSettings: ...
    def save(self, wanted: AnsweringSettings, today: date) -> None:
        """From now on. `today` may be warned of again: another budget has a warning of its own."""
