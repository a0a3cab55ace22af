"""Administrators say where events are sent, try it, and send again what did not arrive."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Conflict
from supportmax.domain.events import WebhookDue
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.webhooks import BOTH_SECRETS, Delivery, Endpoint, EventType, Happening
from supportmax.ports import Transaction

MOST_ENDPOINTS = 50


@dataclass(frozen=True, slots=True)
class EndpointRequest:
    url: str
    description: str = ""
    event_types: list[EventType] = field(default_factory=list)
    enabled: bool = True


def add_endpoint(tx: Transaction, wanted: EndpointRequest, actor: User) -> Endpoint:
    """Raises Conflict when there are too many: each event of each ticket would be sent to all of them."""
    if len(tx.webhook_endpoints.list(None, MOST_ENDPOINTS)) == MOST_ENDPOINTS:
        raise Conflict(f"A workspace has at most {MOST_ENDPOINTS} webhooks.")
    now = utcnow()
    endpoint = Endpoint(
        id=new_id(),
        url=wanted.url,
        description=wanted.description,
        event_types=sorted(set(wanted.event_types)),
        enabled=wanted.enabled,
        created_at=now,
        updated_at=now,
    )
    return _save(tx, endpoint, actor, "webhook.created", {"url": endpoint.url, "event_types": endpoint.event_types})


def change_endpoint(tx: Transaction, endpoint_id: UUID, changes: Mapping[str, Any], actor: User) -> Endpoint:
    """`changes` by field. One that is switched on again starts with a clean slate. Raises NotFound."""
    before = tx.webhook_endpoints.lock(endpoint_id)
    values = {name: value for name, value in changes.items() if getattr(before, name) != value}
    if not values:
        return before
    if values.get("enabled"):
        values |= {"disabled_because": None, "failing_since": None, "paused_until": None}
    detail = {name: changes[name] for name in values if name in changes}
    return _save(tx, replace(before, **values), actor, "webhook.updated", detail)


def rotate_secret(tx: Transaction, endpoint_id: UUID, actor: User) -> Endpoint:
    """The next secret; the one before stays good for a while. Raises NotFound."""
    before = tx.webhook_endpoints.lock(endpoint_id)
    until = utcnow() + BOTH_SECRETS
    after = replace(before, secret_generation=before.secret_generation + 1, previous_secret_until=until)
    return _save(tx, after, actor, "webhook.secret_rotated", {})


def delete_endpoint(tx: Transaction, endpoint_id: UUID, actor: User) -> None:
    """With its log. Raises NotFound."""
    tx.webhook_endpoints.delete(endpoint_id)
    tx.audit.add(str(actor.id), "webhook.deleted", "webhook", endpoint_id, {})


def ping_endpoint(tx: Transaction, endpoint_id: UUID, actor: User) -> Delivery:
    """A test event, sent once, even to an endpoint that is switched off. Raises NotFound."""
    endpoint = tx.webhook_endpoints.get(endpoint_id)
    (delivery,) = Happening("ping", None, {"webhook_id": endpoint.id}).deliveries([endpoint.id])
    tx.audit.add(str(actor.id), "webhook.pinged", "webhook", endpoint_id, {})
    return _send(tx, delivery)


def replay(tx: Transaction, endpoint_id: UUID, delivery_id: UUID, actor: User) -> Delivery:
    """The same event once more, with the same webhook-id. Raises NotFound, and Conflict where nothing is sent to."""
    if not tx.webhook_endpoints.get(endpoint_id).enabled:
        raise Conflict("The webhook is switched off: switch it on first.")
    before = tx.webhook_deliveries.get(endpoint_id, delivery_id)
    now = utcnow()
    again = replace(before, id=new_id(), state="waiting", attempts=0, created_at=now, finished_at=None)
    detail = {"delivery_id": str(delivery_id)}
    tx.audit.add(str(actor.id), "webhook.replayed", "webhook", endpoint_id, detail)
    return _send(tx, replace(again, next_attempt_at=now))


def _save(tx: Transaction, endpoint: Endpoint, actor: User, action: str, detail: Mapping[str, Any]) -> Endpoint:
    endpoint = replace(endpoint, updated_at=utcnow())
    tx.webhook_endpoints.save(endpoint)
    tx.audit.add(str(actor.id), action, "webhook", endpoint.id, detail)
    return endpoint


def _send(tx: Transaction, delivery: Delivery) -> Delivery:
    tx.webhook_deliveries.add([delivery])
    tx.outbox.add(WebhookDue(delivery_id=delivery.id))
    return delivery
