"""Tickets and their escalations."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import NotFound
from supportmax.domain.ids import new_id
from supportmax.domain.tickets import NewTicket, Ticket, TicketFilter

# The columns a service may change; an unknown name is a mistake in our code and fails loudly.
_COLUMNS = (
    "subject",
    "status",
    "priority",
    "category",
    "tags",
    "language",
    "sentiment",
    "requester_id",
    "assignee_id",
    "group_id",
    "triage",
    "first_response_at",
    "solved_at",
)


class Tickets(Repository):
    file = "tickets"

    def add(self, new: NewTicket) -> Ticket:
        return self.one(Ticket, "add", **columns(new))

    def get(self, ticket_id: UUID) -> Ticket:
        return self.one(Ticket, "get", id=ticket_id)

    def lock(self, ticket_id: UUID) -> Ticket:
        return self.one(Ticket, "lock", id=ticket_id)

    def list(self, wanted: TicketFilter, after: UUID | None, limit: int) -> list[Ticket]:
        return self.many(Ticket, "list", **columns(wanted), after=after, limit=limit)

    def update(self, ticket_id: UUID, changes: Mapping[str, Any]) -> Ticket:
        if unknown := set(changes) - set(_COLUMNS):
            raise KeyError(f"tickets have no column {sorted(unknown)}")
        values = dict.fromkeys(_COLUMNS) | dict(changes)
        values["triage"] = None if values["triage"] is None else Jsonb(values["triage"])
        return self.one(Ticket, "update", id=ticket_id, columns=list(changes), **values)

    def delete(self, ticket_id: UUID) -> None:
        if not self.run("delete", id=ticket_id):
            raise NotFound("No such ticket.")


class Escalations(Repository):
    file = "tickets"

    def add(self, ticket_id: UUID, reason: str, summary: str, group_id: UUID | None, assignee_id: UUID | None) -> UUID:
        escalation_id = new_id()
        self.send(
            "add_escalation",
            id=escalation_id,
            ticket_id=ticket_id,
            reason=reason,
            summary=summary,
            group_id=group_id,
            assignee_id=assignee_id,
        )
        return escalation_id

    def of_ticket(self, ticket_id: UUID) -> "list[dict[str, Any]]":
        return self.rows("escalations_of", ticket_id=ticket_id)
