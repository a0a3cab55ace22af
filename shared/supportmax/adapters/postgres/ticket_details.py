"""What surrounds a ticket: its events, the workspace's own fields, who follows it, and what it belongs to."""

from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import Conflict, NotFound
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.ticket_events import Cause, TicketEvent
from supportmax.domain.ticket_fields import TicketField
from supportmax.domain.ticket_links import INVERSE, LinkKind, StoredKind, TicketLink


class TicketEvents(Repository):
    file = "ticket_details"

    def add(self, ticket_id: UUID, kind: str, cause: Cause, changes: Mapping[str, Any]) -> None:
        documents = {"changes": Jsonb(dict(changes))}
        self.send("add_event", id=new_id(), ticket_id=ticket_id, kind=kind, **columns(cause), **documents)

    def of_ticket(self, ticket_id: UUID, after: UUID | None, limit: int) -> list[TicketEvent]:
        return self.many(TicketEvent, "events_of", ticket_id=ticket_id, after=after, limit=limit)


class TicketFields(Repository):
    file = "ticket_details"

    def list(self) -> list[TicketField]:
        return self.many(TicketField, "list_fields")

    def save(self, field: TicketField) -> None:
        if not self.run("change_field", **columns(field)) and not self.run("add_field", **columns(field)):
            raise Conflict(f"There is a field with the key {field.key!r} already.")

    def delete(self, field_id: UUID) -> None:
        if not self.run("delete_field", id=field_id):
            raise NotFound("No such ticket field.")


class TicketFollowers(Repository):
    file = "ticket_details"

    def of_ticket(self, ticket_id: UUID) -> "list[User]":
        return self.many(User, "followers_of", ticket_id=ticket_id)

    def add(self, ticket_id: UUID, user_id: UUID) -> bool:
        return self.run("follow", ticket_id=ticket_id, user_id=user_id) == 1

    def remove(self, ticket_id: UUID, user_id: UUID) -> bool:
        return self.run("unfollow", ticket_id=ticket_id, user_id=user_id) == 1


class TicketLinks(Repository):
    file = "ticket_details"

    def add(self, ticket_id: UUID, kind: LinkKind, other_id: UUID) -> None:
        if kind not in get_args(StoredKind):
            ticket_id, kind, other_id = other_id, INVERSE[kind], ticket_id
        if kind == "relates_to":  # the same from both sides
            ticket_id, other_id = sorted((ticket_id, other_id))
        if not self.run("add_link", id=new_id(), ticket_id=ticket_id, kind=kind, other_id=other_id):
            raise Conflict("The tickets are linked like this already.")

    def of_ticket(self, ticket_id: UUID) -> list[TicketLink]:
        rows = self.rows("links_of", ticket_id=ticket_id)
        return [TicketLink(**row) if row.pop("outward") else TicketLink(**_turned(row)) for row in rows]

    def delete(self, ticket_id: UUID, link_id: UUID) -> UUID:
        rows = self.rows("delete_link", ticket_id=ticket_id, id=link_id)
        if not rows:
            raise NotFound("No such link.")
        other: UUID = rows[0]["other_id"]
        return other


def _turned(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"kind": INVERSE[row["kind"]]}
