"""Macros and canned replies: what agents keep to be said or done again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints

from functions.tickets.common import CHANGES, TicketId, after_change
from functions.tickets.models import TicketView
from functions.tickets.rule_models import ActionBody, Actions, EffectView, Name
from supportmax.domain.ids import new_id, parse_id
from supportmax.domain.macros import CannedReply, Macro
from supportmax.domain.rules.actions import REPLY_LIMIT
from supportmax.runtime.http import Body, SignedIn, Tools
from supportmax.runtime.versions import IfMatch
from supportmax.services.apply_macro import apply_plan, plan_macro
from supportmax.services.manage_macros import (
    delete_canned_reply,
    delete_macro,
    find_canned_reply,
    find_macro,
    save_canned_reply,
    save_macro,
)
from supportmax.services.rules.texts import fill_in

router = APIRouter(tags=["Automation"])
MacroId = Annotated[str, Path(description="A macro's id.", json_schema_extra={"format": "uuid"})]
ReplyId = Annotated[str, Path(description="A canned reply's id.", json_schema_extra={"format": "uuid"})]
SHARED = "Everybody's; only administrators make and change such ones."


class MacroBody(Body):
    """Actions under a name."""

    name: Name
    actions: Actions
    shared: bool = Field(default=False, description=SHARED)


class MacroView(Body):
    """A macro."""

    id: UUID
    name: str
    actions: list[ActionBody]
    shared: bool

    @classmethod
    def of(cls, macro: Macro) -> "MacroView":
        actions = [ActionBody.of(action) for action in macro.actions]
        return cls(id=macro.id, name=macro.name, actions=actions, shared=macro.owner_id is None)


@router.get("/v1/macros", summary="List the macros")
async def list_macros(agent: SignedIn, tools: Tools) -> list[MacroView]:
    """Everybody's and your own, by name."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [MacroView.of(macro) for macro in tx.macros.list(agent.user.id)]


@router.post("/v1/macros", status_code=201, summary="Make a macro")
async def make_macro(body: MacroBody, agent: SignedIn, tools: Tools) -> MacroView:
    """Placeholders in its texts, such as `{{requester.first_name|there}}`, are filled in when it is applied."""
    with tools.store.begin(agent.workspace_id) as tx:
        return MacroView.of(save_macro(tx, _macro(new_id(), body, agent.user.id), _given(body), agent.user))


@router.get("/v1/macros/{macro_id}", summary="Get a macro")
async def get_macro(macro_id: MacroId, agent: SignedIn, tools: Tools) -> MacroView:
    with tools.store.begin(agent.workspace_id) as tx:
        return MacroView.of(find_macro(tx, parse_id(macro_id, "macro"), agent.user))


@router.put("/v1/macros/{macro_id}", summary="Change a macro")
async def replace_macro(macro_id: MacroId, body: MacroBody, agent: SignedIn, tools: Tools) -> MacroView:
    """All of it: what is left out gets its default."""
    with tools.store.begin(agent.workspace_id) as tx:
        known = find_macro(tx, parse_id(macro_id, "macro"), agent.user)
        changed = save_macro(tx, _macro(known.id, body, agent.user.id), _given(body), agent.user, known)
    return MacroView.of(changed)


@router.delete("/v1/macros/{macro_id}", status_code=204, summary="Delete a macro")
async def remove_macro(macro_id: MacroId, agent: SignedIn, tools: Tools) -> None:
    with tools.store.begin(agent.workspace_id) as tx:
        delete_macro(tx, find_macro(tx, parse_id(macro_id, "macro"), agent.user), agent.user)


class ApplicationBody(Body):
    """How to apply a macro."""

    dry_run: bool = Field(default=False, description="Only show what it would say and change.")


class ApplicationView(Body):
    """The ticket after the macro (before it, in a dry run), and what the macro did or would do."""

    ticket: TicketView
    effect: EffectView


