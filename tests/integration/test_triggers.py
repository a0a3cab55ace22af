"""Triggers and automations, from what begins them to what they did."""

from typing import Any

import psycopg
import pytest

from supportmax.services.maintain import maintain
from tests.cloud import Cloud, batch
from tests.tickets import Front

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def admin(cloud: Cloud) -> Front:
    return Front.of(cloud, "admin")


@pytest.fixture
def front(cloud: Cloud) -> Front:
    return Front.of(cloud)


def _trigger(admin: Front, name: str, events: list[str], *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = admin.ok(
        "POST", "/v1/triggers", {"name": name, "events": events, "actions": list(actions)} | more
    )
    return made


def _when(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"all": [{"field": field, "operator": operator, "value": value}]}


def _automation(admin: Front, hours: float, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    conditions = _when("hours_since_status_change", "at_least", hours)
    body = {"name": "Later", "conditions": conditions, "actions": list(actions)} | more
    made: dict[str, Any] = admin.ok("POST", "/v1/automations", body)
    return made


def _a_minute_passes(cloud: Cloud) -> None:
    maintain(cloud.tools.store, cloud.tools.queues)
    cloud.drain()


def _age(owner: Connection, ticket: dict[str, Any], hours: int) -> None:
    """Everything in the ticket happened so much earlier."""
    for table, column in (("tickets", "id"), ("ticket_events", "ticket_id"), ("messages", "ticket_id")):
        owner.execute(
            f"UPDATE {table} SET created_at = created_at - make_interval(hours => %s) WHERE {column} = %s".encode(),
            (hours, ticket["id"]),
        )
    owner.execute(
        "UPDATE tickets SET updated_at = updated_at - make_interval(hours => %s) WHERE id = %s", (hours, ticket["id"])
    )


def _done_by(front: Front, ticket: dict[str, Any], actor: str) -> list[tuple[str, str]]:
    """(kind, reason) of what a trigger or automation did."""
    return [(e["kind"], e["reason"]) for e in front.events(ticket) if e["actor"] == actor]


def test_triggers_act_in_their_order_each_on_what_the_one_before_left(front: Front, admin: Front) -> None:
    member = Front.of(front.cloud)
    with front.cloud.tools.store.begin(front.cloud.workspace_id) as tx:
        group = str(tx.groups.save("Cards", [member.user.id]).id)
    second = _trigger(
        admin,
        "Urgent goes to Cards",
        ["ticket_created"],
        {"action": "set_group", "value": group},
        {"action": "notify_group", "value": group, "text": "{{ticket.subject}} is urgent"},
        {"action": "add_note", "value": "Taken by {{group.name|nobody}}"},
        conditions=_when("priority", "is", "urgent"),
        position=2,
    )
    _trigger(
        admin,
        "Swallowed cards are urgent",
        ["ticket_created"],
        {"action": "set_priority", "value": "urgent"},
        {"action": "reply", "value": "We got #{{ticket.number}}, {{requester.name|hello}}."},
        conditions=_when("body", "includes_any", ["machine kept"]),
        position=1,
    )
    _trigger(admin, "Off", ["ticket_created"], {"action": "set_status", "value": "closed"}, enabled=False)
    assert [t["name"] for t in front.ok("GET", "/v1/triggers")][1:] == [
        "Swallowed cards are urgent",
        "Urgent goes to Cards",
    ]
    ticket, other = front.open(requester_name="Ann"), front.open(body="Hello?")
    front.cloud.drain()
    after = front.read(ticket)
    assert (after["priority"], after["group_id"]) == ("urgent", group)
    assert _done_by(front, ticket, "trigger") == [
        ("changed", "Swallowed cards are urgent"),
        ("changed", "Urgent goes to Cards"),
    ]
    assert {"We got #1, Ann.", "Taken by nobody"} <= set(front.said(ticket))
    assert "#1: My card is urgent" in [n["text"] for n in member.ok("GET", "/v1/notifications")["notifications"]]
    (mail,) = [m for m in front.cloud.mail() if "We got #1" in m and "To: ann@customer.example" in m]
    assert "Auto-Submitted: auto-replied" in mail
    assert _done_by(front, other, "trigger") == []
    assert front.ok("GET", f"/v1/triggers/{second['id']}")["fired"] == 1


def test_a_message_delivered_twice_works_once(front: Front, admin: Front) -> None:
    _trigger(admin, "Greets", ["message_received"], {"action": "add_note", "value": "They wrote again."})
    chat = front.cloud.http("chat")
    said = chat.post("/chat", json={"message": "I want to talk to a human"}).json()
    front.cloud.drain()
    ticket = {"id": said["ticket_id"]}
    assert "They wrote again." not in front.said(ticket)  # the first message is the ticket's creation
    front.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": "Here I am."})
    front.cloud.drain()
    chat.post("/chat", json={"message": "Where is my money?", "session_id": said["session_id"]})
    messages = [m for m in front.cloud.waiting("escalate") if "TicketTouched" in m["body"]]
    assert messages
    for _ in range(2):
        for message in messages:
            front.cloud.invoke("escalate", batch(message["body"]))
    assert front.said(ticket).count("They wrote again.") == 1


def test_a_loop_is_stopped_and_shown(front: Front, admin: Front) -> None:
    ticket = front.open()
    front.cloud.drain()
    to_open = {"action": "set_status", "value": "open"}
    to_pending = {"action": "set_status", "value": "pending"}
    one = _trigger(admin, "Opens", ["status_changed"], to_open, conditions=_when("status", "is", "pending"))
    two = _trigger(admin, "Parks", ["status_changed"], to_pending, conditions=_when("status", "is", "open"))
    tags = _trigger(admin, "Marks", ["ticket_updated"], {"action": "add_tags", "value": ["seen"]})
    before = len(front.events(ticket))
    front.change(ticket, status="pending")
    front.cloud.drain()
    kinds = [(e["kind"], e["reason"].split(":")[0]) for e in front.events(ticket)[before:] if e["actor"] == "trigger"]
    assert kinds.count(("changed", "Opens")) == kinds.count(("changed", "Parks")) == 1
    assert [kind for kind, _ in kinds].count("loop_stopped") == 1
    problems = [front.ok("GET", f"/v1/triggers/{rule['id']}")["problem"] for rule in (one, two, tags)]
    assert sum("it would change the ticket again" in problem for problem in problems if problem) == 1
    assert problems[2] is None  # it has nothing to change any more: no loop


def test_what_a_trigger_cannot_do_is_shown_and_stops_no_other(front: Front, admin: Front) -> None:
    admin.ok("POST", "/v1/ticket-fields", {"key": "cause", "label": "Cause", "type": "text", "required_to_solve": True})
    bad = _trigger(admin, "Solves", ["ticket_created"], {"action": "set_status", "value": "solved"})
    _trigger(admin, "Tags", ["ticket_created"], {"action": "add_tags", "value": "seen"}, position=5)
    ticket = front.open()
    front.cloud.drain()
    assert front.read(ticket)["tags"] == ["seen"]
    ((kind, reason), _) = _done_by(front, ticket, "trigger")
    assert (kind, reason.split(";")[0]) == ("rule_failed", "Solves: custom_fields.cause: must be filled in before "
                                                           "the ticket is solved")  # fmt: skip
    assert front.ok("GET", f"/v1/triggers/{bad['id']}")["problem"].startswith("#1: custom_fields.cause")
    fixed = {k: bad[k] for k in ("name", "events", "conditions")} | {"actions": [{"action": "snooze", "value": 2}]}
    assert admin.ok("PUT", f"/v1/triggers/{bad['id']}", fixed)["problem"] is None


def test_a_dry_run_says_what_would_match_and_change(front: Front, admin: Front) -> None:
    high, low = front.open(priority="high"), front.open(priority="low")
    front.cloud.drain()
    body = {
        "name": "Try",
        "events": ["ticket_created"],
        "conditions": _when("priority", "is", ["high", "urgent"]),
        "actions": [
            {"action": "set_status", "value": "pending"},
            {"action": "add_note", "value": "#{{ticket.number}}"},
        ],
    }
    before = [front.read(t) for t in (high, low)]
    tried = admin.ok("POST", "/v1/triggers/dry-run", {"trigger": body, "last": 10})["tickets"]
    assert [(t["number"], t["matches"], t["unmet"]) for t in tried] == [
        (low["number"], False, ["conditions.all.0"]),
        (high["number"], True, []),
    ]
    effect = tried[1]["effect"]
    assert (effect["changes"]["status"]["to"], effect["notes"]) == ("pending", [f"#{high['number']}"])
    saved = admin.ok("POST", "/v1/triggers", body | {"enabled": False})
    (one,) = admin.ok("POST", f"/v1/triggers/{saved['id']}/dry-run", {"ticket_id": high["id"]})["tickets"]
    assert one == tried[1]
    assert [front.read(t) for t in (high, low)] == before
    assert front.problem("POST", f"/v1/triggers/{saved['id']}/dry-run", {})[0] == 403
    wrong = body | {"conditions": _when("priority", "is", "huge")}
    status, detail = admin.problem("POST", "/v1/triggers", wrong)
    assert (status, detail.split(":")[0]) == (422, "conditions.all.0.value")
    admin.ok("DELETE", f"/v1/triggers/{saved['id']}")
    actions = [entry["action"] for entry in _audit(admin)]
    assert {"trigger.created", "trigger.deleted"} <= set(actions)


def _audit(admin: Front) -> list[dict[str, Any]]:
    answer = admin.cloud.http("admin").get("/v1/audit-entries", headers=admin.headers)
    found: list[dict[str, Any]] = answer.json()["audit_entries"]
    return found


def test_an_automation_acts_once_while_the_status_stays(front: Front, admin: Front, owner: Connection) -> None:
    rule = _automation(
        admin,
        48,
        {"action": "reply", "value": "Do you still need us?"},
        {"action": "add_tags", "value": ["reminded"]},
        conditions={
            "all": [
                {"field": "status", "operator": "is", "value": "pending"},
                {"field": "hours_since_status_change", "operator": "at_least", "value": 48},
            ]
        },
    )
    ticket, fresh = front.open(), front.open()
    front.cloud.drain()
    for each in (ticket, fresh):
        front.ok("POST", f"/v1/tickets/{each['id']}/messages", {"body": "Please send the receipt."})
    _age(owner, ticket, 49)
    _age(owner, fresh, 47)
    (due,) = admin.ok("POST", f"/v1/automations/{rule['id']}/dry-run", {})["tickets"]
    assert (due["number"], due["effect"]["reply"]) == (ticket["number"], "Do you still need us?")
    for _ in range(3):
        _a_minute_passes(front.cloud)
    assert front.said(ticket).count("Do you still need us?") == 1
    assert "Do you still need us?" not in front.said(fresh)
    assert sum("Do you still need us?" in mail for mail in front.cloud.mail()) == 1  # though an agent is in charge
    assert _done_by(front, ticket, "automation") == [("changed", "Later")]
    front.change(ticket, status="open")
    front.change(ticket, status="pending")
    _age(owner, ticket, 49)
    _a_minute_passes(front.cloud)
    assert front.said(ticket).count("Do you still need us?") == 2
    assert front.ok("GET", f"/v1/automations/{rule['id']}")["fired"] == 2


def test_an_automation_goes_on_where_it_stopped_and_ends_a_loop(
    front: Front, admin: Front, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportmax.services.rules.run_automation.ACTED_ON", 2)
    monkeypatch.setattr("supportmax.services.rules.run_automation.LOOKED_AT", 3)
    no_time = {"name": "x", "conditions": {}, "actions": [{"action": "add_tags", "value": "x"}]}
    assert admin.problem("POST", "/v1/automations", no_time)[1].startswith("conditions.all: an automation needs one of")
    tickets = [front.open() for _ in range(5)]
    front.cloud.drain()
    for ticket in tickets:
        _age(owner, ticket, 2)
    rule = _automation(admin, 1, {"action": "add_tags", "value": ["old"]})
    for expected in (2, 4, 5):
        _a_minute_passes(front.cloud)
        assert len(front.find("tag:old")) == expected
    admin.ok("DELETE", f"/v1/automations/{rule['id']}")

    ticket = tickets[0]
    swaps = [
        _automation(
            admin,
            1,
            {"action": "set_status", "value": after},
            conditions={
                "all": [
                    {"field": "status", "operator": "is", "value": before},
                    {"field": "hours_since_status_change", "operator": "at_least", "value": 1},
                ]
            },
        )
        for before, after in (("open", "pending"), ("pending", "open"))
    ]
    for other in tickets[1:]:
        front.change(other, status="closed")
    for _ in range(14):
        _age(owner, ticket, 2)
        _a_minute_passes(front.cloud)
    done = [kind for kind, _ in _done_by(front, ticket, "automation")]
    assert done.count("changed") == 11  # the tag, and five times each
    assert done[-1] == "loop_stopped"
    problems = [front.ok("GET", f"/v1/automations/{rule['id']}")["problem"] for rule in swaps]
    assert [bool(problem) for problem in problems].count(True) == 1
