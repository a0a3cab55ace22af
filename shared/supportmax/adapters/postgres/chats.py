"""Chats of widgets, what happens to them, and the keys that keep their messages from being stored twice."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.chats import Chat, ChatMessage, ChatSettings, EndedBy, InCharge, NewVisitor, Side, Sighting

_CHAT = [field.name for field in fields(Chat)]


class Chats(Repository):
    file = "chats"

    def get(self, session_id: UUID) -> Chat:
        return self.one(Chat, "get", id=session_id)

    def of_ticket(self, ticket_id: UUID) -> Chat:
        return self.one(Chat, "of_ticket", ticket_id=ticket_id)

    def see(
        self, session_id: UUID, token_session: UUID | None, patterns: Sequence[str], after: UUID | None, limit: int
    ) -> Sighting | None:
        rows = self.rows(
            "see", id=session_id, token_session=token_session, patterns=list(patterns), after=after, limit=limit
        )
        return _sighting(rows[0]) if rows else None

    def of_token(self, session_id: UUID, patterns: Sequence[str]) -> Sighting | None:
        rows = self.rows("of_token", id=session_id, patterns=list(patterns))
        return _sighting(rows[0]) if rows else None

    def idle(self, hours: int, limit: int) -> list[UUID]:
        return [row["id"] for row in self.rows("idle", hours=hours, limit=limit)]

    def of_visitor(self, requester_id: UUID, after: UUID | None, limit: int) -> list[Chat]:
        return self.many(Chat, "of_visitor", requester_id=requester_id, after=after, limit=limit)


class ChatStates(Repository):
    file = "chats"

    def begin(
        self, session_id: UUID, visitor: NewVisitor, widget_key_id: UUID | None, token_hash: bytes, expires_at: datetime
    ) -> None:
        self.send(
            "begin",
            id=session_id,
            requester_id=visitor.requester_id,
            kind=visitor.kind,
            name=visitor.name,
            email=visitor.email,
            widget_key_id=widget_key_id,
            token_hash=token_hash,
            expires_at=expires_at,
        )

    def renew(self, session_ids: Sequence[UUID], expires_at: datetime) -> None:
        self.send("renew", ids=list(session_ids), expires_at=expires_at)

    def put_in_charge(self, session_id: UUID, who: InCharge | None) -> None:
        self.send("put_in_charge", id=session_id, who=who)

    def end(self, session_id: UUID, by: EndedBy) -> bool:
        return self.run("end", id=session_id, ended_by=by) == 1

    def claim_transcript(self, session_id: UUID, recipient: str, again_after: timedelta | None) -> bool:
        return self.run("claim_transcript", id=session_id, recipient=recipient, again_after=again_after) == 1

    def note(self, session_id: UUID, who: Side, typing: bool | None, read: int | None) -> None:
        self.send("note_visitor" if who == "visitor" else "note_agent", id=session_id, typing=typing, read=read)


class ChatSettingsOfWorkspace(Repository):
    file = "chats"

    def get(self) -> ChatSettings:
        return self.maybe(ChatSettings, "settings") or ChatSettings()

    def save(self, settings: ChatSettings) -> None:
        self.send("save_settings", **columns(settings))


class MessageKeys(Repository):
    file = "chats"

    def remember(self, session_id: UUID, key: str, message_id: UUID) -> None:
        self.send("remember", session_id=session_id, key=key, message_id=message_id)

    def brought_by(self, session_id: UUID, key: str) -> tuple[UUID, UUID | None] | None:
        rows = self.rows("brought_by", session_id=session_id, key=key)
        return (rows[0]["message_id"], rows[0]["reply_id"]) if rows else None

    def answered(self, session_id: UUID, key: str, reply_id: UUID) -> None:
        self.send("answered", session_id=session_id, key=key, reply_id=reply_id)


def _sighting(row: Mapping[str, Any]) -> Sighting:
    chat = Chat(**{name: row[name] for name in _CHAT})
    said = [_message(found) for found in row.get("messages", [])]
    token_hash = None if row["token_hash"] is None else bytes(row["token_hash"])
    return Sighting(chat, token_hash, row["alive"], row["origin_allowed"], said)


def _message(found: dict[str, Any]) -> ChatMessage:
    """From JSON, in which ids and times are texts."""
    made = {"id": UUID(found["id"]), "created_at": datetime.fromisoformat(found["created_at"])}
    return ChatMessage(**(found | made))
