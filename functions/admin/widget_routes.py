"""The keys of chat widgets: which pages may have one."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints

from functions.admin.models import Name
from supportmax.domain.ids import parse_id
from supportmax.domain.widgets import WidgetKey
from supportmax.runtime.http import Administrator, After, Body, Limit, Responses, Tools, cursor, page
from supportmax.services.manage_widgets import (
    change_widget_key,
    make_widget_key,
    revoke_widget_key,
    rotate_widget_key,
)

router = APIRouter(tags=["Widget"])
KeyId = Annotated[str, Path(description="A widget key's id.", json_schema_extra={"format": "uuid"})]
Origin = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Origins = Annotated[list[Origin], Field(min_length=1, max_length=50)]
ORIGINS = (
    "Such as `https://shop.example.com`, or `https://*.example.com` for every subdomain, but not example.com itself."
)
REVOKED: Responses = {409: {"description": "The key is revoked."}}


class NewWidgetKey(Body):
    """Which pages may begin chats with it."""

    name: Name
    allowed_origins: Origins = Field(description=ORIGINS)


class WidgetKeyChanges(Body):
    """What to change; a field that is left out stays."""

    name: Name | None = None
    allowed_origins: Origins | None = Field(default=None, description=ORIGINS)


class Rotation(Body):
    """How long the key until now stays good, for pages that are cached."""

    grace_hours: int = Field(default=24, ge=0, le=168)


class WidgetKeyView(Body):
    """A widget key. It is public: everybody can read it in the page."""

    id: UUID
    name: str
    key: str = Field(description="Pages send it as `X-Widget-Key`.")
    former_until: datetime | None = Field(description="Until then the key before it is good, too.")
    allowed_origins: list[str]
    created_by: UUID | None
    created_at: datetime
    last_used_at: datetime | None = Field(description="When it last began a chat, to the minute.")
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: WidgetKey) -> "WidgetKeyView":
        return cls(**{name: getattr(key, name) for name in cls.model_fields})


class WidgetKeyPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    widget_keys: list[WidgetKeyView]
    next_cursor: str | None


@router.post("/v1/widget-keys", status_code=201, summary="Make a widget key")
async def create_widget_key(body: NewWidgetKey, admin: Administrator, tools: Tools) -> WidgetKeyView:
    """For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return WidgetKeyView.of(make_widget_key(tx, body.name, body.allowed_origins, admin))


@router.get("/v1/widget-keys", summary="List widget keys")
async def list_widget_keys(admin: Administrator, tools: Tools, after: After = None, limit: Limit = 50) -> WidgetKeyPage:
    """Newest first, revoked ones too. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        rows = tx.widget_keys.list(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda key: key.id)
    return WidgetKeyPage(widget_keys=[WidgetKeyView.of(key) for key in shown], next_cursor=next_cursor)


@router.patch("/v1/widget-keys/{widget_key_id}", summary="Change a widget key", responses=REVOKED)
async def update_widget_key(
    widget_key_id: KeyId, body: WidgetKeyChanges, admin: Administrator, tools: Tools
) -> WidgetKeyView:
    """Origins that are left out of the list are refused at once, running chats too. For administrators."""
    wanted = parse_id(widget_key_id, "widget key")
    with tools.store.begin(admin.workspace_id) as tx:
        return WidgetKeyView.of(change_widget_key(tx, wanted, body.name, body.allowed_origins, admin))


@router.post("/v1/widget-keys/{widget_key_id}/rotate", summary="Rotate a widget key", responses=REVOKED)
async def replace_widget_key(widget_key_id: KeyId, body: Rotation, admin: Administrator, tools: Tools) -> WidgetKeyView:
    """A new key in its place. Chats that the former one began go on. For administrators."""
    wanted = parse_id(widget_key_id, "widget key")
    with tools.store.begin(admin.workspace_id) as tx:
        return WidgetKeyView.of(rotate_widget_key(tx, wanted, timedelta(hours=body.grace_hours), admin))


@router.delete("/v1/widget-keys/{widget_key_id}", status_code=204, summary="Revoke a widget key")
async def delete_widget_key(widget_key_id: KeyId, admin: Administrator, tools: Tools) -> None:
    """At once and for good, with the tokens of its chats; it stays in the list. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        revoke_widget_key(tx, parse_id(widget_key_id, "widget key"), admin)
