"""Who follows a ticket, and what it is linked to; each change is in the timelines it concerns."""

from uuid import UUID

from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.people import User
from supportmax.domain.ticket_events import by_user
from supportmax.domain.ticket_links import INVERSE, LinkKind, TicketLink
from supportmax.ports import Transaction
from supportmax.services.current_ticket import changeable


def follow(tx: Transaction, ticket_id: UUID, user_id: UUID, actor: User) -> None:
    """Raises NotFound for an unknown ticket or agent, Conflict for a merged ticket."""
    changeable(tx, ticket_id)
    user = tx.users.get(user_id)
    if user.role == "customer":
        raise NotFound("No such agent.")
    if tx.ticket_followers.add(ticket_id, user.id):
        tx.ticket_events.add(ticket_id, "followed", by_user(actor), {"follower": {"from": None, "to": str(user.id)}})


def unfollow(tx: Transaction, ticket_id: UUID, user_id: UUID, actor: User) -> None:
    """Raises NotFound for an unknown ticket, or when they do not follow it."""
    tx.tickets.get(ticket_id)
    if not tx.ticket_followers.remove(ticket_id, user_id):
        raise NotFound("They do not follow this ticket.")
    tx.ticket_events.add(ticket_id, "unfollowed", by_user(actor), {"follower": {"from": str(user_id), "to": None}})


def link(tx: Transaction, ticket_id: UUID, kind: LinkKind, other_id: UUID, actor: User) -> TicketLink:
    """Raises NotFound for either, InvalidInput for a link to itself, Conflict when they are linked like this."""
    if ticket_id == other_id:
        raise InvalidInput("ticket_id: a ticket cannot be linked to itself")
    tx.tickets.get(ticket_id)
    tx.tickets.get(other_id)
    tx.ticket_links.add(ticket_id, kind, other_id)
    for at, seen, other in ((ticket_id, kind, other_id), (other_id, INVERSE[kind], ticket_id)):
        tx.ticket_events.add(at, "linked", by_user(actor), {seen: {"from": None, "to": str(other)}})
    return next(
        found for found in tx.ticket_links.of_ticket(ticket_id) if (found.ticket_id, found.kind) == (other_id, kind)
    )


def unlink(tx: Transaction, ticket_id: UUID, link_id: UUID, actor: User) -> None:
    """Raises NotFound."""
    tx.tickets.get(ticket_id)
    other_id = tx.ticket_links.delete(ticket_id, link_id)
    for at, other in ((ticket_id, other_id), (other_id, ticket_id)):
        tx.ticket_events.add(at, "unlinked", by_user(actor), {"link": {"from": str(other), "to": None}})
