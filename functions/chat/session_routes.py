"""Chats of widgets: a page begins one with its key, its visitor goes on with the token."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field, StringConstraints

from functions.chat.models import SessionState
from supportmax.domain.chats import Chat, NewVisitor, VisitorKind
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput
from supportmax.domain.people import normal_email
from supportmax.runtime.http import After, Body, Limit, Responses, Tools, cursor, page
from supportmax.runtime.idempotency import keep_no_answer
from supportmax.runtime.visitors import OpenWidget, TokenHolder, Visiting
from supportmax.services.tell_hours import away_words
from supportmax.services.verify_visitor import verify_visitor
from supportmax.services.visit_chat import begin_chat

router = APIRouter(tags=["Widget"])
REFUSED: Responses = {
    401: {"description": "The widget key is missing, not known, or not any more; or the identity token is not good."},
    403: {"description": "The widget key is not for pages of this origin (`origin-not-allowed`)."},
}
GUESTS: Responses = {
    401: {"description": "The session token is missing, has expired, or its widget key was revoked."},
    403: {"description": "The session may not be used by pages of this origin (`origin-not-allowed`)."},
    429: {"description": "Too many requests; `Retry-After` says how many seconds to wait."},
}
VisitorName = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
VisitorEmail = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class NewSession(Body):
    """Who the visitor is, as far as one knows. Nothing at all is fine."""

    name: VisitorName | None = Field(
        default=None, description="As the visitor says; agents see that nobody checked it."
    )
    email: VisitorEmail | None = Field(default=None, description="As the visitor says.")
    identity_token: Annotated[str, StringConstraints(max_length=8_000)] | None = Field(
        default=None, description="A JWT by which the host site says who they are; then leave out the others."
    )


class SessionView(SessionState):
    """A chat. Of an `anonymous` visitor nothing is known, a `claimed` one said it, a `verified` one is vouched for."""

    id: UUID
    visitor: VisitorKind | None
    visitor_name: str | None
    visitor_email: str | None
    created_at: datetime
    last_active_at: datetime
    expires_at: datetime | None = Field(description="It ends then, unless its visitor comes back before.")

    @classmethod
    def of(cls, chat: Chat) -> "SessionView":
        return cls(**{name: getattr(chat, name) for name in cls.model_fields})


class SessionPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    sessions: list[SessionView]
    next_cursor: str | None


AWAY = "What to show outside of the business hours; null while somebody is there."


class CurrentSession(SessionView):
    """A chat as it is now."""

    away_message: str | None = Field(description=AWAY)


class BegunSession(Body):
    """The only time that the token is shown."""

    token: str = Field(description="Send it as `X-Session-Token`; keep it where the visitor's next page finds it.")
    session: SessionView
    away_message: str | None = Field(description=AWAY)


@router.post(
    "/v1/sessions",
    status_code=201,
    summary="Begin a chat",
    dependencies=[Depends(keep_no_answer)],
    responses=REFUSED | {429: {"description": "Too many requests from this address."}},
)
async def create_session(body: NewSession, widget: OpenWidget, tools: Tools) -> BegunSession:
    """The page's origin must be one of the widget key's; a request without an origin comes from no page."""
    if body.identity_token is not None and (body.name or body.email):
        raise InvalidInput("identity_token: it says who the visitor is; leave out name and email")
    with tools.store.begin(widget.workspace_id) as tx:
        visitor = verify_visitor(tx, body.identity_token, tools.secret_box) if body.identity_token else _claimed(body)
        chat, token = begin_chat(tx, visitor, widget.key_id)
        away = away_words(tx, utcnow())
    return BegunSession(token=token, session=SessionView.of(chat), away_message=away)


def _claimed(body: NewSession) -> NewVisitor:
    email = normal_email(body.email) if body.email else None
    return NewVisitor("claimed" if body.name or email else "anonymous", body.name, email)


@router.get("/v1/sessions", summary="List a visitor's chats", responses=GUESTS)
async def list_sessions(guest: TokenHolder, tools: Tools, after: After = None, limit: Limit = 50) -> SessionPage:
    """Newest first: all of a verified visitor, from every device; of anybody else the one that the token is of."""
    if guest.chat.visitor != "verified" or guest.chat.requester_id is None:
        return SessionPage(sessions=[] if after else [SessionView.of(guest.chat)], next_cursor=None)
    with tools.store.begin(guest.workspace_id) as tx:
        rows = tx.chats.of_visitor(guest.chat.requester_id, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda chat: chat.id)
    return SessionPage(sessions=[SessionView.of(chat) for chat in shown], next_cursor=next_cursor)


@router.get("/v1/sessions/{session_id}", summary="Get a chat", responses=GUESTS)
async def get_session(guest: Visiting, tools: Tools) -> CurrentSession:
    """For whoever holds its token."""
    with tools.store.begin(guest.workspace_id) as tx:
        away = away_words(tx, utcnow())
    return CurrentSession(**SessionView.of(guest.chat).model_dump(), away_message=away)
