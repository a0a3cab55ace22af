"""The endpoints agents and integrations use."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from functions.tickets.common import CHANGES, STALE, Search, TicketId, after_change, narrowed, tagged, ticket_page
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
from supportmax.runtime.versions import IfMatch, IfNoneMatch, etag
from supportmax.services.manage_tickets import (
    TicketRequest,
    change_ticket,
    open_ticket,
)
from supportmax.services.manage_tickets import delete_ticket as hide_ticket
from supportmax.services.manage_tickets import restore_ticket as show_ticket
from supportmax.services.reply_to_ticket import Reply, reply_to_ticket
from supportmax.services.search_tickets import Asker, place_of, read_query
from supportmax.services.share_files import take_uploads

router = APIRouter(tags=["Tickets"])


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
    q: Search = "",
    after: After = None,
    limit: Limit = 50,
) -> TicketPage:
    """Newest first, or as `sort:` in `q` says. Filters and `q` must all match; deleted tickets are left out.

    `q` takes words and "phrases" (subject and messages, all must be there) and filters: `status:open,pending`,
    `priority:`, `type:`, `category:`, `tag:`, `channel:`, `language:`, `sentiment:`, `assignee:me` (or `none`, an
    address, an id), `group:`, `requester:`, `follower:me`, `number:`, `field.<key>:`, `is:unsolved`, `is:unassigned`,
    `is:snoozed`, `is:merged`, `is:deleted`, `created>2026-01-01`, `updated<7d`, `solved:`, `snoozed:`, `due<2h`,
    `sla:overdue` (`breached`, `running`, `paused`), `sort:updated` (`created`, `created-asc`, `updated-asc`, `due`).
    A `-` before a term turns it: `-tag:vip`.
    """
    with tools.store.begin(agent.workspace_id) as tx:
        query = narrowed(read_query(tx, q, Asker(agent.user.id)), wanted)
        rows = tx.ticket_finder.find(query, place_of(after, query), limit + 1)
        return ticket_page(tx, rows, limit, query)


@router.post("/v1/tickets", status_code=201, summary="Open a ticket")
async def create_ticket(body: NewTicketBody, agent: SignedIn, tools: Tools, response: Response) -> TicketView:
    """For a customer who called, or from a program. Triage gives it a category and priority in the background."""
    with tools.store.begin(agent.workspace_id) as tx:
        ticket = open_ticket(tx, TicketRequest(**body.model_dump()), agent.user)
    return after_change(tools, agent, ticket, response)


@router.get(
    "/v1/tickets/{ticket_id}", summary="Get a ticket", responses={304: {"description": "It is still at that version."}}
)
async def get_ticket(
    ticket_id: TicketId, agent: SignedIn, tools: Tools, response: Response, known: IfNoneMatch
) -> TicketView:
    """`ETag` is its version. A merged ticket is closed, and `merged_into_id` says where it goes on."""
    with tools.store.begin(agent.workspace_id) as tx:
        ticket = tx.tickets.get(parse_id(ticket_id, "ticket"))
        if ticket.version in known:
            return Response(status_code=304, headers={"ETag": etag(ticket.version)})  # type: ignore[return-value]
        return tagged(tx, ticket, response)


@router.patch("/v1/tickets/{ticket_id}", summary="Change a ticket", responses=CHANGES)
async def update_ticket(
    ticket_id: TicketId, body: TicketChanges, agent: SignedIn, tools: Tools, response: Response, versions: IfMatch
) -> TicketView:
    """Fields that are left out stay. `solved` sets the time of solving, any other status clears it.

    Nothing becomes `new` again, and `closed` is the end: open a follow-up (`follow_up_of`) instead. A field that is
    `required_to_solve` must be filled in before.
    """
    with tools.store.begin(agent.workspace_id) as tx:
        ticket = change_ticket(tx, parse_id(ticket_id, "ticket"), body.change(versions), agent.user)
    return after_change(tools, agent, ticket, response)


@router.delete("/v1/tickets/{ticket_id}", status_code=204, summary="Delete a ticket", responses=STALE)
async def delete_ticket(ticket_id: TicketId, agent: SignedIn, tools: Tools, versions: IfMatch) -> None:
    """It is hidden everywhere until it is restored, or its customer writes again. `q=is:deleted` lists such tickets."""
    with tools.store.begin(agent.workspace_id) as tx:
        hide_ticket(tx, parse_id(ticket_id, "ticket"), agent.user, versions)


@router.post(
    "/v1/tickets/{ticket_id}/restore",
    summary="Restore a deleted ticket",
    responses={409: {"description": "It is not deleted."}},
)
async def restore_ticket(ticket_id: TicketId, agent: SignedIn, tools: Tools, response: Response) -> TicketView:
    """It is there again as it was."""
    with tools.store.begin(agent.workspace_id) as tx:
        ticket = show_ticket(tx, parse_id(ticket_id, "ticket"), agent.user)
    return after_change(tools, agent, ticket, response)


@router.get("/v1/tickets/{ticket_id}/messages", summary="List a ticket's messages")
async def list_ticket_messages(
    ticket_id: TicketId, agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50
) -> TicketMessagePage:
    """Oldest first: what was said on every channel, internal notes, and the delivery of each mail.

    A ticket that took in others has their messages, too; one that was merged shows what was said in it before.
    """
    wanted = parse_id(ticket_id, "ticket")
    with tools.store.begin(agent.workspace_id) as tx:
        merged = tx.tickets.get(wanted).merged_into_id
        read = tx.messages.once_of_ticket if merged else tx.messages.of_ticket
        rows = read(wanted, cursor(after), limit + 1)
        shown, next_cursor = page(rows, limit, lambda m: m.id)
        files = tx.attachments.of_messages([m.id for m in shown])
    return TicketMessagePage(messages=[TicketMessageView.of(m, files) for m in shown], next_cursor=next_cursor)


@router.post(
    "/v1/tickets/{ticket_id}/messages",
    status_code=201,
    summary="Reply to the customer, or leave a note",
    responses={409: {"description": "The ticket was merged, or is closed and the reply is public."}},
)
async def add_ticket_message(
    ticket_id: TicketId, body: NewMessageBody, agent: SignedIn, tools: Tools
) -> TicketMessageView:
    """A public reply goes out by the channel the customer came by, and silences the machine in this ticket."""
    wanted = parse_id(ticket_id, "ticket")
    domain = tools.settings.mail_domain
    with tools.store.begin(agent.workspace_id) as tx:
        files = take_uploads(tx, tools.file_links, wanted, body.upload_ids) if body.upload_ids else []
        message = reply_to_ticket(tx, wanted, Reply(body.body, body.visibility, files), agent.user, domain)
        attached = tx.attachments.of_messages([message.id]) if files else []
    return TicketMessageView.of(message, attached)


@router.get("/v1/notifications", summary="List your notifications", tags=["People"])
async def list_notifications(agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50) -> NotificationPage:
    """Newest first: tickets assigned to you, new replies in them, mail that could not be sent."""
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.notifications.of_user(agent.user.id, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda n: UUID(str(n["id"])))
    return NotificationPage(notifications=[NotificationView(**n) for n in shown], next_cursor=next_cursor)
