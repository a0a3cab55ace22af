"""What actions come to on one ticket, and doing it. A plan that can be made can be carried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Conflict
from supportmax.domain.people import User
from supportmax.domain.rules.actions import ASSIGNEE, ME, Action
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction
from supportmax.services.manage_tickets import Change, new_values
from supportmax.services.notify import notify
from supportmax.services.rules.texts import fill_in

_SETS = {
    "set_status": "status",
    "set_priority": "priority",
    "set_type": "type",
    "set_category": "category",
    "set_assignee": "assignee_id",
    "set_group": "group_id",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What these people are told."""

    user_ids: tuple[UUID, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`change` is what is asked of the ticket, `values` what differs from it as it is now."""

    ticket: Ticket
    change: Change
    values: Mapping[str, Any]
    reply: str | None = None
    notes: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = field(default=())

    @property
    def does_nothing(self) -> bool:
        return not (self.values or self.reply or self.notes or self.notices)

    def changes(self) -> dict[str, dict[str, Any]]:
        """As the timeline tells them: `{"status": {"from": "open", "to": "solved"}}`."""
        return {name: {"from": getattr(self.ticket, name), "to": value} for name, value in self.values.items()}


def make_plan(
    tx: Transaction, ticket: Ticket, actions: Sequence[Action], reason: str, agent: User | None = None
) -> Plan:
    """`agent` is who applies a macro; nobody applies a trigger.

    Raises InvalidInput for a change that the ticket cannot get, Conflict for a reply in a closed one.
    """
    change = _change(actions, reason, agent)
    replies = [fill_in(tx, a.value, ticket, agent) for a in actions if a.action == "reply"]
    if replies and ticket.status == "closed":
        raise Conflict("The ticket is closed: nothing can be said in it any more.")
    return Plan(
        ticket=ticket,
        change=change,
        values=new_values(tx, ticket, change),
        reply=replies[0] if replies else None,
        notes=tuple(fill_in(tx, a.value, ticket, agent) for a in actions if a.action == "add_note"),
        notices=tuple(_notice(tx, a, ticket, agent) for a in actions if a.text is not None),
    )


def tell(tx: Transaction, plan: Plan) -> None:
    """Those whom the actions name hear of it."""
    for notice in plan.notices:
        notify(tx, notice.user_ids, plan.ticket.id, notice.text, "rule")


def _change(actions: Sequence[Action], reason: str, agent: User | None) -> Change:
    values: dict[str, Any] = {}
    tags: dict[str, list[str]] = {"add_tags": [], "remove_tags": []}
    for action in actions:
        if name := _SETS.get(action.action):
            values[name] = _value(action, agent)
        elif action.action == "set_custom_field":
            values.setdefault("custom_fields", {})[str(action.key)] = action.value
        elif action.action == "snooze":
            values["snoozed_until"] = utcnow() + timedelta(hours=action.value)
        elif action.action in tags:
            tags[action.action] += action.value
    return Change(values, tuple(tags["add_tags"]), tuple(tags["remove_tags"]), reason)


def _value(action: Action, agent: User | None) -> Any:
    """As the ticket holds it: who applies it is `me`, ids are no texts."""
    if action.value == ME and agent:
        return agent.id
    if action.action in {"set_assignee", "set_group"} and action.value:
        return UUID(action.value)
    return action.value


def _notice(tx: Transaction, action: Action, ticket: Ticket, agent: User | None) -> Notice:
    text = f"#{ticket.number}: {fill_in(tx, str(action.text), ticket, agent)}"
    if action.action == "notify_group":
        return Notice(tuple(tx.groups.members(UUID(action.value))), text)
    if action.value == ASSIGNEE:
        return Notice((ticket.assignee_id,) if ticket.assignee_id else (), text)
    return Notice((UUID(action.value),), text)
