"""The endpoints agents and integrations use."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from functions.tickets.models import (
    NewMessageBody,
    NewTicketBody,
    NotificationPage,
    NotificationView,
    TicketChanges,
    TicketMessagePage,
    TicketMessageView,
    TicketPage,
    TicketView,
)
from supportmax.domain.conversation import Channel
from supportmax.domain.ids import parse_id
from supportmax.domain.tickets import Priority, Status, TicketFilter
from supportmax.domain.triage import Sentiment
from supportmax.runtime.http import After, Limit, SignedIn, Tools, cursor, page
from supportmax.services.manage_tickets import TicketRequest, change_ticket, open_ticket, reply_to_ticket

router = APIRouter(tags=["Tickets"])
TicketId = Annotated[str, Path(description="A ticket's id.", json_schema_extra={"format": "uuid"})]


async def ticket_filter(
    status: Status | None = None,
    priority: Priority | None = None,
    category: Annotated[str | None, Query(description="The name of a label.")] = None,
    assignee_id: Annotated[UUID | None, Query(description="An agent's id.")] = None,
    group_id: Annotated[UUID | None, Query(description="A group's id.")] = None,
    requester_id: Annotated[UUID | None, Query(description="A customer's id.")] = None,
    channel: Channel | None = None,
    sentiment: Sentiment | None = None,
    tag: Annotated[str | None, Query(description="One of the ticket's tags.")] = None,
) -> TicketFilter:
    return TicketFilter(
        status=status,
        priority=priority,
        category=category,
        assignee_id=assignee_id,
        group_id=group_id,
        requester_id=requester_id,
        channel=channel,
        sentiment=sentiment,
        tag=tag,
    )


@router.get("/v1/tickets", summary="List tickets")
async def list_tickets(
    agent: SignedIn,
    tools: Tools,
    wanted: Annotated[TicketFilter, Depends(ticket_filter)],
    after: After = None,
    limit: Limit = 50,
) -> TicketPage:
    """Newest first. Filters that are given must all match."""
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.tickets.list(wanted, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda t: t.id)
    return TicketPage(tickets=[TicketView.of(t) for t in shown], next_cursor=next_cursor)


@router.post("/v1/tickets", status_code=201, summary="Open a ticket")
async def create_ticket(body: NewTicketBody, agent: SignedIn, tools: Tools) -> TicketView:
    """For a customer who called, or from a program. Triage gives it a category and priority in the background."""
    with tools.store.begin(agent.workspace_id) as tx:
        return TicketView.of(open_ticket(tx, TicketRequest(**body.model_dump()), agent.user))


@router.get("/v1/tickets/{ticket_id}", summary="Get a ticket")
async def get_ticket(ticket_id: TicketId, agent: SignedIn, tools: Tools) -> TicketView:
    with tools.store.begin(agent.workspace_id) as tx:
        return TicketView.of(tx.tickets.get(parse_id(ticket_id, "ticket")))


@router.patch("/v1/tickets/{ticket_id}", summary="Change a ticket")
async def update_ticket(ticket_id: TicketId, body: TicketChanges, agent: SignedIn, tools: Tools) -> TicketView:
    """Fields that are left out stay. `solved` sets the time of solving, any other status clears it."""
    with tools.store.begin(agent.workspace_id) as tx:
        return TicketView.of(change_ticket(tx, parse_id(ticket_id, "ticket"), body.given(), agent.user))


@router.delete("/v1/tickets/{ticket_id}", status_code=204, summary="Delete a ticket and its messages")
async def delete_ticket(ticket_id: TicketId, agent: SignedIn, tools: Tools) -> None:
    """For good. The audit log keeps who did it; raw mail stays in its bucket."""
    wanted = parse_id(ticket_id, "ticket")
    with tools.store.begin(agent.workspace_id) as tx:
        tx.tickets.delete(wanted)
        tx.audit.add(str(agent.user.id), "ticket.deleted", "ticket", wanted, {})


@router.get("/v1/tickets/{ticket_id}/messages", summary="List a ticket's messages")
async def list_ticket_messages(
    ticket_id: TicketId, agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50
) -> TicketMessagePage:
    """Oldest first: what was said on every channel, internal notes, and the delivery of each mail."""
    wanted = parse_id(ticket_id, "ticket")
    with tools.store.begin(agent.workspace_id) as tx:
        tx.tickets.get(wanted)
        rows = tx.messages.of_ticket(wanted, cursor(after), limit + 1)
        shown, next_cursor = page(rows, limit, lambda m: m.id)
        files = tx.attachments.of_messages([m.id for m in shown])
    return TicketMessagePage(messages=[TicketMessageView.of(m, files) for m in shown], next_cursor=next_cursor)


@router.post("/v1/tickets/{ticket_id}/messages", status_code=201, summary="Reply to the customer, or leave a note")
async def add_ticket_message(
    ticket_id: TicketId, body: NewMessageBody, agent: SignedIn, tools: Tools
) -> TicketMessageView:
    """A public reply goes out by the channel the customer came by, and silences the machine in this ticket."""
    wanted = parse_id(ticket_id, "ticket")
    domain = tools.settings.mail_domain
    with tools.store.begin(agent.workspace_id) as tx:
        message = reply_to_ticket(tx, wanted, body.body, body.visibility, agent.user, domain)
    return TicketMessageView.of(message, [])


@router.get("/v1/notifications", summary="List your notifications", tags=["People"])
async def list_notifications(agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50) -> NotificationPage:
    """Newest first: tickets assigned to you, new replies in them, mail that could not be sent."""
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.notifications.of_user(agent.user.id, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda n: UUID(str(n["id"])))
    return NotificationPage(notifications=[NotificationView(**n) for n in shown], next_cursor=next_cursor)
