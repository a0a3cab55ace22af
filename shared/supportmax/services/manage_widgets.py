"""Administrators decide which pages may have the widget."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from supportmax.domain.access import Caller
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Conflict
from supportmax.domain.ids import new_id
from supportmax.domain.widgets import WidgetKey, normal_origin
from supportmax.ports import Transaction
from supportmax.services.opaque_keys import new_opaque_key

WIDGET_PREFIX = "smw_"


def make_widget_key(tx: Transaction, name: str, allowed_origins: Sequence[str], actor: Caller) -> WidgetKey:
    """Raises InvalidInput for what is no origin."""
    key_id = new_id()
    key = WidgetKey(
        id=key_id,
        name=name,
        key=new_opaque_key(WIDGET_PREFIX, tx.workspace_id, key_id),
        former_key=None,
        former_until=None,
        allowed_origins=_normal(allowed_origins),
        created_by=actor.user.id,
        last_used_at=None,
        revoked_at=None,
        created_at=utcnow(),
    )
    tx.widget_keys.add(key)
    detail: dict[str, object] = {"name": name, "allowed_origins": key.allowed_origins}
    tx.audit.add(str(actor.user.id), "widget_key.created", "widget_key", key_id, detail)
    return key


def change_widget_key(
    tx: Transaction, key_id: UUID, name: str | None, allowed_origins: Sequence[str] | None, actor: Caller
) -> WidgetKey:
    """None stays. Raises NotFound, Conflict for a revoked key, InvalidInput for what is no origin."""
    before = _in_force(tx, key_id)
    origins = before.allowed_origins if allowed_origins is None else _normal(allowed_origins)
    after = replace(before, name=name or before.name, allowed_origins=origins)
    if after != before:
        tx.widget_keys.change(key_id, after.name, origins)
        detail: dict[str, object] = {"name": after.name, "allowed_origins": origins}
        tx.audit.add(str(actor.user.id), "widget_key.updated", "widget_key", key_id, detail)
    return after


def rotate_widget_key(tx: Transaction, key_id: UUID, grace: timedelta, actor: Caller) -> WidgetKey:
    """A new key in its place; the one until now is good for `grace`, and chats that it began go on.

    Raises NotFound, Conflict for a revoked key.
    """
    before = _in_force(tx, key_id)
    tx.widget_keys.rotate(key_id, new_opaque_key(WIDGET_PREFIX, tx.workspace_id, before.id), utcnow() + grace)
    tx.audit.add(str(actor.user.id), "widget_key.rotated", "widget_key", key_id, {"grace": str(grace)})
    return tx.widget_keys.get(key_id)


def revoke_widget_key(tx: Transaction, key_id: UUID, actor: Caller) -> None:
    """At once and for good, with the tokens of the chats that it began. Raises NotFound."""
    if tx.widget_keys.revoke(key_id):
        tx.audit.add(str(actor.user.id), "widget_key.revoked", "widget_key", key_id, {})


def _in_force(tx: Transaction, key_id: UUID) -> WidgetKey:
    key = tx.widget_keys.get(key_id)
    if key.revoked_at:
        raise Conflict("The widget key is revoked: make another one.")
    return key


def _normal(allowed_origins: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(normal_origin(origin) for origin in allowed_origins))
