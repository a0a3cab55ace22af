"""Who calls from a chat widget: a page with its key, or the visitor who holds a chat's token."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Request

from supportmax.domain.chats import Chat, Sighting
from supportmax.domain.errors import Unauthorized
from supportmax.domain.ids import parse_id
from supportmax.ports import Transaction
from supportmax.runtime import idempotency, rate_limits
from supportmax.runtime.container import Container
from supportmax.runtime.http import Tools, customer_workspace
from supportmax.runtime.rate_limits import Policy
from supportmax.services.manage_widgets import WIDGET_PREFIX
from supportmax.services.visit_chat import (
    Page,
    open_widget,
    see_chat,
    see_own_chat,
    token_place,
    workspace_of_widget,
)

SessionId = Annotated[str, Path(description="A session's id.", json_schema_extra={"format": "uuid"})]
SessionToken = Annotated[
    str, Header(alias="X-Session-Token", description="The `token` that `POST /v1/sessions` gave (`smt_…`).")
]


@dataclass(frozen=True, slots=True)
class Widget:
    """A page that may begin chats here. `key_id` is None for the workspace's own key."""

    workspace_id: UUID
    key_id: UUID | None


@dataclass(frozen=True, slots=True)
class Guest:
    """The holder of a token, and the chat that they asked for, or that the token is of."""

    workspace_id: UUID
    chat: Chat


def page_of(request: Request, tools: Container) -> Page:
    return Page(request.headers.get("origin", ""), tools.settings.allowed_origin)


async def widget(
    request: Request,
    tools: Tools,
    x_widget_key: Annotated[str, Header(description="The key of the widget (`smw_…`), or the workspace's own.")] = "",
) -> Widget:
    """Raises Unauthorized, OriginRefused, TooManyRequests."""
    if not x_widget_key:
        raise Unauthorized("Send the widget's key as X-Widget-Key.")
    page = page_of(request, tools)
    if x_widget_key.startswith(WIDGET_PREFIX):
        request.state.workspace_id = workspace_id = workspace_of_widget(x_widget_key)[0]
        with tools.store.begin(workspace_id) as tx:
            key_id = open_widget(tx, x_widget_key, page).id
    else:
        workspace_id, key_id = tools.workspace(x_widget_key), None
        page.check(None)
    request.state.page_allowed = True
    rate_limits.count_address(request, tools, workspace_id, Policy("address", tools.settings.rate_limit_address))
    await idempotency.claim(request, tools, workspace_id, "visitor", idempotency.VISITOR_KEY)
    return Widget(workspace_id, key_id)


def look(
    request: Request, tools: Container, session_id: str, token: str, after: UUID | None = None, limit: int = 0
) -> tuple[UUID, Sighting]:
    """The workspace, and a chat that the token opens, with its messages; the request is counted in that transaction.

    Raises NotFound, Unauthorized, OriginRefused, TooManyRequests.
    """
    wanted, (workspace_id, own) = parse_id(session_id, "session"), token_place(token)
    request.state.workspace_id = workspace_id
    with tools.store.begin(workspace_id) as tx:
        seen = see_chat(tx, wanted, token, page_of(request, tools), after, limit)
        _count(request, tools, tx, own)
    return workspace_id, seen


def _count(request: Request, tools: Container, tx: Transaction, own: UUID) -> None:
    request.state.page_allowed = True
    window = tx.rate_limits.count(f"session:{own}", rate_limits.WINDOW)
    rate_limits.check(request, Policy("visitor", tools.settings.rate_limit_visitor), window)


async def guest(request: Request, tools: Tools, session_id: SessionId, token: SessionToken = "") -> Guest:
    """Whoever holds the token of the session, or of another one of the same verified visitor."""
    _ask_for(token)
    workspace_id, seen = look(request, tools, session_id, token)
    await idempotency.claim(request, tools, workspace_id, f"session:{seen.chat.id}")
    return Guest(workspace_id, seen.chat)


async def token_holder(request: Request, tools: Tools, token: SessionToken = "") -> Guest:
    """Whoever holds a token, whatever session it is of."""
    _ask_for(token)
    workspace_id, own = token_place(token)
    request.state.workspace_id = workspace_id
    with tools.store.begin(workspace_id) as tx:
        seen = see_own_chat(tx, token, page_of(request, tools))
        _count(request, tools, tx, own)
    return Guest(workspace_id, seen.chat)


def _ask_for(token: str) -> None:
    if not token:
        raise Unauthorized("Send the session's token as X-Session-Token.")


async def look_in(
    request: Request,
    tools: Container,
    way_in: tuple[str, str, str],
    after: UUID | None = None,
    limit: int = 0,
) -> tuple[UUID, Sighting]:
    """The same by (session, token, widget key). A session of `POST /chat` has no token: its id opens it."""
    session_id, token, widget_key = way_in
    if token:
        return look(request, tools, session_id, token, after, limit)
    wanted = parse_id(session_id, "session")
    workspace_id = await customer_workspace(request, tools, widget_key)
    with tools.store.begin(workspace_id) as tx:
        return workspace_id, see_chat(tx, wanted, "", page_of(request, tools), after, limit)


OpenWidget = Annotated[Widget, Depends(widget)]
Visiting = Annotated[Guest, Depends(guest)]
TokenHolder = Annotated[Guest, Depends(token_holder)]
