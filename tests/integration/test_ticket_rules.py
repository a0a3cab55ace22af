"""What may become of a ticket, what is told of it afterwards, and who may have changed it meanwhile."""

from datetime import timedelta
from itertools import product
from typing import Any

import psycopg
import pytest

from supportmax.domain.clock import utcnow
from supportmax.services.maintain import maintain
from tests.cloud import Cloud
from tests.tickets import Front

Connection = psycopg.Connection[tuple[object, ...]]
STATUSES = ("new", "open", "pending", "solved", "closed")
LEGAL = {
    "new": {"open", "pending", "solved", "closed"},
    "open": {"pending", "solved", "closed"},
    "pending": {"open", "solved", "closed"},
    "solved": {"open", "pending", "closed"},
    "closed": set(),
}


@pytest.fixture
def front(cloud: Cloud) -> Front:
    return Front.of(cloud)


@pytest.fixture
def admin(cloud: Cloud) -> Front:
    return Front.of(cloud, "admin")


def test_every_move_is_legal_or_named(front: Front) -> None:
    for before, after in product(STATUSES, STATUSES):
        ticket = front.open()
        if before != "new":
            front.change(ticket, status=before)
        response = front.call("PATCH", f"/v1/tickets/{ticket['id']}", json={"status": after})
        assert (response.status_code == 200) is (after == before or after in LEGAL[before]), (before, after)
        if response.status_code != 200:
            assert (response.status_code, response.json()["detail"].split(":")[0]) == (422, "status")


def test_the_timeline_says_who_changed_what_and_why(front: Front) -> None:
    ticket = front.open(priority="low", tags=["card"])
    front.change(ticket, priority="high", add_tags=["vip"], reason="she called")
    front.change(ticket, priority="high")
    made, changed = front.events(ticket)
    assert (made["kind"], made["actor"], made["actor_id"]) == ("created", "user", str(front.user.id))
    assert made["changes"]["status"] == {"from": None, "to": "new"}
    assert (changed["kind"], changed["reason"]) == ("changed", "she called")
    assert changed["changes"] == {
        "priority": {"from": "low", "to": "high"},
        "tags": {"from": ["card"], "to": ["card", "vip"]},
    }


def test_what_the_desk_does_by_itself_is_in_the_timeline(front: Front) -> None:
    ticket = front.open()
    front.cloud.drain()
    seen = [(e["actor"], e["reason"]) for e in front.events(ticket)[1:]]
    assert seen == [("system", "triage"), ("system", "handed over: triage is unsure what this is about")]


def test_a_reply_is_a_change_with_a_reason_and_the_timeline_has_pages(front: Front) -> None:
    ticket = front.open()
    front.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": "Freeze it."})
    last = front.events(ticket)[-1]
    assert last["reason"] == "a public reply"
    assert last["changes"]["status"] == {"from": "new", "to": "pending"}
    first = front.ok("GET", f"/v1/tickets/{ticket['id']}/events", limit=1)
    second = front.ok("GET", f"/v1/tickets/{ticket['id']}/events", limit=1, after=first["next_cursor"])
    assert [page["events"][0]["kind"] for page in (first, second)] == ["created", "changed"]
    assert second["next_cursor"] is None


