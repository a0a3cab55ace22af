"""Sessions, messages and their deliveries, attachments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from supportmax.domain.conversation import Attachment, Delivery, Message, Session
from supportmax.domain.inbound import InboundMail


class SessionRepository(Protocol):
    def add(self, session_id: UUID, requester_id: UUID | None) -> Session: ...
    def get(self, session_id: UUID) -> Session:
        """Raises NotFound."""

    def earlier_ticket(self, session_id: UUID) -> UUID | None:
        """The last ticket that came of it, even if that is closed."""

    def touch(self, session_id: UUID) -> None:
        """Note that it is alive."""


class MessageReader(Protocol):
    def get(self, message_id: UUID) -> Message:
        """Raises NotFound."""

    def of_session(self, session_id: UUID, after: UUID | None, limit: int) -> list[Message]:
        """Public messages, oldest first."""

    def of_ticket(self, ticket_id: UUID, after: UUID | None, limit: int) -> list[Message]:
        """All messages, oldest first."""

    def once_of_ticket(self, ticket_id: UUID, after: UUID | None, limit: int) -> list[Message]:
        """What was said in a ticket before it was merged, oldest first."""


class MessageWriter(Protocol):
    def add(self, message: Message) -> Message: ...
    def move(self, ticket_id: UUID, target_id: UUID, ids: Sequence[UUID] | None) -> int:
        """The ticket's messages (all, or those named) belong to another one; returns how many. They remember where they
        were first."""

    def move_session_to_ticket(self, session_id: UUID, ticket_id: UUID) -> None:
        """The chat so far becomes part of the ticket."""

    def find_thread(self, mail_ids: Sequence[str], sender: str) -> UUID | None:
        """The ticket that knows one of these Message-IDs and in which `sender` takes part."""


class MessageRepository(MessageReader, MessageWriter, Protocol):
    """Messages of the workspace."""


class Deliveries(Protocol):
    def claim(self, message_id: UUID) -> Message | None:
        """Take a queued message for sending; None if another has it, or had it."""

    def record(
        self, message_id: UUID, state: Delivery, delivery_id: str | None = None, mail_message_id: str | None = None
    ) -> None:
        """What became of it; `mail_message_id` if the provider gave it another Message-ID."""

    def rescue(self, older_than: datetime) -> list[UUID]:
        """Messages left in `sending` since before then become `unknown`; returns their tickets."""


class AttachmentRepository(Protocol):
    def add(self, attachment: Attachment) -> None: ...
    def get(self, attachment_id: UUID) -> Attachment:
        """Raises NotFound."""

    def of_messages(self, message_ids: Sequence[UUID]) -> list[Attachment]: ...


class InboundMailRepository(Protocol):
    def kept_as(self, fingerprint: str) -> str | None:
        """The object of this mail if it was dealt with; others of the same fingerprint wait for this transaction."""

    def add(self, mail: InboundMail) -> None: ...
    def held(self, after: UUID | None, limit: int) -> list[InboundMail]:
        """Suspended and quarantined mail, newest first."""
