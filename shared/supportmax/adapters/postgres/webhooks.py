"""Webhook endpoints, the deliveries to them, and what a transaction has to tell them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from supportmax.adapters.postgres.delivery import Outbox
from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import NotFound
from supportmax.domain.events import WebhookDue
from supportmax.domain.webhooks import Attempt, Delivery, Endpoint, Happening


class Listeners(Repository):
    """Who wants to hear what happened in this transaction: asked once, when it is about to commit."""

    file = "webhooks"

    def tell(self, happened: Sequence[Happening], outbox: Outbox) -> None:
        """A delivery of each happening to each endpoint that listens to it."""
        wanted = {row["id"]: row["event_types"] for row in self.rows("listeners")}
        deliveries = [
            delivery
            for each in happened
            for delivery in each.deliveries([id_ for id_, types in wanted.items() if not types or each.type in types])
        ]
        WebhookDeliveries(self._connection, self.workspace_id).add(deliveries)
        for delivery in deliveries:
            outbox.add(WebhookDue(delivery_id=delivery.id))


class WebhookEndpoints(Repository):
    file = "webhooks"

    def list(self, after: UUID | None, limit: int) -> list[Endpoint]:
        return self.many(Endpoint, "list_endpoints", after=after, limit=limit)

    def get(self, endpoint_id: UUID) -> Endpoint:
        return self.one(Endpoint, "get_endpoint", id=endpoint_id)

    def lock(self, endpoint_id: UUID) -> Endpoint:
        return self.one(Endpoint, "lock_endpoint", id=endpoint_id)

    def save(self, endpoint: Endpoint) -> None:
        self.send("save_endpoint", **columns(endpoint))

    def delete(self, endpoint_id: UUID) -> None:
        if not self.run("delete_endpoint", id=endpoint_id):
            raise NotFound("No such webhook.")


class WebhookDeliveries(Repository):
    file = "webhooks"

    def add(self, deliveries: Sequence[Delivery]) -> None:
        self.run_many("add_delivery", [columns(delivery) for delivery in deliveries])

    def claim(self, delivery_id: UUID) -> Delivery | None:
        return self.maybe(Delivery, "claim_delivery", id=delivery_id)

    def record(self, delivery: Delivery, attempt: Attempt | None) -> None:
        self.send("record_delivery", **columns(delivery))
        if attempt:
            self.send("add_attempt", **columns(attempt))

    # What the schedule does

    def due(self, until: datetime, queued_before: datetime, limit: int) -> list[UUID]:
        rows = self.rows("due_deliveries", until=until, queued_before=queued_before, limit=limit)
        return [row["id"] for row in rows]

    def rescue(self, claimed_before: datetime) -> int:
        return self.run("rescue_deliveries", claimed_before=claimed_before)

    def prune(self, finished_before: datetime) -> int:
        return self.run("prune_deliveries", finished_before=finished_before)

    # What people look at

    def of_endpoint(self, endpoint_id: UUID, after: UUID | None, limit: int) -> list[Delivery]:
        return self.many(Delivery, "deliveries_of_endpoint", endpoint_id=endpoint_id, after=after, limit=limit)

    def get(self, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
        return self.one(Delivery, "get_delivery", endpoint_id=endpoint_id, id=delivery_id)

    def attempts(self, delivery_id: UUID) -> list[Attempt]:
        return self.many(Attempt, "attempts_of_delivery", delivery_id=delivery_id)
