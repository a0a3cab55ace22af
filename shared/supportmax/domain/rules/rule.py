"""Triggers act when something happens to a ticket, automations when time has passed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from supportmax.domain.conversation import Message
from supportmax.domain.rules.actions import Action
from supportmax.domain.rules.conditions import Conditions
from supportmax.domain.ticket_events import TicketEvent

RuleKind = Literal["trigger", "automation"]
Happening = Literal[
    "ticket_created",
    "ticket_updated",
    "status_changed",
    "assigned",
    "message_received",
    "reply_sent",
    "note_added",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`events` begin a trigger, and are empty for an automation. Rules act in the order of `position`, then of age.

    `fired` counts the tickets it acted on; `problem` is what last kept it from acting, or the loop that was stopped.
    `looked_at`: the ticket up to which an automation has looked; it goes on behind it.
    """

    id: UUID
    kind: RuleKind
    name: str
    position: int
    enabled: bool
    events: tuple[Happening, ...]
    conditions: Conditions
    actions: tuple[Action, ...]
    fired: int = 0
    last_fired_at: datetime | None = None
    problem: str | None = None
    problem_at: datetime | None = None
    looked_at: UUID | None = None


def happenings(events: list[TicketEvent], messages: list[Message]) -> set[Happening]:
    """What they amount to. The message that opens a ticket is a part of its creation. A remark changes nothing."""
    found: set[Happening] = set()
    for event in events:
        if event.kind == "created":
            found.add("ticket_created")
        elif event.changes:
            found.add("ticket_updated")
        if "status" in event.changes and event.kind != "created":
            found.add("status_changed")
        if {"assignee_id", "group_id"} & set(event.changes):
            found.add("assigned")
    for message in messages:
        found |= _said(message) if "ticket_created" not in found else set()
    return found


def _said(message: Message) -> set[Happening]:
    kinds: dict[tuple[str, str], Happening] = {
        ("customer", "public"): "message_received",
        ("agent", "public"): "reply_sent",
        ("agent", "internal"): "note_added",
    }
    found = kinds.get((message.author_kind, message.visibility))
    return {found} if found else set()
