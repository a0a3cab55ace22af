"""What whoever is signed in is told, and how they want to hear of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from supportmax.domain.notifications import KINDS, NoticeKind, Preference, with_defaults
from supportmax.runtime.http import Body, SignedIn, Tools

router = APIRouter(tags=["People"])


class ReadBody(Body):
    """Which notifications were read."""

    ids: Annotated[list[UUID], Field(max_length=1_000)] | None = Field(
        default=None, description="Those of yours; null: all."
    )


class PreferenceBody(Body):
    """How you hear of one kind of thing."""

    kind: NoticeKind
    in_app: bool
    mail: bool

    @classmethod
    def of(cls, wanted: Preference) -> "PreferenceBody":
        return cls(kind=wanted.kind, in_app=wanted.in_app, mail=wanted.mail)


class PreferencesBody(Body):
    """Kinds that are left out stay as they are; the last one of a kind counts."""

    preferences: Annotated[list[PreferenceBody], Field(max_length=5 * len(KINDS))]


@router.post("/v1/notifications/read", status_code=204, summary="Mark your notifications as read")
async def read_notifications(body: ReadBody, agent: SignedIn, tools: Tools) -> None:
    with tools.store.begin(agent.workspace_id) as tx:
        tx.notifications.read(agent.user.id, body.ids)


@router.get("/v1/notification-preferences", summary="See how you are told of things")
async def get_notification_preferences(agent: SignedIn, tools: Tools) -> PreferencesBody:
    """One for every kind."""
    with tools.store.begin(agent.workspace_id) as tx:
        chosen = tx.notification_preferences.of_users([agent.user.id]).get(agent.user.id, [])
    return PreferencesBody(preferences=[PreferenceBody.of(wanted) for wanted in with_defaults(chosen)])


@router.put("/v1/notification-preferences", summary="Choose how you are told of things")
async def change_notification_preferences(body: PreferencesBody, agent: SignedIn, tools: Tools) -> PreferencesBody:
    """For yourself. With neither, you are not told at all."""
    chosen = {given.kind: Preference(given.kind, given.in_app, given.mail) for given in body.preferences}
    with tools.store.begin(agent.workspace_id) as tx:
        tx.notification_preferences.save(agent.user.id, list(chosen.values()))
        known = tx.notification_preferences.of_users([agent.user.id]).get(agent.user.id, [])
    return PreferencesBody(preferences=[PreferenceBody.of(wanted) for wanted in with_defaults(known)])
