"""Lists, searches and counts of tickets, and the views that keep them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.ticket_search import Place, TicketQuery
from supportmax.domain.ticket_views import TicketView
from supportmax.domain.tickets import Ticket


class TicketFinder(Repository):
    file = "ticket_search"

    def find(self, query: TicketQuery, after: Place | None, limit: int) -> list[Ticket]:
        order: dict[str, Any] = {"sort": query.sort, "descending": query.descending}
        if after:
            order |= {"after": {"id": str(after.id), "at": after.at and after.at.isoformat()}}
        return self.many(Ticket, "find", wanted=Jsonb(_conditions(query) | order), limit=limit)

    def count(self, queries: Mapping[str, TicketQuery], most: int) -> dict[str, int]:
        wanted = Jsonb({key: _conditions(query) for key, query in queries.items()})
        return {row["key"]: row["found"] for row in self.rows("count", queries=wanted, most=most)}


def _conditions(query: TicketQuery) -> dict[str, Any]:
    return {"conditions": list(query.conditions), "words": list(query.words)}


class TicketViews(Repository):
    file = "ticket_search"

    def list(self, user_id: UUID) -> list[TicketView]:
        return self.many(TicketView, "list_views", user_id=user_id)

    def save(self, view: TicketView) -> None:
        self.send("save_view", **columns(view))

    def delete(self, view_id: UUID) -> None:
        self.send("delete_view", id=view_id)
