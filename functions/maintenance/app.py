"""Every minute: publish what was left in the outbox, rescue, forget, count."""

import logging
from typing import Any

from supportmax.runtime.container import get
from supportmax.runtime.emf import emit
from supportmax.runtime.logs import log, private_errors
from supportmax.services.maintain import maintain


@private_errors
def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    tools = get()
    done = maintain(tools.store, tools.queues, tools.settings.api_url)
    log(logging.INFO, "maintenance", **done)
    emit("QueuedMessages", done["waiting"])
    emit("QueueAge", done["oldest_seconds"], "Seconds")
    return done
