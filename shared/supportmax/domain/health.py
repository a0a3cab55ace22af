"""Whether the desk can work."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Health:
    """The state of what the desk stands on; `ok` only if all parts are."""

    ok: bool
    parts: dict[str, Any] = field(default_factory=dict)
