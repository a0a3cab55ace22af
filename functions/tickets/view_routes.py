"""Searches that are kept under a name, and how many tickets each finds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field, StringConstraints

from functions.tickets.common import ticket_page
from functions.tickets.models import TicketPage
from supportmax.domain.errors import InvalidInput
from supportmax.domain.ids import new_id, parse_id
from supportmax.domain.ticket_search import QUERY_LIMIT
from supportmax.domain.ticket_views import TicketView as SavedView
from supportmax.runtime.http import After, Body, Limit, SignedIn, Tools
from supportmax.services.manage_views import COUNTED, count_views, delete_view, find_view, save_view
from supportmax.services.search_tickets import Asker, place_of, read_query

router = APIRouter(tags=["Views"])
ViewId = Annotated[str, Path(description="A view's id.", json_schema_extra={"format": "uuid"})]


class ViewBody(Body):
    """A search under a name."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    query: Annotated[str, StringConstraints(max_length=QUERY_LIMIT)] = Field(
        description="As the `q` of `GET /v1/tickets`, with its order: `is:unsolved assignee:me sort:updated`."
    )
    shared: bool = Field(default=False, description="Everybody's; only administrators make and change such views.")
    position: Annotated[int, Field(ge=0, le=10_000)] = Field(default=0, description="Lower ones come first.")


class ViewView(Body):
    """A view. `me` in its query is whoever looks."""

    id: UUID
    title: str
    query: str
    shared: bool
    position: int

    @classmethod
    def of(cls, view: SavedView) -> "ViewView":
        return cls(id=view.id, title=view.title, query=view.query, shared=view.owner_id is None, position=view.position)


class ViewCount(Body):
    """How many tickets a view holds."""

    view_id: UUID
    count: int = Field(description=f"{COUNTED:,} when there are more.")
    more: bool
    problem: str | None = Field(description="Why its query cannot be answered now, such as a group that is gone.")


@router.get("/v1/views", summary="List the views")
async def list_views(agent: SignedIn, tools: Tools) -> list[ViewView]:
    """Everybody's and your own, in their order."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [ViewView.of(view) for view in tx.ticket_views.list(agent.user.id)]


@router.post("/v1/views", status_code=201, summary="Make a view")
async def make_view(body: ViewBody, agent: SignedIn, tools: Tools) -> ViewView:
    with tools.store.begin(agent.workspace_id) as tx:
        return ViewView.of(save_view(tx, _view(new_id(), body, agent.user.id), agent.user))


@router.get("/v1/views/counts", summary="Count the tickets of views")
async def view_counts(
    agent: SignedIn,
    tools: Tools,
    ids: Annotated[
        str, Query(max_length=4_000, description="Ids with commas between; without, all that you see.")
    ] = "",
) -> list[ViewCount]:
    """By one query that stops counting where nobody reads on."""
    wanted = {parse_id(view_id.strip(), "view") for view_id in ids.split(",")} if ids else None
    with tools.store.begin(agent.workspace_id) as tx:
        counts = count_views(tx, wanted, agent.user)
    return [
        ViewCount(view_id=c.view_id, count=min(c.found, COUNTED), more=c.found > COUNTED, problem=c.problem)
        for c in counts
    ]


@router.get("/v1/views/{view_id}", summary="Get a view")
async def get_view(view_id: ViewId, agent: SignedIn, tools: Tools) -> ViewView:
    with tools.store.begin(agent.workspace_id) as tx:
        return ViewView.of(find_view(tx, parse_id(view_id, "view"), agent.user))


@router.put("/v1/views/{view_id}", summary="Change a view")
async def replace_view(view_id: ViewId, body: ViewBody, agent: SignedIn, tools: Tools) -> ViewView:
    """All of it: what is left out gets its default."""
    with tools.store.begin(agent.workspace_id) as tx:
        known = find_view(tx, parse_id(view_id, "view"), agent.user)
        return ViewView.of(save_view(tx, _view(known.id, body, agent.user.id), agent.user, known))


@router.delete("/v1/views/{view_id}", status_code=204, summary="Delete a view")
async def remove_view(view_id: ViewId, agent: SignedIn, tools: Tools) -> None:
    with tools.store.begin(agent.workspace_id) as tx:
        delete_view(tx, find_view(tx, parse_id(view_id, "view"), agent.user), agent.user)


@router.get("/v1/views/{view_id}/tickets", summary="List the tickets of a view")
async def list_view_tickets(
    view_id: ViewId, agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50
) -> TicketPage:
    """As they are now, in the view's order."""
    with tools.store.begin(agent.workspace_id) as tx:
        view = find_view(tx, parse_id(view_id, "view"), agent.user)
        query = read_query(tx, view.query, Asker(agent.user.id))
        rows = tx.ticket_finder.find(query, place_of(after, query), limit + 1)
        return ticket_page(tx, rows, limit, query)


def _view(view_id: UUID, body: ViewBody, user_id: UUID) -> SavedView:
    if "\n" in body.title:
        raise InvalidInput("title: must be one line")
    owner = None if body.shared else user_id
    return SavedView(id=view_id, title=body.title, query=body.query, owner_id=owner, position=body.position)
