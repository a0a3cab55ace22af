"""How sure a workspace wants to be, and the calibrations fitted to its own questions."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from supportmax.adapters.postgres.repository import Repository
from supportmax.domain.calibration import Calibration, Rules
from supportmax.domain.errors import NotFound
from supportmax.domain.ids import new_id
from supportmax.ports.pending import Pending

_CALIBRATION: TypeAdapter[Calibration | None] = TypeAdapter(Calibration | None)


class Calibrations(Repository):
    file = "calibration"

    def rules_later(self, model: str) -> Pending[Rules]:
        rows = self.later("rules", model=model)

        def read() -> Rules:
            if not (found := rows()):
                raise NotFound("No such workspace.")
            return Rules(found[0]["wanted_precision"], _CALIBRATION.validate_python(found[0]["parameters"]), model)

        return read

    def newest(self, model: str) -> datetime | None:
        found: datetime | None = self.value("newest", model=model)
        return found

    def add(self, calibration: Calibration, model: str, metrics: Mapping[str, Any]) -> None:
        self.send(
            "add",
            id=new_id(),
            version=calibration.version,
            model=model,
            parameters=Jsonb(asdict(calibration)),
            metrics=Jsonb(dict(metrics)),
        )
