"""Widgets, their visitors and chats."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from supportmax.domain.chats import Chat, ChatSettings, EndedBy, InCharge, NewVisitor, Side, Sighting
from supportmax.domain.widgets import VisitorKey, WidgetKey


class WidgetKeys(Protocol):
    def add(self, key: WidgetKey) -> None: ...
    def get(self, key_id: UUID) -> WidgetKey:
        """Raises NotFound."""

    def list(self, after: UUID | None, limit: int) -> list[WidgetKey]:
        """Newest first, revoked ones too."""

    def change(self, key_id: UUID, name: str, allowed_origins: Sequence[str]) -> None: ...
    def rotate(self, key_id: UUID, key: str, former_until: datetime) -> None:
        """The key until now is good until then."""

    def revoke(self, key_id: UUID) -> bool:
        """False if it was revoked already. Raises NotFound."""

    def note_use(self, key_id: UUID) -> None:
        """Remember the time, to the minute."""


class WidgetOrigins(Protocol):
    """Origins of pages, by the patterns that would allow them (`patterns_of`)."""

    def allowed(self, patterns: Sequence[str]) -> bool:
        """Whether a key of this workspace that is not revoked is for them."""


class Chats(Protocol):
    """Chats as their visitors and agents see them."""

    def get(self, session_id: UUID) -> Chat:
        """Raises NotFound."""

    def of_ticket(self, ticket_id: UUID) -> Chat:
        """Raises NotFound for a ticket that came by another way."""

    def see(
        self, session_id: UUID, token_session: UUID | None, patterns: Sequence[str], after: UUID | None, limit: int
    ) -> Sighting | None:
        """The chat with its messages after that one, by one query; None if the token's holder has none such.

        `token_session` None: only a chat without a token. No `patterns`: the request came from no page.
        """

    def of_token(self, session_id: UUID, patterns: Sequence[str]) -> Sighting | None:
        """The session that a token is of, without its messages."""

    def idle(self, hours: int, limit: int) -> list[UUID]:
        """Chats with a token in which nothing was said for so long, and that have not ended."""

    def of_visitor(self, requester_id: UUID, after: UUID | None, limit: int) -> list[Chat]:
        """A verified visitor's, newest first."""


class ChatStates(Protocol):
    """What visitors and agents do to a chat."""

    def begin(
        self, session_id: UUID, visitor: NewVisitor, widget_key_id: UUID | None, token_hash: bytes, expires_at: datetime
    ) -> None: ...
    def renew(self, session_ids: Sequence[UUID], expires_at: datetime) -> None: ...
    def put_in_charge(self, session_id: UUID, who: InCharge | None) -> None:
        """None: whoever replied last, as the ticket tells."""

    def end(self, session_id: UUID, by: EndedBy) -> bool:
        """False if it has ended already."""

    def claim_transcript(self, session_id: UUID, recipient: str, again_after: timedelta | None) -> bool:
        """False if it was sent already, or within that time. The chat has that address from now on, if it had none."""

    def note(self, session_id: UUID, who: Side, typing: bool | None, read: int | None) -> None:
        """What one side does; None stays. A mark never goes back, and never beyond the last message."""


class ChatSettingsRepository(Protocol):
    def get(self) -> ChatSettings: ...
    def save(self, settings: ChatSettings) -> None: ...


class MessageKeys(Protocol):
    """Which message an Idempotency-Key brought."""

    def remember(self, session_id: UUID, key: str, message_id: UUID) -> None: ...
    def brought_by(self, session_id: UUID, key: str) -> tuple[UUID, UUID | None] | None:
        """The message that the key brought, and the reply to it."""

    def answered(self, session_id: UUID, key: str, reply_id: UUID) -> None:
        """Nothing where the reply was not stored."""


class VisitorKeys(Protocol):
    """Keys by which host sites vouch for visitors."""

    def add(self, key: VisitorKey) -> None:
        """Raises Conflict where the workspace has, or had, one with this `kid`."""

    def get(self, key_id: UUID) -> VisitorKey:
        """Raises NotFound."""

    def active(self, kid: str) -> VisitorKey | None: ...
    def list(self, after: UUID | None, limit: int) -> list[VisitorKey]:
        """Newest first, revoked ones too."""

    def revoke(self, key_id: UUID) -> bool:
        """False if it was revoked already. Raises NotFound."""

    def note_use(self, key_id: UUID) -> None:
        """Remember the time, to the minute."""


class VisitorIdentities(Protocol):
    """Which customer a host site's subject is."""

    def user_of(self, subject: str) -> UUID | None:
        """The subject is locked: nobody else makes a customer of it until this transaction ends."""

    def subject_of(self, user_id: UUID) -> str | None: ...
    def link(self, subject: str, user_id: UUID) -> None: ...
    def add_customer(self, name: str) -> UUID:
        """One without an address."""
