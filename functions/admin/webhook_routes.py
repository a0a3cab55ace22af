"""Webhooks: where events are sent, and what became of each. For administrators."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field, StringConstraints

from supportmax.domain.errors import InvalidInput, PermanentFailure
from supportmax.domain.ids import parse_id
from supportmax.domain.webhooks import Attempt, Delivery, DeliveryState, DisabledBecause, Endpoint, EventType
from supportmax.runtime.container import Container
from supportmax.runtime.http import Administrator, AdministratorInPerson, After, Body, Limit, Tools, cursor, page
from supportmax.runtime.idempotency import keep_no_answer
from supportmax.services.manage_webhooks import (
    EndpointRequest,
    add_endpoint,
    change_endpoint,
    delete_endpoint,
    ping_endpoint,
    replay,
    rotate_secret,
)
from supportmax.services.webhook_signature import webhook_secret

router = APIRouter(tags=["Webhooks"])
WebhookId = Annotated[str, Path(description="A webhook's id.", json_schema_extra={"format": "uuid"})]
DeliveryId = Annotated[str, Path(description="A delivery's id.", json_schema_extra={"format": "uuid"})]
URL = Annotated[str, StringConstraints(pattern=r"^https?://[^\s#]+$", max_length=2_000)]
Description = Annotated[str, StringConstraints(max_length=200)]
EventTypes = Annotated[list[EventType], Field(max_length=20)]
ALL = "Which events; empty: all, also those that come later."


class NewWebhook(Body):
    """Where events are sent: https, at a public address."""

    url: URL
    description: Description = ""
    event_types: EventTypes = Field(default_factory=list, description=ALL)
    enabled: bool = True


class WebhookChanges(Body):
    """What is left out stays."""

    url: URL | None = None
    description: Description | None = None
    event_types: EventTypes | None = Field(default=None, description=ALL)
    enabled: bool | None = None


class WebhookView(Body):
    """A webhook, without its secret."""

    id: UUID
    url: str
    description: str
    event_types: list[EventType] = Field(description=ALL)
    enabled: bool
    disabled_because: DisabledBecause | None = Field(
        description="`gone`: the receiver answered 410. `failing`: it took nothing for days. Null: a person did it."
    )
    failing_since: datetime | None = Field(description="No attempt has succeeded since then.")
    previous_secret_until: datetime | None = Field(description="Until then both secrets sign.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, endpoint: Endpoint) -> "WebhookView":
        return cls(**{name: getattr(endpoint, name) for name in cls.model_fields})


class WebhookWithSecret(Body):
    """The only time that the secret is shown."""

    secret: str = Field(description="`whsec_…`, for a library of Standard Webhooks.")
    webhook: WebhookView

    @classmethod
    def of(cls, endpoint: Endpoint, tools: Container) -> "WebhookWithSecret":
        secret = webhook_secret(endpoint.id, endpoint.secret_generation, tools.token_secret)
        return cls(secret=secret, webhook=WebhookView.of(endpoint))


class WebhookPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    webhooks: list[WebhookView]
    next_cursor: str | None


class DeliveryView(Body):
    """One event on its way to one webhook."""

    id: UUID
    event_id: str = Field(description="The header `webhook-id`: the same for every attempt, and for replays.")
    event_type: EventType
    ticket_id: UUID | None
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryView":
        return cls(**_shared(delivery))


class AttemptView(Body):
    """One attempt, and how the answer began."""

    started_at: datetime
    duration_ms: int
    status: int | None = Field(description="Null: no answer came.")
    response: str
    problem: str | None = Field(description="Null: it arrived.")

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptView":
        return cls(**{name: getattr(attempt, name) for name in cls.model_fields})


class DeliveryDetail(DeliveryView):
    """With what is sent, to the letter, and every attempt, oldest first."""

    body: str
    attempt_log: list[AttemptView]


class DeliveryPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    deliveries: list[DeliveryView]
    next_cursor: str | None


def _shared(delivery: Delivery) -> dict[str, Any]:
    names = DeliveryView.model_fields.keys() - {"event_id", "next_attempt_at"}
    due = delivery.next_attempt_at if delivery.state == "waiting" else None
    own = {name: getattr(delivery, name) for name in names}
    return own | {"event_id": f"msg_{delivery.event_id}", "next_attempt_at": due}


@router.get("/v1/webhooks", summary="List webhooks")
async def list_webhooks(admin: Administrator, tools: Tools, after: After = None, limit: Limit = 50) -> WebhookPage:
    """Newest first. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        rows = tx.webhook_endpoints.list(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda endpoint: endpoint.id)
    return WebhookPage(webhooks=[WebhookView.of(each) for each in shown], next_cursor=next_cursor)


