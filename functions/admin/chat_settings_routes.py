"""How chats are kept: when somebody is there, what is said when nobody is, when a silent chat ends."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from supportmax.domain.chats import ChatSettings
from supportmax.runtime.http import Administrator, Body, Tools
from supportmax.services.tell_hours import save_chat_settings

router = APIRouter(tags=["Widget"])


class ChatSettingsBody(Body):
    """A field that is left out is as at the beginning."""

    business_hours_id: UUID | None = Field(default=None, description="Null: somebody is always there.")
    away_message: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)] | None = Field(
        default=None, description="Said outside of the hours, where `{opens}` is when somebody is there again."
    )
    idle_hours: int = Field(default=168, ge=1, le=168, description="A chat ends so long after its last message.")

    @classmethod
    def of(cls, settings: ChatSettings) -> "ChatSettingsBody":
        return cls(**{name: getattr(settings, name) for name in cls.model_fields})


@router.get("/v1/chat-settings", summary="Get the settings of chats")
async def get_chat_settings(admin: Administrator, tools: Tools) -> ChatSettingsBody:
    """For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return ChatSettingsBody.of(tx.chat_settings.get())


@router.put("/v1/chat-settings", summary="Set the settings of chats")
async def set_chat_settings(body: ChatSettingsBody, admin: Administrator, tools: Tools) -> ChatSettingsBody:
    """All of them. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        save_chat_settings(tx, ChatSettings(**body.model_dump()), admin.user)
    return body
