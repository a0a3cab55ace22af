"""Tickets and their escalations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, TellingRepository, columns
from supportmax.adapters.postgres.ticket_search import TicketFinder
from supportmax.domain.ids import new_id
from supportmax.domain.ticket_events import SYSTEM, Cause
from supportmax.domain.ticket_search import Place, TicketQuery, filter_conditions
from supportmax.domain.tickets import NewTicket, Ticket, TicketFilter
from supportmax.domain.webhooks import ticket_changed, ticket_created

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
    "session_id",
    "type",
    "custom_fields",
    "snoozed_until",
    "merged_into_id",
    "deleted_at",
)
_DOCUMENTS = ("triage", "custom_fields")


class Tickets(TellingRepository):
    file = "tickets"

    def add(self, new: NewTicket, cause: Cause = SYSTEM) -> Ticket:
        values = columns(new) | {"custom_fields": Jsonb(new.custom_fields)}
        ticket = self.one(Ticket, "add", **values, **columns(cause), event_id=self._event(new.id))
        self._happened += ticket_created(ticket)
        return ticket

    def get(self, ticket_id: UUID, deleted: bool = False) -> Ticket:
        return self.one(Ticket, "get", id=ticket_id, deleted=deleted)

    def lock(self, ticket_id: UUID, deleted: bool = False) -> Ticket:
        return self.one(Ticket, "lock", id=ticket_id, deleted=deleted)

    def list(self, wanted: TicketFilter, after: UUID | None, limit: int) -> "list[Ticket]":
        place = Place(after) if after else None
        query = TicketQuery(tuple(filter_conditions(wanted)))
        return TicketFinder(self._connection, self.workspace_id).find(query, place, limit)

    def update(
        self, ticket_id: UUID, changes: Mapping[str, Any], cause: Cause = SYSTEM, kind: str = "changed"
    ) -> Ticket:
        if unknown := set(changes) - set(_COLUMNS):
            raise KeyError(f"tickets have no column {sorted(unknown)}")
        values = dict.fromkeys(_COLUMNS) | dict(changes)
        values |= {name: Jsonb(values[name]) for name in _DOCUMENTS if values[name] is not None}
        named = {"id": ticket_id, "columns": list(changes), "event_id": self._event(ticket_id), "kind": kind}
        ticket = self.one(Ticket, "update", **named, **values, **columns(cause))
        self._happened += ticket_changed(ticket, kind, list(changes))
        return ticket

    def _event(self, ticket_id: UUID) -> UUID:
        """The id of the event that tells of the change."""
        event_id = new_id()
        self._touched.add(ticket_id, event_id)
        return event_id

    def merged_into(self, ticket_id: UUID) -> Sequence[UUID]:
        return [row["id"] for row in self.rows("merged_into", id=ticket_id)]

    def snoozed_past(self, now: datetime, limit: int) -> Sequence[UUID]:
        return [row["id"] for row in self.rows("snoozed_past", now=now, limit=limit)]


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
