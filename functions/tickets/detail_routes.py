"""What surrounds a ticket: its timeline, who follows it, what it is linked to, who is at it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field

from functions.tickets.common import TicketId
from supportmax.domain.clock import utcnow
from supportmax.domain.ids import parse_id
from supportmax.domain.people import User
from supportmax.domain.ticket_events import ActorKind, TicketEvent
from supportmax.domain.ticket_links import LinkKind, TicketLink
from supportmax.domain.ticket_work import PRESENT, Activity, Presence
from supportmax.domain.tickets import Status
from supportmax.runtime.http import After, Body, Limit, SignedIn, Tools, cursor, page
from supportmax.services.relate_tickets import follow, link, unfollow, unlink

router = APIRouter(tags=["Tickets"])


class Was(Body):
    """A field before and after."""

    from_: Any = Field(alias="from")
    to: Any


class EventView(Body):
    """One change of a ticket, and what came of it."""

    id: UUID
    kind: str = Field(
        description="`created`, `changed`, `snoozed`, `woken`, `merged`, `took_in`, `split`, `deleted`, `restored`, "
        "`linked`, `unlinked`, `followed`, `unfollowed`, `sla_met`, `sla_warned`, `sla_breached`, "
        "`satisfaction_asked`, `rated`; more may come."
    )
    actor: ActorKind = Field(description="`system`: a rule of the desk, as `reason` says.")
    actor_id: UUID | None = Field(description="The person, where one did it.")
    reason: str | None
    changes: dict[str, Was] = Field(description="By field: what was, and what is.")
    created_at: datetime

    @classmethod
    def of(cls, event: TicketEvent) -> "EventView":
        return cls(
            id=event.id,
            kind=event.kind,
            actor=event.actor_kind,
            actor_id=event.actor_id,
            reason=event.reason,
            changes={name: Was.model_validate(change) for name, change in event.changes.items()},
            created_at=event.created_at,
        )


class EventPage(Body):
    """Oldest first; `next_cursor` is null on the last page."""

    events: list[EventView]
    next_cursor: str | None


@router.get("/v1/tickets/{ticket_id}/events", summary="List what happened to a ticket")
async def list_ticket_events(
    ticket_id: TicketId, agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50
) -> EventPage:
    """Every change with who made it and why, oldest first. What was said is in its messages."""
    wanted = parse_id(ticket_id, "ticket")
    with tools.store.begin(agent.workspace_id) as tx:
        tx.tickets.get(wanted)
        rows = tx.ticket_events.of_ticket(wanted, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda event: event.id)
    return EventPage(events=[EventView.of(event) for event in shown], next_cursor=next_cursor)


class FollowerView(Body):
    """An agent who hears of notes and of the customer's messages."""

    id: UUID
    name: str

    @classmethod
    def of(cls, user: User) -> "FollowerView":
        return cls(id=user.id, name=user.name)


UserId = Annotated[str, Path(description="An agent's id.", json_schema_extra={"format": "uuid"})]


@router.get("/v1/tickets/{ticket_id}/followers", summary="List who follows a ticket")
async def list_followers(ticket_id: TicketId, agent: SignedIn, tools: Tools) -> list[FollowerView]:
    with tools.store.begin(agent.workspace_id) as tx:
        ticket = tx.tickets.get(parse_id(ticket_id, "ticket"))
        return [FollowerView.of(user) for user in tx.ticket_followers.of_ticket(ticket.id)]


@router.put("/v1/tickets/{ticket_id}/followers/{user_id}", status_code=204, summary="Follow a ticket")
async def add_follower(ticket_id: TicketId, user_id: UserId, agent: SignedIn, tools: Tools) -> None:
    """You, or a colleague. Doing it twice is doing it once."""
    with tools.store.begin(agent.workspace_id) as tx:
        follow(tx, parse_id(ticket_id, "ticket"), parse_id(user_id, "agent"), agent.user)