@router.post(
    "/v1/webhooks",
    status_code=201,
    summary="Add a webhook",
    dependencies=[Depends(keep_no_answer)],
    responses={409: {"description": "There are too many."}},
)
async def create_webhook(body: NewWebhook, admin: AdministratorInPerson, tools: Tools) -> WebhookWithSecret:
    """The secret is shown once. For administrators who are signed in, not for API keys."""
    _check(body.url, tools)
    with tools.store.begin(admin.workspace_id) as tx:
        endpoint = add_endpoint(tx, EndpointRequest(**body.model_dump()), admin.user)
    return WebhookWithSecret.of(endpoint, tools)


@router.get("/v1/webhooks/{webhook_id}", summary="Get a webhook")
async def get_webhook(webhook_id: WebhookId, admin: Administrator, tools: Tools) -> WebhookView:
    """For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return WebhookView.of(tx.webhook_endpoints.get(_id(webhook_id)))


@router.patch("/v1/webhooks/{webhook_id}", summary="Change a webhook")
async def update_webhook(
    webhook_id: WebhookId, body: WebhookChanges, admin: AdministratorInPerson, tools: Tools
) -> WebhookView:
    """Switched on again it starts anew. For administrators who are signed in, not for API keys."""
    changes = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    if "url" in changes:
        _check(changes["url"], tools)
    with tools.store.begin(admin.workspace_id) as tx:
        return WebhookView.of(change_endpoint(tx, _id(webhook_id), changes, admin.user))


@router.delete("/v1/webhooks/{webhook_id}", status_code=204, summary="Remove a webhook")
async def delete_webhook(webhook_id: WebhookId, admin: AdministratorInPerson, tools: Tools) -> None:
    """With its log; what waits is not sent. For administrators who are signed in, not for API keys."""
    with tools.store.begin(admin.workspace_id) as tx:
        delete_endpoint(tx, _id(webhook_id), admin.user)


@router.post(
    "/v1/webhooks/{webhook_id}/rotate-secret",
    summary="Make a new secret",
    dependencies=[Depends(keep_no_answer)],
)
async def rotate_webhook_secret(webhook_id: WebhookId, admin: AdministratorInPerson, tools: Tools) -> WebhookWithSecret:
    """For 24 hours the secret before signs, too. For administrators who are signed in, not for API keys."""
    with tools.store.begin(admin.workspace_id) as tx:
        endpoint = rotate_secret(tx, _id(webhook_id), admin.user)
    return WebhookWithSecret.of(endpoint, tools)


@router.post("/v1/webhooks/{webhook_id}/ping", status_code=202, summary="Send a test event")
async def ping_webhook(webhook_id: WebhookId, admin: Administrator, tools: Tools) -> DeliveryView:
    """An event of the type `ping`, once; the delivery says what came of it. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return DeliveryView.of(ping_endpoint(tx, _id(webhook_id), admin.user))


@router.get("/v1/webhooks/{webhook_id}/deliveries", summary="List a webhook's deliveries")
async def list_webhook_deliveries(
    webhook_id: WebhookId, admin: Administrator, tools: Tools, after: After = None, limit: Limit = 50
) -> DeliveryPage:
    """Newest first, kept for 30 days after they ended. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        endpoint = tx.webhook_endpoints.get(_id(webhook_id))
        rows = tx.webhook_deliveries.of_endpoint(endpoint.id, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda delivery: delivery.id)
    return DeliveryPage(deliveries=[DeliveryView.of(each) for each in shown], next_cursor=next_cursor)


@router.get("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}", summary="Get a delivery")
async def get_webhook_delivery(
    webhook_id: WebhookId, delivery_id: DeliveryId, admin: Administrator, tools: Tools
) -> DeliveryDetail:
    """What was sent, and what each attempt brought. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        delivery = tx.webhook_deliveries.get(_id(webhook_id), parse_id(delivery_id, "delivery"))
        attempts = tx.webhook_deliveries.attempts(delivery.id)
    log = [AttemptView.of(attempt) for attempt in attempts]
    return DeliveryDetail(**_shared(delivery), body=delivery.body, attempt_log=log)


@router.post(
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    summary="Send an event again",
    responses={409: {"description": "The webhook is switched off."}},
)
async def replay_webhook_delivery(
    webhook_id: WebhookId, delivery_id: DeliveryId, admin: Administrator, tools: Tools
) -> DeliveryView:
    """A new delivery of the same event, with the same `webhook-id`. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return DeliveryView.of(replay(tx, _id(webhook_id), parse_id(delivery_id, "delivery"), admin.user))


def _id(webhook_id: str) -> UUID:
    return parse_id(webhook_id, "webhook")


def _check(url: str, tools: Container) -> None:
    try:
        tools.webhook_post.check(url)
    except PermanentFailure as error:
        raise InvalidInput(f"url: {error.message}") from None