def test_if_match_protects_what_changed_meanwhile(front: Front) -> None:
    ticket = front.open()
    path = f"/v1/tickets/{ticket['id']}"
    read = front.call("GET", path)
    assert read.headers["etag"] == '"1"'
    changed = front.call("PATCH", path, json={"priority": "high"}, headers={"If-Match": read.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    late = front.call("PATCH", path, json={"priority": "low"}, headers={"If-Match": read.headers["etag"]})
    assert (late.status_code, late.json()["type"]) == (412, "urn:supportmax:problem:precondition-failed")
    assert "version 2" in late.json()["detail"]
    assert front.read(ticket)["priority"] == "high"
    for accepted in ("*", '"1", W/"2"'):
        assert front.call("PATCH", path, json={"priority": "low"}, headers={"If-Match": accepted}).status_code == 200
        break
    assert front.call("DELETE", path, headers={"If-Match": '"1"'}).status_code == 412
    assert front.call("PATCH", path, json={}, headers={"If-Match": "nonsense"}).status_code == 412


def test_what_is_known_already_is_not_sent_again(front: Front) -> None:
    ticket = front.open()
    path = f"/v1/tickets/{ticket['id']}"
    same = front.call("GET", path, headers={"If-None-Match": '"1"'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
    front.change(ticket, priority="high")
    assert front.call("GET", path, headers={"If-None-Match": '"1"'}).status_code == 200


# Fields of the workspace's own

FIELDS: list[dict[str, Any]] = [
    {"key": "order", "label": "Order", "type": "text"},
    {"key": "amount", "label": "Amount", "type": "number"},
    {"key": "paid", "label": "Paid", "type": "boolean"},
    {"key": "due", "label": "Due", "type": "date"},
    {"key": "plan", "label": "Plan", "type": "select", "options": ["free", "gold"], "required_to_solve": True},
    {"key": "parts", "label": "Parts", "type": "multi_select", "options": ["app", "card"]},
]


@pytest.fixture
def fields(admin: Front) -> None:
    for field in FIELDS:
        admin.ok("POST", "/v1/ticket-fields", field)


@pytest.mark.usefixtures("fields")
def test_custom_fields_are_typed_and_required_ones_must_be_there(front: Front) -> None:
    given = {"order": "A-1", "amount": 12.5, "paid": False, "due": "2026-02-28", "plan": "gold", "parts": ["app"]}
    ticket = front.open(custom_fields=given, type="incident")
    assert (ticket["custom_fields"], ticket["type"]) == (given, "incident")
    wrong = {"order": 3, "amount": "a lot", "paid": "yes", "due": "2026-02-30", "plan": "silver", "parts": ["app", "x"]}
    for key, value in (wrong | {"amount": True, "parts": "app", "colour": "red"}).items():
        status, detail = front.problem("PATCH", f"/v1/tickets/{ticket['id']}", {"custom_fields": {key: value}})
        assert (status, detail.split(":")[0]) == (422, f"custom_fields.{key}"), detail
    left = front.change(ticket, custom_fields={"order": None, "plan": None})["custom_fields"]
    assert left == {k: v for k, v in given.items() if k not in {"order", "plan"}}
    status, detail = front.problem("PATCH", f"/v1/tickets/{ticket['id']}", {"status": "solved"})
    assert (status, detail) == (422, "custom_fields.plan: must be filled in before the ticket is solved")
    assert front.change(ticket, status="solved", custom_fields={"plan": "free"})["status"] == "solved"


@pytest.mark.usefixtures("fields")
def test_fields_are_administrators_work(front: Front, admin: Front) -> None:
    listed = front.ok("GET", "/v1/ticket-fields")
    assert [field["key"] for field in listed] == [field["key"] for field in FIELDS]
    assert front.problem("POST", "/v1/ticket-fields", {"key": "x", "label": "X", "type": "text"})[0] == 403
    assert admin.problem("POST", "/v1/ticket-fields", FIELDS[0])[0] == 409
    assert admin.problem("POST", "/v1/ticket-fields", {"key": "x", "label": "X", "type": "select"})[0] == 422
    path = f"/v1/ticket-fields/{listed[4]['id']}"
    assert admin.ok("PATCH", path, {"options": ["free", "gold", "team"]})["options"] == ["free", "gold", "team"]
    admin.ok("DELETE", path)
    assert admin.problem("DELETE", path)[0] == 404
    assert "plan" not in {field["key"] for field in front.ok("GET", "/v1/ticket-fields")}


def test_tags_can_be_added_and_taken_away(front: Front) -> None:
    ticket = front.open(tags=["a", "b"])
    assert front.change(ticket, add_tags=["C", "a"], remove_tags=["b"])["tags"] == ["a", "c"]
    assert front.problem("PATCH", f"/v1/tickets/{ticket['id']}", {"tags": ["x"], "add_tags": ["y"]})[0] == 422
    many = [f"t{n}" for n in range(29)]
    assert front.problem("PATCH", f"/v1/tickets/{ticket['id']}", {"add_tags": many})[1].startswith("add_tags:")


# Followers, links, presence


def test_followers_hear_of_notes(front: Front) -> None:
    other = Front.of(front.cloud)
    ticket = front.open()
    path = f"/v1/tickets/{ticket['id']}/followers"
    front.ok("PUT", f"{path}/{other.user.id}")
    front.ok("PUT", f"{path}/{other.user.id}")
    assert front.ok("GET", path) == [{"id": str(other.user.id), "name": "Agent"}]
    assert [e["kind"] for e in front.events(ticket)] == ["created", "followed"]
    front.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": "Look at this", "visibility": "internal"})
    assert [n["ticket_id"] for n in other.ok("GET", "/v1/notifications")["notifications"]] == [ticket["id"]]
    assert front.ok("GET", "/v1/notifications")["notifications"] == []
    assert front.problem("PUT", f"{path}/{ticket['requester_id']}")[0] == 404
    front.ok("DELETE", f"{path}/{other.user.id}")
    assert front.problem("DELETE", f"{path}/{other.user.id}")[0] == 404


def test_links_are_seen_from_both_sides(front: Front) -> None:
    incident, problem = front.open(), front.open(subject="The outage")
    path = f"/v1/tickets/{incident['id']}/links"
    made = front.ok("POST", path, {"kind": "incident_of", "ticket_id": problem["id"]})
    assert (made["kind"], made["number"], made["subject"]) == ("incident_of", problem["number"], "The outage")
    (seen,) = front.ok("GET", f"/v1/tickets/{problem['id']}/links")
    assert (seen["kind"], seen["ticket_id"], seen["id"]) == ("problem_of", incident["id"], made["id"])
    again = {"kind": "problem_of", "ticket_id": incident["id"]}
    assert front.problem("POST", f"/v1/tickets/{problem['id']}/links", again)[0] == 409
    assert front.problem("POST", path, {"kind": "blocks", "ticket_id": incident["id"]})[0] == 422
    front.ok("DELETE", f"/v1/tickets/{problem['id']}")
    assert front.ok("GET", path) == []
    front.ok("POST", f"/v1/tickets/{problem['id']}/restore")
    front.ok("DELETE", f"{path}/{made['id']}")
    assert front.ok("GET", f"/v1/tickets/{problem['id']}/links") == []
    assert [e["kind"] for e in front.events(problem)] == ["created", "linked", "deleted", "restored", "unlinked"]


def test_agents_see_each_other_at_a_ticket_until_they_leave(front: Front, owner: Connection) -> None:
    other = Front.of(front.cloud)
    path = f"/v1/tickets/{front.open()['id']}/presence"
    assert front.ok("PUT", path, {"activity": "writing"}) == {"others": [], "expires_in": 60}
    (seen,) = other.ok("PUT", path, {})["others"]
    assert (seen["user_id"], seen["activity"]) == (str(front.user.id), "writing")
    owner.execute("UPDATE ticket_presence SET seen_at = seen_at - interval '61 seconds' WHERE activity = 'writing'")
    assert other.ok("PUT", path, {})["others"] == []
    assert front.ok("PUT", path, {})["others"] != []
    other.ok("DELETE", path)
    assert front.ok("PUT", path, {})["others"] == []


# Snooze


def test_a_snoozed_ticket_wakes_by_the_schedule(front: Front, owner: Connection) -> None:
    ticket = front.open(assignee_id=str(front.user.id))
    until = (utcnow() + timedelta(hours=1)).isoformat()
    assert front.change(ticket, snoozed_until=until)["snoozed_until"] is not None
    assert front.find("is:snoozed") == [ticket["number"]]
    assert front.find("-is:snoozed") == []
    assert maintain(front.cloud.tools.store, front.cloud.tools.queues)["woken"] == 0
    owner.execute("UPDATE tickets SET snoozed_until = now() WHERE snoozed_until IS NOT NULL")
    assert maintain(front.cloud.tools.store, front.cloud.tools.queues)["woken"] == 1
    assert front.read(ticket)["snoozed_until"] is None
    assert [e["kind"] for e in front.events(ticket)] == ["created", "snoozed", "woken"]
    assert "back from its snooze" in front.ok("GET", "/v1/notifications")["notifications"][0]["text"]


def test_a_snooze_needs_a_future_and_ends_with_solving(front: Front) -> None:
    ticket = front.open()
    path = f"/v1/tickets/{ticket['id']}"
    assert front.problem("PATCH", path, {"snoozed_until": "2020-01-01T00:00:00Z"})[1].startswith("snoozed_until:")
    assert front.problem("PATCH", path, {"snoozed_until": "2100-01-01T00:00:00"})[0] == 422
    front.change(ticket, snoozed_until="2100-01-01T00:00:00Z")
    assert front.change(ticket, status="solved")["snoozed_until"] is None
    assert front.problem("PATCH", path, {"snoozed_until": "2100-01-01T00:00:00Z"})[0] == 422


# Deleting


def test_a_deleted_ticket_is_nowhere_until_it_is_restored(front: Front) -> None:
    ticket = front.open(subject="A rare quokka")
    path = f"/v1/tickets/{ticket['id']}"
    front.ok("DELETE", path)
    calls = [("GET", ""), ("GET", "/messages"), ("GET", "/events"), ("GET", "/links"), ("GET", "/followers")]
    assert {front.problem(method, path + rest)[0] for method, rest in calls} == {404}
    assert front.problem("PATCH", path, {"priority": "high"})[0] == 404
    assert front.problem("POST", f"{path}/messages", {"body": "x"})[0] == 404
    assert (front.find(""), front.find("quokka"), front.find("is:deleted quokka")) == ([], [], [ticket["number"]])
    restored = front.ok("POST", f"{path}/restore")
    assert (restored["subject"], restored["deleted_at"], restored["version"]) == ("A rare quokka", None, 3)
    assert front.find("quokka") == [ticket["number"]]
    assert front.problem("POST", f"{path}/restore")[0] == 409
    assert [e["kind"] for e in front.events(ticket)] == ["created", "deleted", "restored"]


def test_a_follow_up_goes_on_from_a_closed_ticket(front: Front) -> None:
    closed = front.open()
    front.change(closed, status="closed")
    path = f"/v1/tickets/{closed['id']}/messages"
    assert "closed" in front.problem("POST", path, {"body": "One more thing"})[1]
    front.ok("POST", path, {"body": "For the record", "visibility": "internal"})
    made = front.open(requester_email=None, follow_up_of=closed["id"])
    assert made["requester_id"] == closed["requester_id"]
    (link,) = front.ok("GET", f"/v1/tickets/{made['id']}/links")
    assert (link["kind"], link["ticket_id"]) == ("follow_up_of", closed["id"])
