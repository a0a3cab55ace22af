"""Triggers and automations, and what they look at."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message
from supportmax.domain.errors import NotFound
from supportmax.domain.rules.actions import stored_actions
from supportmax.domain.rules.conditions import HOURS, Facts, stored_conditions
from supportmax.domain.rules.rule import Rule, RuleKind
from supportmax.domain.ticket_events import TicketEvent
from supportmax.domain.tickets import Ticket


class Rules(Repository):
    file = "rules"

    def list(self, kind: RuleKind) -> list[Rule]:
        return [_rule(row) for row in self.rows("list", kind=kind)]

    def get(self, kind: RuleKind, rule_id: UUID) -> Rule:
        found = self.rows("get", kind=kind, id=rule_id)
        if not found:
            raise NotFound(f"No such {kind}.")
        return _rule(found[0])

    def listening(self) -> bool:
        return bool(self.value("listening"))

    def save(self, rule: Rule) -> None:
        documents = {
            "events": list(rule.events),
            "conditions": Jsonb(rule.conditions.document()),
            "actions": Jsonb([action.document() for action in rule.actions]),
        }
        self.send("save", **columns(rule) | documents)

    def delete(self, rule_id: UUID) -> None:
        self.send("delete", id=rule_id)

    def note_fired(self, rule_id: UUID) -> None:
        self.send("note_fired", id=rule_id)

    def note_problem(self, rule_id: UUID, problem: str) -> None:
        self.send("note_problem", id=rule_id, problem=problem)

    def look_on(self, rule_id: UUID, after: UUID | None) -> None:
        self.send("look_on", id=rule_id, ticket_id=after)


class RuleFirings(Repository):
    file = "rules"

    def claim(self, rule_id: UUID, ticket_id: UUID, state_since: datetime) -> bool:
        return self.run("claim_firing", id=rule_id, ticket_id=ticket_id, state_since=state_since) == 1

    def count(self, rule_id: UUID, ticket_id: UUID, since: datetime) -> int:
        return int(self.value("firings", id=rule_id, ticket_id=ticket_id, since=since))


class RuleFacts(Repository):
    file = "rules"

    def of_tickets(self, tickets: Sequence[Ticket]) -> list[Facts]:
        rows = {row["id"]: row for row in self.rows("facts", ids=[ticket.id for ticket in tickets])}
        now = utcnow()
        return [
            Facts(
                ticket=ticket,
                body=rows[ticket.id]["body"],
                status_since=rows[ticket.id]["status_since"],
                active_at=max(rows[ticket.id]["said_at"], ticket.updated_at),
                now=now,
            )
            for ticket in tickets
            if ticket.id in rows
        ]

    def written(self, row_ids: Collection[UUID]) -> tuple[list[TicketEvent], list[Message]]:
        ids = list(row_ids)
        return self.many(TicketEvent, "events_written", ids=ids), self.many(Message, "messages_written", ids=ids)

    def candidates(self, rule: Rule, after: UUID | None, limit: int) -> list[Ticket]:
        now = utcnow()
        hours = rule.conditions.least_hours()
        bounds = {name: now - timedelta(hours=hours[field]) for name, field in zip(_BOUNDS, HOURS, strict=True)}
        statuses = sorted(rule.conditions.statuses() - {"closed"})
        return self.many(Ticket, "candidates", rule_id=rule.id, after=after, limit=limit, statuses=statuses, **bounds)

    def mails_of_rules(self, ticket_id: UUID, since: datetime) -> int:
        return int(self.value("mails_of_rules", ticket_id=ticket_id, since=since))


# Of `candidates`, for each of HOURS.
_BOUNDS = ("created", "updated", "status_since")


def _rule(row: dict[str, Any]) -> Rule:
    read = {
        "events": tuple(row["events"]),
        "conditions": stored_conditions(row["conditions"]),
        "actions": stored_actions(row["actions"]),
    }
    return Rule(**row | read)
