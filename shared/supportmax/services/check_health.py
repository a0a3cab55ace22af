"""Whether the desk can work: database, migrations, queues, knowledge."""

from collections.abc import Callable, Mapping
from typing import Any

from supportmax.domain.errors import SupportMaxError
from supportmax.domain.health import Health

Check = Callable[[], Any]


def check_health(checks: Mapping[str, Check]) -> Health:
    """Run every check; one that fails says why and does not stop the others."""
    parts: dict[str, Any] = {}
    ok = True
    for name, check in checks.items():
        try:
            parts[name] = {"ok": True, "detail": check()}
        except SupportMaxError as error:
            ok = False
            parts[name] = {"ok": False, "detail": error.message}
    return Health(ok, parts)
