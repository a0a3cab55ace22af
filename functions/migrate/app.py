"""Custom resource: on every deploy the database gets the newest schema, the runtime role and the first workspace."""

import json
import logging
import urllib.request
from pathlib import Path
from typing import Any

from supportmax.adapters.postgres import migrations
from supportmax.domain.errors import SupportMaxError
from supportmax.domain.ids import new_id
from supportmax.runtime import secret_values
from supportmax.runtime.container import Container, get
from supportmax.runtime.logs import log, private_errors, redact
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace

FOLDER = Path(__file__).resolve().parents[2] / "infra" / "migrations"


@private_errors
def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """CloudFormation waits for the answer at ResponseURL; whatever happens, it gets one."""
    try:
        data = migrate(get()) if event.get("RequestType") != "Delete" else {}
        status, reason = "SUCCESS", ""
    except Exception as error:  # an unanswered custom resource blocks the stack for an hour
        log(logging.ERROR, "migration failed", error=f"{type(error).__name__}: {error}")
        message = error.message if isinstance(error, SupportMaxError) else f"{type(error).__name__}: {error}"
        data, status, reason = {}, "FAILED", redact(message)[:500]
    if "ResponseURL" in event:
        _answer(event, status, reason, data)
    return {"status": status, **data}


def migrate(tools: Container) -> dict[str, str]:
    """What the stack shows as outputs: schema version, workspace, widget key."""
    s = tools.settings
    owner = secret_values.database_url(
        s.migration_database_url, s.migration_database_secret_arn, "MIGRATION_DATABASE_URL"
    )
    runtime = secret_values.database_url(s.database_url, s.database_secret_arn, "DATABASE_URL")
    applied = migrations.apply(owner, FOLDER)
    migrations.set_runtime_password(owner, runtime)
    setup = WorkspaceSetup(s.default_workspace, s.workspace_name, s.admin_email, s.admin_password.get_secret_value())
    workspace = prepare_workspace(tools.store, setup, new_id())
    log(logging.INFO, "migrated", applied=applied, schema=migrations.SCHEMA_VERSION)
    return {
        "SchemaVersion": migrations.SCHEMA_VERSION,
        "WorkspaceId": str(workspace.id),
        "WidgetKey": workspace.widget_key,
    }


def _answer(event: dict[str, Any], status: str, reason: str, data: dict[str, str]) -> None:
    body = {
        "Status": status,
        "Reason": reason,
        "PhysicalResourceId": event.get("PhysicalResourceId") or "supportmax-migration",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": data,
    }
    request = urllib.request.Request(
        event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=10):
        pass
