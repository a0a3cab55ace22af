"""Outgoing webhooks: who listens to what, what is told, and when it is tried again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message
from supportmax.domain.ids import new_id
from supportmax.domain.tickets import Ticket

EventType = Literal[
    "ticket.created",
    "ticket.updated",
    "ticket.solved",
    "ticket.deleted",
    "ticket.restored",
    "ticket.merged",
    "message.created",
    "ping",
]
DeliveryState = Literal["waiting", "sending", "delivered", "failed", "cancelled"]
DisabledBecause = Literal["gone", "failing"]

# The form of `data`; it counts up when a field changes its meaning or goes, not when one comes.
PAYLOAD_VERSION = 1
BODY_LIMIT = 20_000  # characters of a message
# From one attempt to the next. The first is made at once; the last comes about 45 hours after it.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1_440))
LONGEST_RETRY_AFTER = timedelta(hours=1)
# A receiver that does not answer at all costs one attempt in this time, whatever waits for it.
PAUSE = timedelta(minutes=1)
# How long the secret before stays good after a rotation.
BOTH_SECRETS = timedelta(hours=24)

_BY_EVENT_KIND: dict[str, EventType] = {
    "deleted": "ticket.deleted",
    "restored": "ticket.restored",
    "merged": "ticket.merged",
}
_SHOWN = (
    "id", "number", "subject", "status", "priority", "type", "category", "tags", "channel", "language",
    "requester_id", "assignee_id", "group_id", "custom_fields", "version", "created_at", "updated_at",
    "first_response_at", "solved_at", "snoozed_until", "merged_into_id", "deleted_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where events are sent. Empty `event_types`: all of them.

    Secrets are not stored: they follow from the desk's own one, the endpoint's id and `secret_generation`.
    """

    id: UUID
    url: str
    description: str
    event_types: list[str]
    enabled: bool = True
    disabled_because: DisabledBecause | None = None
    secret_generation: int = 1
    previous_secret_until: datetime | None = None
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one endpoint. `body` is what is signed and sent, to the letter."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event_type: EventType
    ticket_id: UUID | None
    body: str
    state: DeliveryState = "waiting"
    attempts: int = 0
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try. `status` is None where no answer came; `problem` says why it counts as failed, None: it does not."""

    id: UUID
    delivery_id: UUID
    started_at: datetime
    duration_ms: int
    status: int | None
    response: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that endpoints may want to hear of. `data` can be written as JSON."""

    type: EventType
    ticket_id: UUID | None
    data: Mapping[str, Any]

    def deliveries(self, endpoint_ids: Sequence[UUID]) -> list[Delivery]:
        """The same event, with the same id, for each endpoint."""
        event_id, now = new_id(), utcnow()
        document = {"type": self.type, "timestamp": now, "version": PAYLOAD_VERSION, "data": self.data}
        body = json.dumps(document, default=_plain, ensure_ascii=False, separators=(",", ":"))
        return [
            Delivery(
                id=new_id(),
                endpoint_id=endpoint_id,
                event_id=event_id,
                event_type=self.type,
                ticket_id=self.ticket_id,
                body=body,
                next_attempt_at=now,
                created_at=now,
            )
            for endpoint_id in endpoint_ids
        ]


def ticket_created(ticket: Ticket) -> list[Happening]:
    return [Happening("ticket.created", ticket.id, {"ticket": _shown(ticket)})]


def ticket_changed(ticket: Ticket, kind: str, fields: Sequence[str]) -> list[Happening]:
    """`kind` is that of the ticket's event. One that becomes solved is told twice: as a change, and as what it is."""
    data = {"ticket": _shown(ticket), "changed": sorted(set(fields) & {*_SHOWN})}
    told = [Happening(_BY_EVENT_KIND.get(kind, "ticket.updated"), ticket.id, data)]
    if "status" in fields and ticket.status == "solved":
        told.append(Happening("ticket.solved", ticket.id, data))
    return told


def message_created(message: Message) -> list[Happening]:
    """Of a ticket's message; what is only said in a chat is nobody else's business."""
    if message.ticket_id is None:
        return []
    shown = {
        name: getattr(message, name)
        for name in ("id", "ticket_id", "author_kind", "author_id", "visibility", "channel", "subject", "created_at")
    }
    body, cut = message.body[:BODY_LIMIT], len(message.body) > BODY_LIMIT
    return [Happening("message.created", message.ticket_id, {"message": shown | {"body": body, "body_is_cut": cut}})]


def wait_after(attempts: int) -> timedelta | None:
    """How long after so many attempts the next one is made; None: never."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None


def _shown(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in _SHOWN}


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
