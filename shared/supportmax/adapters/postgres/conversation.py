"""Sessions, messages, their delivery and their attachments."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository, TellingRepository, columns
from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Attachment, Delivery, Message, Session
from supportmax.domain.people import normal_email
from supportmax.domain.webhooks import message_created


class Sessions(Repository):
    file = "sessions"

    def add(self, session_id: UUID, requester_id: UUID | None) -> Session:
        session = Session(session_id, requester_id, None, utcnow())
        self.send("add", id=session_id, requester_id=requester_id, created_at=session.created_at)
        return session

    def get(self, session_id: UUID) -> Session:
        return self.one(Session, "get", id=session_id)

    def earlier_ticket(self, session_id: UUID) -> UUID | None:
        found = self.value("earlier_ticket", session_id=session_id)
        return found if isinstance(found, UUID) else None

    def touch(self, session_id: UUID) -> None:
        self.send("touch", id=session_id)


class Messages(TellingRepository):
    file = "messages"

    def add(self, message: Message) -> Message:
        self.send("add", **columns(message))
        self._happened += message_created(message)
        if message.ticket_id:
            self._touched.add(message.ticket_id, message.id)
        return message

    def get(self, message_id: UUID) -> Message:
        return self.one(Message, "get", id=message_id)

    def of_session(self, session_id: UUID, after: UUID | None, limit: int) -> list[Message]:
        return self.many(Message, "of_session", session_id=session_id, after=after, limit=limit)

    def of_ticket(self, ticket_id: UUID, after: UUID | None, limit: int) -> list[Message]:
        return self.many(Message, "of_ticket", ticket_id=ticket_id, after=after, limit=limit)

    def once_of_ticket(self, ticket_id: UUID, after: UUID | None, limit: int) -> list[Message]:
        return self.many(Message, "once_of_ticket", ticket_id=ticket_id, after=after, limit=limit)

    def move(self, ticket_id: UUID, target_id: UUID, ids: Sequence[UUID] | None) -> int:
        self._touched.update((ticket_id, target_id))
        wanted = None if ids is None else list(ids)
        return self.run("move", ticket_id=ticket_id, target_id=target_id, ids=wanted)

    def move_session_to_ticket(self, session_id: UUID, ticket_id: UUID) -> None:
        self._touched.add(ticket_id)
        self.send("move_session_to_ticket", session_id=session_id, ticket_id=ticket_id)

    def find_thread(self, mail_ids: Sequence[str], sender: str) -> UUID | None:
        delivery_ids = [mail_id.strip("<>").partition("@")[0] for mail_id in mail_ids]
        found = self.value(
            "find_thread", mail_ids=list(mail_ids), delivery_ids=delivery_ids, sender=normal_email(sender)
        )
        return found if isinstance(found, UUID) else None


class Deliveries(Repository):
    """Claim, send, record: a crash before the record leaves `sending`, later `unknown`, but never a second mail."""

    file = "messages"

    def claim(self, message_id: UUID) -> Message | None:
        return self.maybe(Message, "claim_delivery", id=message_id)

    def record(
        self, message_id: UUID, state: Delivery, delivery_id: str | None = None, mail_message_id: str | None = None
    ) -> None:
        self.send(
            "record_delivery", id=message_id, state=state, delivery_id=delivery_id, mail_message_id=mail_message_id
        )

    def rescue(self, older_than: datetime) -> list[UUID]:
        return [row["ticket_id"] for row in self.rows("rescue_deliveries", older_than=older_than)]


class Attachments(Repository):
    file = "messages"

    def add(self, attachment: Attachment) -> None:
        self.send("add_attachment", **columns(attachment))

    def get(self, attachment_id: UUID) -> Attachment:
        return self.one(Attachment, "attachment", id=attachment_id)

    def of_messages(self, message_ids: Sequence[UUID]) -> list[Attachment]:
        return self.many(Attachment, "attachments_of", message_ids=list(message_ids))
