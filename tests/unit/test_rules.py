"""Conditions, actions and placeholders: what can be said in them, and what they come to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from supportmax.domain.errors import InvalidInput
from supportmax.domain.ids import new_id
from supportmax.domain.rules.actions import parse_actions
from supportmax.domain.rules.conditions import Facts, parse_conditions, stored_conditions, unmet
from supportmax.domain.rules.placeholders import check_placeholders, render
from supportmax.domain.rules.rule import happenings
from supportmax.domain.rules.vocabulary import Known
from supportmax.domain.ticket_events import TicketEvent
from supportmax.domain.ticket_fields import TicketField
from supportmax.domain.tickets import Ticket

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
AGENT, GROUP, STRANGER = (UUID(f"01890000-0000-7000-8000-00000000000{n}") for n in "abc")
FIELDS = [
    TicketField(id=new_id(), key="plan", label="Plan", type="select", options=["free", "gold"]),
    TicketField(id=new_id(), key="seats", label="Seats", type="number"),
    TicketField(id=new_id(), key="beta", label="Beta", type="boolean"),
    TicketField(id=new_id(), key="parts", label="Parts", type="multi_select", options=["a", "b", "c"]),
    TicketField(id=new_id(), key="due", label="Due", type="date"),
]
KNOWN = Known(frozenset({AGENT}), frozenset({GROUP}), frozenset({"refund"}), {f.key: f for f in FIELDS})
TICKET = Ticket(
    id=new_id(),
    number=7,
    subject="Card swallowed at the station",
    status="open",
    priority="high",
    channel="email",
    category="refund",
    tags=["vip", "card"],
    language="en",
    sentiment=None,
    requester_id=None,
    assignee_id=AGENT,
    group_id=None,
    session_id=None,
    triage=None,
    version=1,
    created_at=NOW - timedelta(hours=30),
    updated_at=NOW - timedelta(hours=2),
    first_response_at=None,
    solved_at=None,
    type=None,
    custom_fields={"plan": "gold", "seats": 0, "parts": ["a", "b"], "due": "2026-12-01"},
    snoozed_until=None,
    merged_into_id=None,
    deleted_at=None,
)
FACTS = Facts(
    ticket=TICKET,
    body="I want my MONEY back!",
    status_since=NOW - timedelta(hours=5),
    active_at=NOW - timedelta(hours=2),
    now=NOW,
)


@pytest.mark.parametrize(
    ("field", "operator", "value", "holds"),
    [
        ("status", "is", "open", True),
        ("status", "is", ["new", "open"], True),
        ("status", "is_not", ["new", "open"], False),
        ("priority", "is_not", "urgent", True),
        ("type", "is_empty", None, True),
        ("type", "is", "incident", False),
        ("sentiment", "is_not", "negative", True),
        ("category", "is", "refund", True),
        ("category", "is_not_empty", None, True),
        ("channel", "is", "chat", False),
        ("assignee_id", "is", str(AGENT), True),
        ("assignee_id", "is_empty", None, False),
        ("group_id", "is", str(GROUP), False),
        ("group_id", "is_empty", None, True),
        ("tags", "includes_any", ["x", "VIP"], True),
        ("tags", "includes_all", ["vip", "card"], True),
        ("tags", "includes_all", ["vip", "x"], False),
        ("tags", "includes_none", "x", True),
        ("subject", "includes_any", "card swallowed", True),
        ("subject", "includes_any", "car", False),
        ("body", "includes_all", ["money", "want"], True),
        ("body", "includes_any", "money, back", True),
        ("body", "includes_none", ["refund"], True),
        ("hours_since_created", "at_least", 30, True),
        ("hours_since_created", "less_than", 30, False),
        ("hours_since_updated", "at_least", 2.5, False),
        ("hours_since_status_change", "at_least", 5, True),
        ("custom_fields.plan", "is", ["free", "gold"], True),
        ("custom_fields.plan", "is_empty", None, False),
        ("custom_fields.seats", "is", 0, True),
        ("custom_fields.seats", "at_least", 1, False),
        ("custom_fields.seats", "is_empty", None, False),
        ("custom_fields.beta", "is", True, False),
        ("custom_fields.beta", "is_empty", None, True),
        ("custom_fields.parts", "includes_all", ["a", "b"], True),
        ("custom_fields.parts", "includes_any", "c", False),
        ("custom_fields.due", "less_than", "2027-01-01", True),
    ],
)
def test_a_condition(field: str, operator: str, value: Any, holds: bool) -> None:
    parsed = parse_conditions({"all": [{"field": field, "operator": operator, "value": value}]}, KNOWN)
    assert unmet(parsed, FACTS) == ([] if holds else ["conditions.all.0"])
    assert stored_conditions(parsed.document()) == parsed


def test_all_of_all_and_one_of_any() -> None:
    def one(priority: str) -> dict[str, str]:
        return {"field": "priority", "operator": "is", "value": priority}

    def missing(**parts: list[dict[str, str]]) -> list[str]:
        return unmet(parse_conditions(parts, KNOWN), FACTS)

    assert missing() == []
    assert missing(any=[one("low"), one("high")]) == []
    assert missing(any=[one("low")], all=[one("high"), one("low")]) == ["conditions.all.1", "conditions.any"]


def test_a_field_whose_type_changed_holds_for_nothing() -> None:
    ticket = replace(TICKET, custom_fields={"seats": "many"})
    parsed = parse_conditions({"all": [{"field": "custom_fields.seats", "operator": "at_least", "value": 1}]}, KNOWN)
    assert unmet(parsed, replace(FACTS, ticket=ticket)) == ["conditions.all.0"]


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        (("state", "is", "open"), "conditions.any.0.field: unknown field 'state'; there are status, priority"),
        (("status", "at_least", "open"), "conditions.any.0.operator: must be one of is, is_not"),
        (("status", "is", "done"), "conditions.any.0.value: must be one of new, open"),
        (("status", "is", []), "conditions.any.0.value: must be a list of 1 to 50"),
        (("status", "is", {"a": 1}), "conditions.any.0.value: must be a text"),
        (("type", "is_empty", "x"), "conditions.any.0.value: is_empty takes no value"),
        (("category", "is", "x"), "conditions.any.0.value: there is no label 'x'"),
        (("group_id", "is", str(STRANGER)), "conditions.any.0.value: there is no such group"),
        (("assignee_id", "is", "me"), "conditions.any.0.value: there is no such agent"),
        (("body", "includes_any", "!?"), "conditions.any.0.value: each text must hold a word"),
        (("hours_since_created", "at_least", True), "conditions.any.0.value: must be a number"),
        (("hours_since_created", "at_least", "3"), "conditions.any.0.value: must be a number"),
        (("custom_fields.x", "is", "y"), "conditions.any.0.field: there is no field 'x'; there are: plan, seats"),
        (("custom_fields.plan", "is", "y"), "conditions.any.0.value: must be one of free, gold"),
        (("custom_fields.plan", "at_least", "y"), "conditions.any.0.operator: must be one of"),
        (("custom_fields.seats", "is", ["3"]), "conditions.any.0.value: must be a number"),
    ],
)
def test_a_condition_that_cannot_be(condition: tuple[str, str, Any], problem: str) -> None:
    given = dict(zip(("field", "operator", "value"), condition, strict=True))
    with pytest.raises(InvalidInput) as caught:
        parse_conditions({"any": [given]}, KNOWN)
    assert caught.value.message.startswith(problem)


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"action": "set_status", "value": "new"}, "actions.0.value: must be one of open"),
        ({"action": "set_priority", "value": None}, "actions.0.value: must be one of low"),
        ({"action": "set_assignee", "value": "me"}, "actions.0.value: nobody applies this rule"),
        ({"action": "set_custom_field", "key": "plan", "value": "x"}, "actions.0.value: must be one of free, gold"),
        ({"action": "set_custom_field", "value": "x"}, "actions.0.key: there is no field"),
        ({"action": "set_status", "key": "plan", "value": "open"}, "actions.0.key: set_status takes no key"),
        ({"action": "add_note", "value": "x", "text": "y"}, "actions.0.text: add_note takes no text"),
        ({"action": "notify_agent", "value": str(AGENT)}, "actions.0.text: must be a text"),
        ({"action": "notify_group", "value": "assignee", "text": "x"}, "actions.0.value: there is no such group"),
        ({"action": "snooze", "value": 0}, "actions.0.value: must be a number from 1 to 8,760"),
        ({"action": "add_tags", "value": ["x" * 51]}, "actions.0.value: must be at most 30 tags"),
        ({"action": "reply", "value": "{{ticket.number"}, "actions.0.value: a placeholder is not closed"),
    ],
)
def test_an_action_that_cannot_be(action: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_actions([action], KNOWN, by_person=False)
    assert caught.value.message.startswith(problem)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {{requester.name}}!", "Hello Ann!"),
        ("Hello {{ requester.name | there }}!", "Hello Ann!"),
        ("Group: {{group.name|nobody}}.", "Group: nobody."),
        ("Group: {{group.name}}.", "Group: ."),
        ("{{ticket.subject}}", "{{requester.email}}"),
        ("{single} is text", "{single} is text"),
    ],
)
def test_placeholders_are_filled_in_once(text: str, said: str) -> None:
    check_placeholders("text", text, ())
    values = {"requester.name": "Ann", "ticket.subject": "{{requester.email}}", "requester.email": "a@b.example"}
    assert render(text, values) == said


@pytest.mark.parametrize("text", ["{{x}}", "{{ticket.custom_fields.x}}", "{{", "}}", "{{ticket.__class__}}", "{{a b}}"])
def test_a_placeholder_that_is_none(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^text: "):
        check_placeholders("text", text, {"plan"})


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("created", {"status": {"from": None, "to": "new"}}, {"ticket_created"}),
        ("changed", {"status": {"from": "new", "to": "open"}}, {"ticket_updated", "status_changed"}),
        ("changed", {"group_id": {"from": None, "to": "g"}}, {"ticket_updated", "assigned"}),
        ("satisfaction_asked", {}, set()),
    ],
)
def test_what_an_event_amounts_to(kind: str, changes: dict[str, Any], expected: set[str]) -> None:
    nobody: dict[str, Any] = dict.fromkeys(("actor_id", "reason"))
    event = TicketEvent(
        id=new_id(), ticket_id=new_id(), kind=kind, actor_kind="system", changes=changes, created_at=NOW, **nobody
    )
    assert happenings([event], []) == expected
