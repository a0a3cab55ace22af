"""Tickets that become one, or two."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from functions.tickets.common import TicketId, after_change
from functions.tickets.models import Subject, TicketView
from supportmax.domain.ids import parse_id
from supportmax.runtime.http import Body, SignedIn, Tools
from supportmax.services.merge_tickets import merge_tickets as merge
from supportmax.services.merge_tickets import split_ticket as split

router = APIRouter(tags=["Tickets"])


class MergeBody(Body):
    """The tickets that become part of this one."""

    ticket_ids: Annotated[list[UUID], Field(min_length=1, max_length=20)]


class SplitBody(Body):
    """The messages that become a ticket of their own."""

    message_ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    subject: Subject | None = Field(default=None, description="Without it, the same.")


@router.post(
    "/v1/tickets/{ticket_id}/merge",
    summary="Merge tickets into this one",
    responses={409: {"description": "This one is closed, one was merged before, or the requesters differ."}},
)
async def merge_tickets(
    ticket_id: TicketId, body: MergeBody, agent: SignedIn, tools: Tools, response: Response
) -> TicketView:
    """Their messages, tags and followers go on here. They are closed, say so in `merged_into_id`, and still show what
    was said in them. What customers answer to them, by mail or in their chat, arrives here.
    """
    with tools.store.begin(agent.workspace_id) as tx:
        ticket = merge(tx, parse_id(ticket_id, "ticket"), body.ticket_ids, agent.user)
    return after_change(tools, agent, ticket, response)


@router.post(
    "/v1/tickets/{ticket_id}/split",
    status_code=201,
    summary="Split messages off into a new ticket",
    responses={409: {"description": "The ticket was merged."}},
)
async def split_ticket(
    ticket_id: TicketId, body: SplitBody, agent: SignedIn, tools: Tools, response: Response
) -> TicketView:
    """The new ticket has the same requester, priority, group and assignee, is open and linked to this one."""
    with tools.store.begin(agent.workspace_id) as tx:
        wanted = parse_id(ticket_id, "ticket")
        ticket = split(tx, wanted, body.message_ids, body.subject or "", agent.user)
    return after_change(tools, agent, ticket, response)
