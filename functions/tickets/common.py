"""What the routes of tickets share."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query, Response

from functions.tickets.models import TicketPage, TicketView
from supportmax.domain.access import Caller
from supportmax.domain.ticket_clocks import TicketClock
from supportmax.domain.ticket_search import TicketQuery, filter_conditions
from supportmax.domain.tickets import Ticket, TicketFilter
from supportmax.ports import Transaction
from supportmax.runtime.container import Container
from supportmax.runtime.versions import etag
from supportmax.services.search_tickets import cursor_of

TicketId = Annotated[str, Path(description="A ticket's id.", json_schema_extra={"format": "uuid"})]
Search = Annotated[str, Query(max_length=1_000, description='Such as `status:open tag:vip "card swallowed"`.')]
STALE: dict[int | str, dict[str, Any]] = {412: {"description": "It has changed since the version in `If-Match`."}}
CHANGES: dict[int | str, dict[str, Any]] = STALE | {409: {"description": "It was merged: change the one it is now."}}


def tagged(tx: Transaction, ticket: Ticket, response: Response) -> TicketView:
    """The ticket as it is answered, with its version as the ETag."""
    response.headers["ETag"] = etag(ticket.version)
    return TicketView.of(ticket, tx.ticket_clocks.of_tickets([ticket.id]))


def after_change(tools: Container, agent: Caller, ticket: Ticket, response: Response) -> TicketView:
    """The ticket after a change: its clocks were worked out when that was committed."""
    with tools.store.begin(agent.workspace_id) as tx:
        return tagged(tx, ticket, response)


def narrowed(query: TicketQuery, wanted: TicketFilter) -> TicketQuery:
    """The search, and the filters that were given beside it."""
    return replace(query, conditions=(*query.conditions, *filter_conditions(wanted)))


def ticket_page(tx: Transaction, rows: Sequence[Ticket], limit: int, query: TicketQuery) -> TicketPage:
    """A page from one row more than it holds."""
    shown = rows[:limit]
    clocks = tx.ticket_clocks.of_tickets([ticket.id for ticket in shown])
    return TicketPage(
        tickets=[TicketView.of(ticket, clocks) for ticket in shown],
        next_cursor=cursor_of(shown[-1], query, _due(shown[-1], clocks)) if len(rows) > limit else None,
    )


def _due(ticket: Ticket, clocks: Sequence[TicketClock]) -> datetime | None:
    return next((clock.due_at for clock in clocks if clock.ticket_id == ticket.id and clock.is_next), None)