@router.post("/v1/tickets/{ticket_id}/macros/{macro_id}/apply", summary="Apply a macro", responses=CHANGES)
async def apply_macro(
    ticket_id: TicketId,
    macro_id: MacroId,
    body: ApplicationBody,
    agent: SignedIn,
    tools: Tools,
    response: Response,
    versions: IfMatch,
) -> ApplicationView:
    """As if you had written its reply and made its changes yourself; the timeline names the macro.

    Its reply is said first and makes the ticket pending, unless the macro sets a status. All of it happens, or nothing.
    """
    with tools.store.begin(agent.workspace_id) as tx:
        macro = find_macro(tx, parse_id(macro_id, "macro"), agent.user)
        plan = plan_macro(tx, parse_id(ticket_id, "ticket"), macro, agent.user, versions)
        ticket = plan.ticket if body.dry_run else apply_plan(tx, plan, agent.user, tools.settings.mail_domain)
    return ApplicationView(ticket=after_change(tools, agent, ticket, response), effect=EffectView.of(plan))


class CannedReplyBody(Body):
    """A text with placeholders under a short code."""

    short_code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$")] = Field(
        description="What agents type to find it."
    )
    text: Annotated[str, StringConstraints(min_length=1, max_length=REPLY_LIMIT, strip_whitespace=True)]
    shared: bool = Field(default=False, description=SHARED)


class CannedReplyView(Body):
    """A canned reply."""

    id: UUID
    short_code: str
    text: str
    shared: bool

    @classmethod
    def of(cls, reply: CannedReply) -> "CannedReplyView":
        return cls(id=reply.id, short_code=reply.short_code, text=reply.text, shared=reply.owner_id is None)


class ForTicketBody(Body):
    """The ticket that it is about."""

    ticket_id: UUID


class RenderedReply(Body):
    """The text as it can be sent. Nothing was sent."""

    text: str


@router.get("/v1/canned-replies", summary="List the canned replies")
async def list_canned_replies(agent: SignedIn, tools: Tools) -> list[CannedReplyView]:
    """Everybody's and your own, by short code."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [CannedReplyView.of(reply) for reply in tx.canned_replies.list(agent.user.id)]


@router.post(
    "/v1/canned-replies",
    status_code=201,
    summary="Make a canned reply",
    responses={409: {"description": "The short code is taken."}},
)
async def make_canned_reply(body: CannedReplyBody, agent: SignedIn, tools: Tools) -> CannedReplyView:
    with tools.store.begin(agent.workspace_id) as tx:
        return CannedReplyView.of(save_canned_reply(tx, _reply(new_id(), body, agent.user.id), agent.user))


@router.put(
    "/v1/canned-replies/{reply_id}",
    summary="Change a canned reply",
    responses={409: {"description": "The short code is taken."}},
)
async def replace_canned_reply(
    reply_id: ReplyId, body: CannedReplyBody, agent: SignedIn, tools: Tools
) -> CannedReplyView:
    """All of it: what is left out gets its default."""
    with tools.store.begin(agent.workspace_id) as tx:
        known = find_canned_reply(tx, parse_id(reply_id, "canned reply"), agent.user)
        changed = save_canned_reply(tx, _reply(known.id, body, agent.user.id), agent.user, known)
    return CannedReplyView.of(changed)


@router.delete("/v1/canned-replies/{reply_id}", status_code=204, summary="Delete a canned reply")
async def remove_canned_reply(reply_id: ReplyId, agent: SignedIn, tools: Tools) -> None:
    with tools.store.begin(agent.workspace_id) as tx:
        delete_canned_reply(tx, find_canned_reply(tx, parse_id(reply_id, "canned reply"), agent.user), agent.user)


@router.post("/v1/canned-replies/{reply_id}/render", summary="Fill in a canned reply for a ticket")
async def render_canned_reply(reply_id: ReplyId, body: ForTicketBody, agent: SignedIn, tools: Tools) -> RenderedReply:
    with tools.store.begin(agent.workspace_id) as tx:
        reply = find_canned_reply(tx, parse_id(reply_id, "canned reply"), agent.user)
        return RenderedReply(text=fill_in(tx, reply.text, tx.tickets.get(body.ticket_id), agent.user))


def _macro(macro_id: UUID, body: MacroBody, user_id: UUID) -> Macro:
    return Macro(id=macro_id, name=body.name, actions=(), owner_id=None if body.shared else user_id)


def _given(body: MacroBody) -> list[dict[str, object]]:
    return [action.model_dump() for action in body.actions]


def _reply(reply_id: UUID, body: CannedReplyBody, user_id: UUID) -> CannedReply:
    owner = None if body.shared else user_id
    return CannedReply(id=reply_id, short_code=body.short_code, text=body.text, owner_id=owner)