@router.delete("/v1/tickets/{ticket_id}/followers/{user_id}", status_code=204, summary="Stop following a ticket")
async def remove_follower(ticket_id: TicketId, user_id: UserId, agent: SignedIn, tools: Tools) -> None:
    with tools.store.begin(agent.workspace_id) as tx:
        unfollow(tx, parse_id(ticket_id, "ticket"), parse_id(user_id, "agent"), agent.user)


class NewLinkBody(Body):
    """This ticket is `kind` the other one: an incident is `incident_of` its problem."""

    kind: LinkKind
    ticket_id: UUID = Field(description="The other ticket.")


class LinkView(Body):
    """This ticket is `kind` the ticket `ticket_id`."""

    id: UUID
    kind: LinkKind
    ticket_id: UUID
    number: int
    subject: str
    status: Status
    created_at: datetime

    @classmethod
    def of(cls, found: TicketLink) -> "LinkView":
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


@router.get("/v1/tickets/{ticket_id}/links", summary="List a ticket's links")
async def list_links(ticket_id: TicketId, agent: SignedIn, tools: Tools) -> list[LinkView]:
    """From both sides: what `blocks` here is `blocked_by` there. Deleted tickets are left out."""
    with tools.store.begin(agent.workspace_id) as tx:
        ticket = tx.tickets.get(parse_id(ticket_id, "ticket"))
        return [LinkView.of(found) for found in tx.ticket_links.of_ticket(ticket.id)]


@router.post(
    "/v1/tickets/{ticket_id}/links",
    status_code=201,
    summary="Link two tickets",
    responses={409: {"description": "They are linked like this already."}},
)
async def add_link(ticket_id: TicketId, body: NewLinkBody, agent: SignedIn, tools: Tools) -> LinkView:
    with tools.store.begin(agent.workspace_id) as tx:
        return LinkView.of(link(tx, parse_id(ticket_id, "ticket"), body.kind, body.ticket_id, agent.user))


@router.delete("/v1/tickets/{ticket_id}/links/{link_id}", status_code=204, summary="Remove a link")
async def remove_link(
    ticket_id: TicketId,
    link_id: Annotated[str, Path(description="A link's id.", json_schema_extra={"format": "uuid"})],
    agent: SignedIn,
    tools: Tools,
) -> None:
    with tools.store.begin(agent.workspace_id) as tx:
        unlink(tx, parse_id(ticket_id, "ticket"), parse_id(link_id, "link"), agent.user)


class PresenceBody(Body):
    """What you do at the ticket."""

    activity: Activity = "viewing"


class PresenceView(Body):
    """Somebody else who has the ticket before them."""

    user_id: UUID
    name: str
    activity: Activity
    seen_at: datetime

    @classmethod
    def of(cls, found: Presence) -> "PresenceView":
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class PresenceList(Body):
    """Those who write come first."""

    others: list[PresenceView]
    expires_in: int = Field(description="Seconds until you are forgotten, unless you say so again.")


@router.put("/v1/tickets/{ticket_id}/presence", summary="Say that you are at a ticket")
async def note_presence(ticket_id: TicketId, body: PresenceBody, agent: SignedIn, tools: Tools) -> PresenceList:
    """Call it every 20 seconds while the ticket is open before you; the answer says who else is."""
    with tools.store.begin(agent.workspace_id) as tx:
        ticket = tx.tickets.get(parse_id(ticket_id, "ticket"))
        tx.ticket_presence.note(ticket.id, agent.user.id, body.activity)
        found = tx.ticket_presence.at_ticket(ticket.id, utcnow() - PRESENT)
    others = [PresenceView.of(p) for p in found if p.user_id != agent.user.id]
    return PresenceList(others=others, expires_in=int(PRESENT.total_seconds()))


@router.delete("/v1/tickets/{ticket_id}/presence", status_code=204, summary="Say that you left a ticket")
async def end_presence(ticket_id: TicketId, agent: SignedIn, tools: Tools) -> None:
    with tools.store.begin(agent.workspace_id) as tx:
        ticket = tx.tickets.get(parse_id(ticket_id, "ticket"))
        tx.ticket_presence.leave(ticket.id, agent.user.id)
