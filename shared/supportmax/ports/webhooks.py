"""Webhook endpoints, their deliveries, and the way out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from supportmax.domain.webhooks import Attempt, Delivery, Endpoint


class WebhookEndpoints(Protocol):
    def list(self, after: UUID | None, limit: int) -> list[Endpoint]:
        """Newest first."""

    def get(self, endpoint_id: UUID) -> Endpoint:
        """Raises NotFound."""

    def lock(self, endpoint_id: UUID) -> Endpoint:
        """The same, held until the transaction ends."""

    def save(self, endpoint: Endpoint) -> None:
        """New, or instead of what was."""

    def delete(self, endpoint_id: UUID) -> None:
        """With its deliveries. Raises NotFound."""


class WebhookDeliveries(Protocol):
    """Claim, send, record."""

    def add(self, deliveries: Sequence[Delivery]) -> None: ...
    def claim(self, delivery_id: UUID) -> Delivery | None:
        """The delivery, now `sending` and with one attempt more; None if it is not its time, or somebody has it."""

    def record(self, delivery: Delivery, attempt: Attempt | None) -> None:
        """State and next attempt as they are in `delivery`, and what happened in `attempt`."""


class WebhookSchedule(Protocol):
    def due(self, until: datetime, queued_before: datetime, limit: int) -> list[UUID]:
        """Waiting deliveries whose time has come and which no queue has had since then; now one has."""

    def rescue(self, claimed_before: datetime) -> int:
        """Whoever sent them died: nobody knows what came of it. Waiting again; returns how many."""

    def prune(self, finished_before: datetime) -> int: ...


class WebhookLog(Protocol):
    def of_endpoint(self, endpoint_id: UUID, after: UUID | None, limit: int) -> list[Delivery]:
        """Newest first."""

    def get(self, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
        """Raises NotFound."""

    def attempts(self, delivery_id: UUID) -> list[Attempt]:
        """Oldest first."""


class WebhookDeliveryRepository(WebhookDeliveries, WebhookSchedule, WebhookLog, Protocol):
    """Deliveries, their schedule and their log."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver answers: `body` is how it begins, `headers` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class WebhookPost(Protocol):
    def check(self, url: str) -> str:
        """The URL's host. Raises PermanentFailure unless the URL may be called."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Raises PermanentFailure for an address that may not be called, TransientFailure without an answer."""
