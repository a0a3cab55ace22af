"""The workspace itself, and the log of who changed what in it."""

import secrets
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field, StringConstraints

from functions.admin.models import Name
from supportmax.domain.access import AuditEntry, AuditFilter
from supportmax.domain.people import Workspace
from supportmax.domain.time_zones import time_zone
from supportmax.runtime.http import Administrator, After, Body, Limit, Tools, cursor, page
from supportmax.runtime.json_types import Moment

router = APIRouter(tags=["Workspace"])


class WorkspaceView(Body):
    """The desk that you are signed in to."""

    id: UUID
    slug: str
    name: str = Field(description="As customers read it.")
    widget_key: str = Field(description="Public: pages with the chat widget send it as `X-Widget-Key`.")
    time_zone: str = Field(description="Of the IANA database. Days and weeks of the metrics are those of this zone.")

    @classmethod
    def of(cls, workspace: Workspace) -> "WorkspaceView":
        return cls(**{name: getattr(workspace, name) for name in cls.model_fields})


class WorkspaceChanges(Body):
    """What to change; a field that is left out stays."""

    name: Name | None = None
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, description="Of the IANA database, such as `Europe/Berlin`."
    )
    new_widget_key: bool = Field(default=False, description="The key until now stops working within a minute.")


class AuditView(Body):
    """Who did what to what."""

    id: UUID
    actor: str = Field(description="A user's id, or `system`.")
    action: str = Field(description="Such as `api_key.created`.")
    subject_kind: str
    subject_id: UUID | None
    detail: dict[str, Any]
    created_at: datetime

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditView":
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class AuditPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    audit_entries: list[AuditView]
    next_cursor: str | None


@router.get("/v1/workspace", summary="Get the workspace")
async def get_workspace(admin: Administrator, tools: Tools) -> WorkspaceView:
    """For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return WorkspaceView.of(tx.workspace.get())


@router.patch("/v1/workspace", summary="Change the workspace")
async def update_workspace(body: WorkspaceChanges, admin: Administrator, tools: Tools) -> WorkspaceView:
    """Its name and time zone, and a new widget key where the old one was abused. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        now = tx.workspace.get()
        key = f"wk_{secrets.token_urlsafe(18)}" if body.new_widget_key else now.widget_key
        zone = time_zone(body.time_zone).key if body.time_zone else now.time_zone
        tx.workspace.change(body.name or now.name, key, zone)
        changed = {"name": body.name or now.name, "time_zone": zone, "new_widget_key": body.new_widget_key}
        tx.audit.add(str(admin.user.id), "workspace.updated", "workspace", now.id, changed)
        return WorkspaceView.of(tx.workspace.get())


async def audit_filter(
    actor: Annotated[str | None, Query(max_length=100, description="A user's id, or `system`.")] = None,
    action: Annotated[str | None, Query(max_length=100, description="Such as `user.updated`.")] = None,
    subject_kind: Annotated[str | None, Query(max_length=100, description="Such as `ticket`.")] = None,
    subject_id: Annotated[UUID | None, Query(description="The id of what was changed.")] = None,
    since: Annotated[Moment | None, Query(description="From this time on.")] = None,
    until: Annotated[Moment | None, Query(description="Before this time.")] = None,
) -> AuditFilter:
    return AuditFilter(
        actor=actor, action=action, subject_kind=subject_kind, subject_id=subject_id, since=since, until=until
    )


@router.get("/v1/audit-entries", summary="List who changed what")
async def list_audit_entries(
    admin: Administrator,
    tools: Tools,
    wanted: Annotated[AuditFilter, Depends(audit_filter)],
    after: After = None,
    limit: Limit = 50,
) -> AuditPage:
    """Newest first. Nothing in it can be changed, not even by the desk itself. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        rows = tx.audit_reader.entries(wanted, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda entry: entry.id)
    return AuditPage(audit_entries=[AuditView.of(entry) for entry in shown], next_cursor=next_cursor)
