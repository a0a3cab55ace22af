"""Salesforce: queue `crm-sync` pushes tickets as cases, the schedule brings changed cases back."""

import logging
from typing import Any

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container, get
from supportmax.runtime.logs import log, private_errors
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.sync_crm import pull_cases, push_ticket


def consume(tools: Container, envelope: Envelope) -> None:
    if tools.settings.salesforce_enabled:
        push_ticket(tools.crm, tools.store, envelope)


_from_queue = queue_handler(consume, "TicketChanged")


@private_errors
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An event with Records is from the queue; any other is the schedule's tick."""
    if "Records" in event:
        return _from_queue(event, context)
    tools = get()
    if not tools.settings.salesforce_enabled:
        return {"changed": 0}
    changed = sum(pull_cases(tools.crm, tools.store, workspace) for workspace in tools.store.all_workspaces())
    log(logging.INFO, "cases pulled", changed=changed)
    return {"changed": changed}
