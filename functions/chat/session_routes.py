"""Chats of widgets: a page begins one with its key, its visitor goes on with the token."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints

from functions.chat.models import SessionState
from supportmax.domain.chats import Chat, NewVisitor, VisitorKind
from supportmax.domain.people import normal_email
from supportmax.runtime.http import Body, Responses, Tools
from supportmax.runtime.idempotency import keep_no_answer
from supportmax.runtime.visitors import OpenWidget, Visiting
from supportmax.services.visit_chat import begin_chat

router = APIRouter(tags=["Widget"])
REFUSED: Responses = {
    401: {"description": "The widget key is missing, not known, or not any more."},
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


class BegunSession(Body):
    """The only time that the token is shown."""

    token: str = Field(description="Send it as `X-Session-Token`; keep it where the visitor's next page finds it.")
    session: SessionView


@router.post(
    "/v1/sessions",
    status_code=201,
    summary="Begin a chat",
    dependencies=[Depends(keep_no_answer)],
    responses=REFUSED | {429: {"description": "Too many requests from this address."}},
)
async def create_session(body: NewSession, widget: OpenWidget, tools: Tools) -> BegunSession:
    """The page's origin must be one of the widget key's; a request without an origin comes from no page."""
    email = normal_email(body.email) if body.email else None
    visitor = NewVisitor("claimed" if body.name or email else "anonymous", body.name, email)
    with tools.store.begin(widget.workspace_id) as tx:
        chat, token = begin_chat(tx, visitor, widget.key_id)
    return BegunSession(token=token, session=SessionView.of(chat))


@router.get("/v1/sessions/{session_id}", summary="Get a chat", responses=GUESTS)
async def get_session(guest: Visiting, request: Request) -> SessionView:
    """For whoever holds its token."""
    return SessionView.of(guest.chat)
