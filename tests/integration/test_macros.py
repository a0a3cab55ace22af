"""Macros and canned replies, as agents use them."""

from typing import Any

import pytest

from tests.cloud import Cloud
from tests.tickets import Front


@pytest.fixture
def front(cloud: Cloud) -> Front:
    return Front.of(cloud)


@pytest.fixture
def admin(cloud: Cloud) -> Front:
    return Front.of(cloud, "admin")


def test_a_macro_says_and_changes_what_it_holds(front: Front, admin: Front) -> None:
    admin.ok("POST", "/v1/ticket-fields", {"key": "plan", "label": "Plan", "type": "text"})
    ticket = front.open(requester_name="Ann Baker", custom_fields={"plan": "gold"})
    reply = "Hello {{requester.first_name|there}}, #{{ticket.number}} ({{ticket.custom_fields.plan}}): {{agent.name}}"
    actions = [
        {"action": "reply", "value": reply},
        {"action": "add_note", "value": "Told {{requester.email}}; {{ticket.category|no category}}."},
        {"action": "set_status", "value": "solved"},
        {"action": "set_assignee", "value": "me"},
        {"action": "add_tags", "value": ["Refund"]},
        {"action": "set_custom_field", "key": "plan", "value": None},
        {"action": "notify_agent", "value": str(admin.user.id), "text": "{{ticket.subject}} is done"},
    ]
    macro = front.ok("POST", "/v1/macros", {"name": "Done", "actions": actions})
    assert front.ok("GET", f"/v1/macros/{macro['id']}") == macro
    path = f"/v1/tickets/{ticket['id']}/macros/{macro['id']}/apply"

    tried = front.ok("POST", path, {"dry_run": True})
    said = f"Hello Ann, #{ticket['number']} (gold): Agent"
    assert (tried["effect"]["reply"], tried["effect"]["notes"]) == (said, ["Told ann@customer.example; no category."])
    assert tried["effect"]["changes"]["status"] == {"from": "new", "to": "solved"}
    assert tried["effect"]["notices"] == [f"#{ticket['number']}: My card is done"]
    assert tried["ticket"]["version"] == front.read(ticket)["version"]
    assert front.said(ticket) == ["The machine kept it."]

    assert front.call("POST", path, json={}, headers={"If-Match": '"99"'}).status_code == 412
    done = front.ok("POST", path, {})["ticket"]
    assert (done["status"], done["assignee_id"], done["tags"]) == ("solved", str(front.user.id), ["refund"])
    assert (done["custom_fields"], done["first_response_at"] is not None) == ({}, True)
    assert front.said(ticket)[1:] == ["Told ann@customer.example; no category.", said]
    last = front.events(ticket)[-1]
    assert (last["actor"], last["actor_id"], last["reason"]) == ("user", str(front.user.id), "macro: Done")
    assert admin.ok("GET", "/v1/notifications")["notifications"][0]["text"].endswith("My card is done")
    front.cloud.drain()
    assert sum("To: ann@customer.example" in mail and said in mail for mail in front.cloud.mail()) == 1

    front.change(ticket, status="closed")
    before = front.said(ticket)
    assert front.problem("POST", path, {})[0] == 409
    assert front.said(ticket) == before


def test_a_macro_that_cannot_be_is_refused_with_its_path(front: Front) -> None:
    def refused(*actions: dict[str, Any]) -> str:
        status, detail = front.problem("POST", "/v1/macros", {"name": "m", "actions": list(actions)})
        assert status == 422
        return detail

    ok = {"action": "set_priority", "value": "high"}
    assert refused(ok, {"action": "reply", "value": "{{agent.password}}"}).startswith(
        "actions.1.value: unknown placeholder {{agent.password}}; there are ticket.number"
    )
    assert refused({"action": "set_group", "value": str(front.user.id)}).startswith("actions.0.value: there is no such")
    assert refused(ok, ok) == "actions.1: set_priority is there twice"
    assert refused({"action": "run", "value": "rm"}).startswith("actions.0.action")
    assert refused({"action": "set_assignee", "value": ["me"]}).startswith("actions.0.value")


def test_macros_and_canned_replies_are_ones_own_or_everybodys(front: Front, admin: Front) -> None:
    other = Front.of(front.cloud)
    solve = {"name": "Solve", "actions": [{"action": "set_status", "value": "solved"}]}
    mine = front.ok("POST", "/v1/macros", solve)
    assert front.problem("POST", "/v1/macros", solve | {"shared": True})[0] == 403
    shared = admin.ok("POST", "/v1/macros", solve | {"shared": True})
    assert [m["id"] for m in other.ok("GET", "/v1/macros")] == [shared["id"]]
    ticket = front.open()
    assert other.problem("POST", f"/v1/tickets/{ticket['id']}/macros/{mine['id']}/apply", {})[0] == 404
    assert front.problem("PUT", f"/v1/macros/{shared['id']}", solve)[0] == 403
    assert front.ok("PUT", f"/v1/macros/{mine['id']}", solve | {"name": "Mine"})["name"] == "Mine"
    front.ok("DELETE", f"/v1/macros/{mine['id']}")
    assert front.problem("GET", f"/v1/macros/{mine['id']}")[0] == 404

    body = {"short_code": "refund", "text": "Hello {{requester.name|there}}, #{{ticket.number}}."}
    reply = front.ok("POST", "/v1/canned-replies", body)
    assert "short code" in front.problem("POST", "/v1/canned-replies", body)[1]
    everybodys = admin.ok("POST", "/v1/canned-replies", body | {"shared": True})
    assert len(front.ok("GET", "/v1/canned-replies")) == 2
    path = f"/v1/canned-replies/{reply['id']}"
    stranger = front.open(requester_email=None)
    told = front.ok("POST", f"{path}/render", {"ticket_id": stranger["id"]})
    assert told == {"text": f"Hello there, #{stranger['number']}."}
    assert front.problem("PUT", path, body | {"text": "{{nothing}}"})[1].startswith("text: unknown placeholder")
    assert other.problem("POST", f"{path}/render", {"ticket_id": stranger["id"]})[0] == 404
    assert front.problem("DELETE", f"/v1/canned-replies/{everybodys['id']}")[0] == 403
    front.ok("PUT", path, body | {"text": "Bye."})
    front.ok("DELETE", path)
