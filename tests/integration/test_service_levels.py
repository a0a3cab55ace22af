"""Promises, from a policy to its breach: through the API, mail and the schedule, with a clock that is moved."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from supportmax.services.watch_clocks import watch_clocks
from tests.clocks import BERLIN, OFFICE, Promises
from tests.cloud import Cloud
from tests.tickets import Front


@pytest.fixture
def desk(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Promises:
    return Promises.of(Front.of(cloud), monkeypatch)


def test_a_ticket_is_due_and_the_schedule_says_once_that_it_is_late(desk: Promises) -> None:
    desk.policy(warn_minutes=15)
    desk.at("2026-11-23T09:00")
    ticket = desk.front.open(assignee_id=str(desk.front.user.id))
    assert desk.due(ticket, "first_response") == "2026-11-23T10:00"
    desk.at("2026-11-23T09:44")
    assert desk.tick() == {"warned": 0, "breached": 0}
    desk.at("2026-11-23T09:45")
    assert desk.tick() == {"warned": 1, "breached": 0}
    assert desk.tick() == {"warned": 0, "breached": 0}
    desk.at("2026-11-23T09:59")
    assert desk.tick() == {"warned": 0, "breached": 0}
    desk.at("2026-11-23T10:00")
    assert desk.tick() == {"warned": 0, "breached": 1}
    assert desk.tick() == {"warned": 0, "breached": 0}
    events = [e for e in desk.front.events(ticket) if e["kind"].startswith("sla_")]
    assert [(e["kind"], e["actor"], e["reason"]) for e in events] == [
        ("sla_warned", "system", "SLA policy Gold"),
        ("sla_breached", "system", "SLA policy Gold"),
    ]
    clock = desk.clock(ticket, "first_response")
    assert (clock["breached_at"], clock["fulfilled_at"]) == (clock["due_at"], None)


def test_clocks_follow_the_life_of_a_ticket(desk: Promises) -> None:
    """Office hours in Berlin. Friday the 27th is a holiday; clocks go forward on Sunday the 29th."""
    hours = desk.make("/v1/business-hours", OFFICE | {"holidays": [{"date": "2026-03-27", "name": "Closed"}]})
    normal = {"first_response": 60, "next_response": 120, "resolution": 480}
    high = {"resolution": 240}
    desk.policy(business_hours_id=hours["id"], targets={"normal": normal, "high": high})
    desk.at("2026-03-26T16:30")
    ticket = desk.front.open()
    assert desk.due(ticket, "first_response") == "2026-03-30T09:30"
    assert desk.due(ticket, "resolution") == "2026-03-30T16:30"

    desk.at("2026-03-30T09:10")
    desk.reply(ticket)  # it is pending now
    assert desk.clock(ticket, "first_response")["fulfilled_at"] is not None
    assert (desk.due(ticket, "resolution"), desk.clock(ticket, "resolution")["paused"]) == (None, True)
    assert [c["metric"] for c in desk.front.read(ticket)["sla"]] == ["first_response", "resolution"]

    desk.at("2026-03-30T12:00")
    desk.customer_writes(ticket)
    assert desk.due(ticket, "next_response") == "2026-03-30T14:00"
    assert desk.due(ticket, "resolution") == "2026-03-31T11:20"  # 440 of 480 minutes were left
    desk.at("2026-03-30T13:00")
    desk.customer_writes(ticket)
    assert desk.due(ticket, "next_response") == "2026-03-30T14:00"
    desk.at("2026-03-30T13:30")
    desk.reply(ticket)
    assert desk.clock(ticket, "next_response")["fulfilled_at"] is not None
    desk.at("2026-03-30T15:00")
    desk.customer_writes(ticket)  # promised again
    assert desk.due(ticket, "next_response") == "2026-03-30T17:00"
    desk.at("2026-03-30T15:00")
    desk.reply(ticket)

    desk.at("2026-03-31T10:00")
    desk.front.change(ticket, status="solved")
    assert desk.clock(ticket, "resolution")["fulfilled_at"] is not None
    desk.at("2026-03-31T11:00")
    desk.front.change(ticket, status="open")
    assert desk.due(ticket, "resolution") == "2026-03-31T16:50"  # 350 minutes were left
    desk.at("2026-03-31T11:30")
    desk.front.change(ticket, priority="high")  # of 240 minutes 160 have passed
    assert desk.due(ticket, "resolution") == "2026-03-31T12:50"
    desk.at("2026-03-31T12:00")
    desk.front.ok("DELETE", f"/v1/tickets/{ticket['id']}")
    desk.at("2026-03-31T14:00")
    assert desk.tick() == {"warned": 0, "breached": 0}
    desk.front.ok("POST", f"/v1/tickets/{ticket['id']}/restore")
    assert desk.due(ticket, "resolution") == "2026-03-31T14:50"
    desk.front.change(ticket, priority="low")  # which is promised nothing
    assert [c["metric"] for c in desk.front.read(ticket)["sla"]] == ["first_response", "next_response"]
    met = [e["changes"]["sla"]["to"]["metric"] for e in desk.front.events(ticket) if e["kind"] == "sla_met"]
    assert met == ["first_response", "next_response", "next_response", "resolution"]


def test_the_first_policy_that_a_ticket_meets_is_its_own(desk: Promises) -> None:
    shifts = [{"weekday": shift["weekday"], "start": "00:00", "end": "24:00"} for shift in OFFICE["shifts"]]
    weekend = [{"weekday": day, "start": "00:00", "end": "24:00"} for day in ("saturday", "sunday")]
    always = desk.make("/v1/business-hours", {"name": "Always", "time_zone": BERLIN, "shifts": shifts + weekend})
    day = {"normal": {"first_response": 24 * 60}}
    desk.policy(name="Everybody", position=9)
    gold = desk.policy(name="Gold", position=3, targets=day, conditions={"tags": ["gold"], "channel": ["api"]})
    gold |= {"business_hours_id": always["id"]}
    path = f"/v1/sla-policies/{gold.pop('id')}"
    assert desk.ask("PUT", path, gold).json()["business_hours_id"] == always["id"]
    assert [p["name"] for p in desk.ask("GET", "/v1/sla-policies").json()] == ["Gold", "Everybody"]

    desk.at("2026-03-28T12:00")
    plain, golden = desk.front.open(), desk.front.open(tags=["gold"])
    assert desk.due(plain, "first_response") == "2026-03-28T13:00"
    assert desk.due(golden, "first_response") == "2026-03-29T13:00"  # that night was an hour shorter
    desk.front.change(plain, add_tags=["gold"])
    assert desk.due(plain, "first_response") == "2026-03-29T13:00"

    assert desk.ask("PUT", path, gold | {"targets": {"normal": {"first_response": 120}}}).status_code == 200
    desk.tick()
    assert desk.due(golden, "first_response") == "2026-03-28T14:00"
    late = {"start": "00:00", "end": "12:30"}
    changed = {"name": "Always", "time_zone": BERLIN, "shifts": [shift | late for shift in shifts + weekend]}
    assert desk.ask("PUT", f"/v1/business-hours/{always['id']}", changed).status_code == 200
    desk.tick()
    assert desk.due(golden, "first_response") == "2026-03-29T01:30"
    refused = desk.ask("DELETE", f"/v1/business-hours/{always['id']}")
    assert (refused.status_code, "'Gold' counts by" in refused.json()["detail"]) == (409, True)
    assert desk.ask("DELETE", path).status_code == 204
    desk.tick()
    assert desk.clock(golden, "first_response")["policy"] == "Everybody"
    assert desk.ask("DELETE", f"/v1/business-hours/{always['id']}").status_code == 204
    assert desk.ask("GET", path).status_code == 404
    written = desk.ask("GET", "/v1/audit-entries").json()["audit_entries"]
    assert {"sla_policy.created", "sla_policy.updated", "sla_policy.deleted", "business_hours.deleted"} <= {
        entry["action"] for entry in written
    }


def test_a_breach_is_escalated_as_the_policy_says(desk: Promises) -> None:
    expert, _ = desk.front.cloud.person("agent")
    group = desk.make("/v1/groups", {"name": "Experts", "member_ids": [str(expert.id)]})
    desk.policy(on_breach={"priority": "urgent", "group_id": group["id"]})
    desk.at("2026-11-23T09:00")
    mine = desk.front.open(assignee_id=str(desk.front.user.id))
    desk.front.cloud.waiting("classify")
    desk.at("2026-11-23T10:00")
    assert desk.tick() == {"warned": 0, "breached": 1}
    desk.front.cloud.drain()
    ticket = desk.front.read(mine)
    assert (ticket["priority"], ticket["group_id"], ticket["assignee_id"]) == ("urgent", group["id"], str(expert.id))
    assert desk.front.find("assignee:none") == []
    change = next(e for e in desk.front.events(mine) if e["changes"].get("priority", {}).get("from"))
    assert change["actor"] == "system"
    assert change["reason"] == "SLA policy Gold breached: first response was due 2026-11-23 09:00 UTC"
    assert any("was due 2026-11-23 09:00 UTC" in mail and str(expert.email) in mail for mail in desk.front.cloud.mail())


def test_what_breaks_before_the_schedule_comes_by_is_broken_all_the_same(desk: Promises) -> None:
    desk.policy()
    desk.at("2026-11-23T09:00")
    ticket = desk.front.open()
    desk.at("2026-11-23T10:00:30")
    desk.reply(ticket)
    assert desk.tick() == {"warned": 0, "breached": 0}
    clock = desk.clock(ticket, "first_response")
    assert (clock["breached_at"], clock["fulfilled_at"]) == (clock["due_at"], "2026-11-23T09:00:30Z")
    assert [e["kind"] for e in desk.front.events(ticket) if e["kind"].startswith("sla_")] == ["sla_breached"]


def test_schedules_that_run_at_once_escalate_once(desk: Promises) -> None:
    desk.policy(warn_percent=50)
    desk.at("2026-11-23T09:00")
    tickets = [desk.front.open() for _ in range(12)]
    desk.at("2026-11-23T09:30")
    cloud = desk.front.cloud

    def run(_: int) -> tuple[int, int]:
        done = watch_clocks(cloud.tools.store, cloud.workspace_id)
        cloud.tools.database.close()
        return done["warned"], done["breached"]

    with ThreadPoolExecutor(3) as pool:
        assert sum(warned for warned, _ in pool.map(run, range(6))) == 12
        desk.at("2026-11-23T10:00")
        assert sum(breached for _, breached in pool.map(run, range(6))) == 12
    for ticket in tickets:
        kinds = [e["kind"] for e in desk.front.events(ticket) if e["kind"].startswith("sla_")]
        assert kinds == ["sla_warned", "sla_breached"]


def test_merged_tickets_and_spam_are_promised_nothing(desk: Promises) -> None:
    desk.policy()
    desk.at("2026-11-23T09:00")
    old, survivor, spam = desk.front.open(), desk.front.open(), desk.front.open()
    desk.front.ok("POST", f"/v1/tickets/{survivor['id']}/merge", {"ticket_ids": [old["id"]]})
    desk.front.change(spam, status="closed", tags=["spam"])
    assert [len(desk.front.read(t)["sla"]) for t in (old, survivor, spam)] == [0, 1, 0]


def test_tickets_are_found_by_their_promises(desk: Promises) -> None:
    desk.policy(targets={"normal": {"first_response": 60}, "high": {"first_response": 30}, "low": {"resolution": 90}})
    desk.at("2026-11-23T09:00")
    normal, high, low, urgent = (
        desk.front.open(priority=p, subject=f"about {p}")["number"] for p in ("normal", "high", "low", "urgent")
    )
    assert desk.front.find("sort:due") == [high, normal, low]
    assert desk.front.find('sort:due -priority:high "machine"') == [normal, low]
    assert desk.front.find("sort:due -machine") == []
    first = desk.front.ok("GET", "/v1/tickets", q="sort:due", limit=2)
    rest = desk.front.ok("GET", "/v1/tickets", q="sort:due", limit=2, after=first["next_cursor"])
    assert ([t["number"] for t in rest["tickets"]], rest["next_cursor"]) == ([low], None)
    assert set(desk.front.find("due<2026-11-23T09:00:00Z")) == {high}
    assert set(desk.front.find("due<2h")) == {high, normal, low}
    desk.at("2026-11-23T09:30")
    desk.tick()
    assert (desk.front.find("sla:overdue"), desk.front.find("sla:breached,paused")) == ([high], [high])
    assert set(desk.front.find("-sla:running")) == {urgent}
    high_ticket = desk.front.ok("GET", "/v1/tickets", q="sla:overdue")["tickets"][0]
    desk.reply(high_ticket)
    assert (desk.front.find("sla:overdue"), desk.front.find("sla:breached")) == ([], [high])
    assert desk.front.find("sort:due") == [normal, low]
    view = desk.front.ok("POST", "/v1/views", {"title": "Soon", "query": "sla:running sort:due"})
    counts = desk.front.ok("GET", "/v1/views/counts", ids=view["id"])
    assert counts[0]["count"] == 2
    assert desk.front.problem("GET", "/v1/tickets", q="sla:late")[0] == 422


SHIFT = {"weekday": "monday", "start": "09:00", "end": "17:00"}
HOURS = {"name": "x", "time_zone": "UTC", "shifts": [SHIFT]}
POLICY: dict[str, Any] = {"name": "x", "targets": {"normal": {"resolution": 60}}}
NOBODY = "01890000-0000-7000-8000-000000000000"


# (path, what is wrong, the field that the problem names)
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("business-hours", {"time_zone": "Europe/Atlantis"}, "time_zone"),
    ("business-hours", {"time_zone": "../etc/passwd"}, "time_zone"),
    ("business-hours", {"shifts": []}, "shifts"),
    ("business-hours", {"shifts": [SHIFT, SHIFT | {"start": "12:00"}]}, "shifts"),
    ("business-hours", {"shifts": [SHIFT | {"end": "09:00"}]}, "shifts.0.start"),
    ("business-hours", {"shifts": [SHIFT | {"end": "25:00"}]}, "shifts.0.end"),
    ("business-hours", {"shifts": [SHIFT | {"weekday": "Mo"}]}, "shifts.0.weekday"),
    ("business-hours", {"holidays": [{"date": "2026-02-30"}]}, "holidays.0.date"),
    ("business-hours", {"colour": "red"}, "colour"),
    ("sla-policies", {"targets": {}}, "targets"),
    ("sla-policies", {"targets": {"normal": {}}}, "targets"),
    ("sla-policies", {"targets": {"normal": {"resolution": 0}}}, "targets.normal.resolution"),
    ("sla-policies", {"targets": {"hot": {"resolution": 1}}}, "targets.hot.[key]"),
    ("sla-policies", {"conditions": {"colour": ["red"]}}, "conditions.colour"),
    ("sla-policies", {"conditions": {"priority": []}}, "conditions.priority"),
    ("sla-policies", {"conditions": {"category": ["nothing"]}}, "conditions.category"),
    ("sla-policies", {"conditions": {"group_id": [NOBODY]}}, "conditions.group_id"),
    ("sla-policies", {"business_hours_id": NOBODY}, "business_hours_id"),
    ("sla-policies", {"warn_percent": 100}, "warn_percent"),
    ("sla-policies", {"warn_percent": 50, "warn_minutes": 5}, "warn_minutes"),
    ("sla-policies", {"on_breach": {"group_id": NOBODY}}, "on_breach.group_id"),
]


def test_what_cannot_be_promised_is_named(desk: Promises) -> None:
    for path, changed, field in REFUSED:
        body = (HOURS if path == "business-hours" else POLICY) | changed
        answer = desk.ask("POST", f"/v1/{path}", body)
        assert (answer.status_code, answer.json()["detail"].split(":")[0]) == (422, field), answer.text
    for path, body in (("business-hours", HOURS), ("sla-policies", POLICY)):
        desk.make(f"/v1/{path}", body)
        assert desk.ask("POST", f"/v1/{path}", body).status_code == 409
