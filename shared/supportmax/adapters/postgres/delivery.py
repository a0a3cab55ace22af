"""What makes effects happen once: outbox and inbox, the record of mails, turns and CRM links."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.database import Connection
from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.answers import Turn
from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message
from supportmax.domain.crm import CaseLink
from supportmax.domain.errors import NotFound
from supportmax.domain.events import EVENTS, Envelope, Event
from supportmax.domain.explanation import RecordedTurn
from supportmax.domain.inbound import InboundMail


class Outbox(Repository):
    """`added` holds this transaction's messages, to be published right after it commits."""

    file = "delivery"

    def __init__(self, connection: Connection, workspace_id: UUID) -> None:
        super().__init__(connection, workspace_id)
        self.added: list[Envelope] = []

    def add(self, event: Event) -> Envelope:
        envelope = Envelope.of(self.workspace_id, event)
        self.send(
            "add",
            id=envelope.id,
            queue=envelope.queue,
            type=event.type,
            payload=Jsonb(event.model_dump(mode="json", exclude={"type"})),
            occurred_at=envelope.occurred_at,
        )
        self.added.append(envelope)
        return envelope

    def claim_due(self, older_than: datetime, limit: int) -> list[Envelope]:
        claimed = [
            Envelope(
                id=row["id"],
                workspace_id=row["workspace_id"],
                occurred_at=row["occurred_at"],
                event=EVENTS.validate_python(row["payload"] | {"type": row["type"]}),
            )
            for row in self.rows("claim_due", older_than=older_than, limit=limit)
        ]
        return sorted(claimed, key=lambda envelope: envelope.id)  # UPDATE … RETURNING keeps no order

    def mark_published(self, ids: Sequence[UUID]) -> None:
        self.send("mark_published", ids=list(ids))


class Inbox(Repository):
    file = "delivery"

    def first_time(self, consumer: str, message_id: UUID) -> bool:
        return self.run("remember", consumer=consumer, id=message_id) == 1

    def prune(self, older_than: datetime) -> int:
        return self.run("prune_processed", older_than=older_than) + self.run("prune_published", older_than=older_than)


class InboundMails(Repository):
    file = "delivery"

    def kept_as(self, fingerprint: str) -> str | None:
        self.send("lock_fingerprint", fingerprint=fingerprint)
        found = self.value("seen_mail", fingerprint=fingerprint)
        return None if found is None else str(found)

    def add(self, mail: InboundMail) -> None:
        self.send("add_mail", **columns(mail))

    def held(self, after: UUID | None, limit: int) -> list[InboundMail]:
        return self.many(InboundMail, "held_mails", after=after, limit=limit)


def _turn_columns(turn: Turn) -> dict[str, Any]:
    documents = {"retrieved": Jsonb(turn.retrieved), "decision": Jsonb(turn.decision)}
    return columns(turn) | columns(turn.usage) | documents


class Turns(Repository):
    file = "delivery"

    def add(self, turn: Turn) -> None:
        self.send("add_turn", **_turn_columns(turn))

    def add_with_reply(self, turn: Turn, reply: Message) -> Callable[[], bool]:
        spoken = {"channel": reply.channel, "reply": reply.body, "replied_at": reply.created_at}
        values = _turn_columns(turn) | spoken | {"message_id": reply.id}
        cursor = self._connection.execute(self._sql("add_turn_with_reply"), self._params(values))
        return lambda: cursor.rowcount == 1

    def recent(self, session_id: UUID, limit: int) -> list[Turn]:
        return self.many(Turn, "recent_turns", session_id=session_id, limit=limit)

    def machine_mails(self, ticket_id: UUID, since: datetime) -> int:
        return int(self.value("machine_mails", ticket_id=ticket_id, since=since))

    def of_message(self, message_id: UUID) -> RecordedTurn:
        found = self.maybe(RecordedTurn, "turn_of_message", message_id=message_id)
        if found is None:
            raise NotFound(f"No decision of the desk belongs to this message: {str(message_id)!r}")
        return found


class CRMLinks(Repository):
    file = "delivery"

    def claim(self, ticket_id: UUID) -> bool:
        return self.run("claim_link", ticket_id=ticket_id) == 1

    def save(self, ticket_id: UUID, link: CaseLink) -> None:
        self.send("save_link", ticket_id=ticket_id, case_id=link.case_id, contact_id=link.contact_id)


class Watermarks(Repository):
    file = "delivery"

    def get(self, name: str) -> datetime | None:
        reached = self.value("watermark", name=name)
        return reached if isinstance(reached, datetime) else None

    def advance(self, name: str, reached: datetime) -> None:
        self.send("advance_watermark", name=name, reached=reached)

    def due(self, name: str, every: timedelta) -> bool:
        now = utcnow()
        return self.run("claim_watermark", name=name, reached=now, before=now - every) == 1
