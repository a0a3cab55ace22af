"""Views: searches that are kept under a name, one's own or everybody's."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from supportmax.domain.people import User
from supportmax.domain.ticket_search import TicketQuery
from supportmax.domain.ticket_views import TicketView
from supportmax.ports import Transaction
from supportmax.services.search_tickets import Asker, read_query

COUNTED = 1_000
MOST_VIEWS = 100


@dataclass(frozen=True, slots=True)
class Counted:
    """`found` is one more than COUNTED at the most. `problem`: why the query cannot be answered."""

    view_id: UUID
    found: int = 0
    problem: str | None = None


def find_view(tx: Transaction, view_id: UUID, user: User) -> TicketView:
    """Raises NotFound, also for somebody else's own."""
    for view in tx.ticket_views.list(user.id):
        if view.id == view_id:
            return view
    raise NotFound("No such view.")


def save_view(tx: Transaction, view: TicketView, user: User, before: TicketView | None = None) -> TicketView:
    """Raises InvalidInput for a query that cannot be read, Forbidden for an agent who changes everybody's views."""
    for owner_id in {view.owner_id, before.owner_id if before else view.owner_id}:
        _may_change(owner_id, user)
    read_query(tx, view.query, Asker(user.id))
    mine = [known for known in tx.ticket_views.list(user.id) if known.owner_id == view.owner_id]
    if before is None and len(mine) >= MOST_VIEWS:
        raise Conflict(f"There are {MOST_VIEWS} such views already.")
    tx.ticket_views.save(view)
    _audit(tx, view, user, "updated" if before else "created")
    return view


def delete_view(tx: Transaction, view: TicketView, user: User) -> None:
    """Raises Forbidden for an agent and everybody's view."""
    _may_change(view.owner_id, user)
    tx.ticket_views.delete(view.id)
    _audit(tx, view, user, "deleted")


def count_views(tx: Transaction, wanted: Collection[UUID] | None, user: User) -> list[Counted]:
    """In the order of the views, by one query. One whose query cannot be read says so and spoils no other one."""
    views = [view for view in tx.ticket_views.list(user.id) if wanted is None or view.id in wanted]
    if wanted is not None and len(views) < len(set(wanted)):
        raise NotFound("No such view.")
    queries: dict[str, TicketQuery] = {}
    problems: dict[UUID, str] = {}
    for view in views:
        try:
            queries[str(view.id)] = read_query(tx, view.query, Asker(user.id))
        except InvalidInput as error:
            problems[view.id] = error.message
    found = tx.ticket_finder.count(queries, COUNTED + 1)
    return [Counted(view.id, found.get(str(view.id), 0), problems.get(view.id)) for view in views]


def _may_change(owner_id: UUID | None, user: User) -> None:
    if owner_id is None and user.role != "admin":
        raise Forbidden("Only administrators may make and change everybody's views.")


def _audit(tx: Transaction, view: TicketView, user: User, what: str) -> None:
    if view.owner_id is None:
        tx.audit.add(str(user.id), f"view.{what}", "view", view.id, {"title": view.title, "query": view.query})
