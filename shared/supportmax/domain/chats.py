"""A chat in a widget: who is there, who answers, and what has been read."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

VisitorKind = Literal["anonymous", "claimed", "verified"]
InCharge = Literal["assistant", "agent"]
Side = Literal["visitor", "agent"]
EndedBy = Literal["visitor", "agent", "inactivity"]
# A chat, and its token, lasts so long after its visitor was last there.
LASTS = timedelta(days=7)
# Renewing it at every look would write at every look.
RENEWED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewVisitor:
    """Who begins a chat. Only a `verified` one has a `requester_id`; a claimed one's name and address are just said."""

    kind: VisitorKind = "anonymous"
    name: str | None = None
    email: str | None = None
    requester_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What a workspace decides about its chats. No `business_hours_id`: somebody is always there."""

    business_hours_id: UUID | None = None
    away_message: str | None = None
    idle_hours: int = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A session as its visitor and the agents see it.

    `visitor` is None where there is no token (`POST /chat`). `news` counts what a reader may not have seen.
    `visitor_read` and `agent_read` are positions of messages.
    """

    id: UUID
    requester_id: UUID | None
    visitor: VisitorKind | None
    visitor_name: str | None
    visitor_email: str | None
    ticket_id: UUID | None
    in_charge: InCharge
    news: int
    visitor_typing: bool
    agent_typing: bool
    visitor_read: int
    agent_read: int
    expires_at: datetime | None
    ended_at: datetime | None
    ended_by: EndedBy | None
    last_active_at: datetime
    created_at: datetime

    @property
    def version(self) -> str:
        """Changes with everything that a reader can see of it."""
        typing = f"{self.visitor_typing:d}{self.agent_typing:d}"
        return f"{self.news}.{typing}.{self.in_charge[1]}.{self.ticket_id is not None:d}{self.ended_at is not None:d}"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message as a visitor sees it. `position` is its place in the order of the chat; 0 in old ones."""

    id: UUID
    author_kind: Literal["customer", "agent", "assistant", "system"]
    body: str
    created_at: datetime
    position: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A chat as the holder of a token finds it, with what tells whether the token and the page's origin are good.

    `origin_allowed` is None where the workspace's own key began the chat: that one names no origins.
    """

    chat: Chat
    token_hash: bytes | None
    alive: bool
    origin_allowed: bool | None
    messages: list[ChatMessage] = field(default_factory=list)
