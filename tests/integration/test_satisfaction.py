"""Customers are asked how the help was, and answer without signing in."""

import re
from datetime import timedelta
from email import message_from_string, policy
from typing import Any

import psycopg
import pytest

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Unauthorized
from supportmax.domain.ids import new_id
from supportmax.services.tokens import issue_token, link_token, read_link_token
from tests.cloud import SECRET, Cloud, event
from tests.tickets import Front

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def admin(cloud: Cloud) -> Front:
    front = Front.of(cloud, "admin")
    refused = front.problem("PUT", "/v1/satisfaction-settings", {"enabled": True})
    assert (refused[0], "ApiAddress" in refused[1]) == (409, True)
    _reached_at(cloud, "https://api.desk.example/v1")
    assert front.ok("GET", "/v1/satisfaction-settings") == {"enabled": False, "delay_hours": 24}
    front.ok("PUT", "/v1/satisfaction-settings", {"enabled": True, "delay_hours": 2})
    return front


def _reached_at(cloud: Cloud, url: str) -> None:
    cloud.tools.settings = cloud.tools.settings.model_copy(update={"api_url": url})


def _hours_pass(cloud: Cloud, owner: Connection, hours: int) -> None:
    owner.execute("UPDATE tickets SET solved_at = solved_at - make_interval(hours => %s)", (hours,))
    owner.execute("UPDATE satisfaction_settings SET enabled_at = enabled_at - interval '1 day'")
    cloud.invoke("maintenance", event("schedule_maintenance"))
    cloud.drain()


def _questions(cloud: Cloud) -> list[Any]:
    mails = [message_from_string(mail, policy=policy.default) for mail in cloud.mail()]
    return [mail for mail in mails if str(mail["Subject"]).startswith("How was our help")]


def _path(mail: Any) -> str:
    (good, bad) = re.findall(r"https://api\.desk\.example/v1(/v1/satisfaction/\S+)", mail.get_content())
    assert (good.split("?")[1], bad.split("?")[1]) == ("score=good", "score=bad")
    return str(good.split("?")[0])


def test_a_customer_is_asked_once_answers_and_changes_it(admin: Front, owner: Connection) -> None:
    cloud = admin.cloud
    ticket = admin.open(subject="My card <b>x</b> http://evil.example", requester_name="Ann Baker")
    cloud.drain()
    admin.change(ticket, assignee_id=str(admin.user.id), status="solved")
    _hours_pass(cloud, owner, 1)
    assert _questions(cloud) == []
    _hours_pass(cloud, owner, 1)
    (mail,) = _questions(cloud)
    assert (mail["To"], mail["Auto-Submitted"]) == ("ann@customer.example", "auto-generated")
    assert "Hello Ann," in mail.get_content()
    assert "evil" not in mail.get_content()
    path, page = _path(mail), cloud.http("tickets")

    looked = page.get(path, params={"score": "bad"})
    assert (looked.status_code, looked.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'value="bad" checked' in looked.text
    assert "<script" not in looked.text
    assert "default-src 'none'" in looked.headers["content-security-policy"]
    (asked,) = admin.ok("GET", "/v1/satisfaction-ratings")["ratings"]
    assert (asked["ticket_id"], asked["score"]) == (ticket["id"], None)  # looking is not answering

    many = {f"field{number}": "x" for number in range(20)}
    for wrong in ({"score": "great"}, {"comment": "x" * 2_001}, {"comment": "x" * 30_000}, many):
        refused = page.post(path, data={"score": "good"} | wrong)
        assert (refused.status_code, "<h1>Sorry</h1>" in refused.text) == (422, True)
    answered = page.post(path, data={"score": "bad", "comment": "<b>Slow</b> & unkind"})
    assert (answered.status_code, "&lt;b&gt;Slow&lt;/b&gt; &amp; unkind" in answered.text) == (200, True)
    (bad,) = admin.ok("GET", "/v1/satisfaction-ratings", ticket_id=ticket["id"], score="bad")["ratings"]
    assert (bad["comment"], bad["changed_at"]) == ("<b>Slow</b> & unkind", None)
    texts = [n["text"] for n in admin.ok("GET", "/v1/notifications")["notifications"]]
    assert any(text.startswith(f"#{ticket['number']} was rated bad") for text in texts)
    said = page.post(path, data={"score": "good", "comment": "Sorted out since."})
    assert (said.status_code, "Sorted out since." in said.text) == (200, True)
    (good,) = admin.ok("GET", "/v1/satisfaction-ratings", score="good")["ratings"]
    assert (good["comment"], good["answered_at"], good["changed_at"] is None) == (
        "Sorted out since.",
        bad["answered_at"],
        False,
    )
    events = [e for e in admin.events(ticket) if e["kind"] == "rated"]
    assert [e["changes"]["satisfaction"]["to"] for e in events] == ["bad", "good"]
    assert events[0]["actor"] == "customer"

    owner.execute("UPDATE satisfaction_ratings SET answered_at = answered_at - interval '7 days'")
    late = page.post(path, data={"score": "bad"})
    assert (late.status_code, "can be changed for 7 days" in late.text) == (409, True)
    admin.change(ticket, status="open")
    admin.change(ticket, status="solved")
    _hours_pass(cloud, owner, 3)
    assert len(_questions(cloud)) == 1  # once for a ticket
    assert admin.problem("GET", "/v1/satisfaction-ratings", score="great")[0] == 422


def test_a_link_that_is_not_ours_for_this_or_has_expired_opens_nothing(admin: Front) -> None:
    page, here, soon = admin.cloud.http("tickets"), admin.cloud.workspace_id, utcnow() + timedelta(hours=1)
    tokens = {
        "of nobody": "a.b.c",
        "of a stranger": link_token(new_id(), "satisfaction", soon, here, "another secret of thirty-two characters"),
        "expired": link_token(new_id(), "satisfaction", utcnow() - timedelta(seconds=1), here, SECRET),
        "for a password": link_token(new_id(), "password-reset", soon, here, SECRET),
        "to sign in": issue_token(admin.user, here, SECRET),
    }
    for name, token in tokens.items():
        answers = [
            page.get(f"/v1/satisfaction/{token}"),
            page.post(f"/v1/satisfaction/{token}", data={"score": "good"}),
        ]
        assert [answer.status_code for answer in answers] == [401, 401], name
    ours = link_token(new_id(), "satisfaction", soon, here, SECRET)
    elsewhere = link_token(new_id(), "satisfaction", soon, new_id(), SECRET)
    assert [page.get(f"/v1/satisfaction/{token}").status_code for token in (ours, elsewhere)] == [404, 404]
    with pytest.raises(Unauthorized):
        read_link_token(ours, "invitation", SECRET)


def test_who_is_not_asked(admin: Front, owner: Connection) -> None:
    cloud = admin.cloud
    spam, closed, gone, nobody, reopened = (
        admin.open(tags=["spam"]),
        admin.open(),
        admin.open(),
        admin.open(requester_email=None),
        admin.open(),
    )
    by_rule, merged, survivor = (admin.open() for _ in range(3))
    cloud.drain()
    for ticket in (spam, gone, nobody, reopened):
        admin.change(ticket, status="solved")
    admin.change(closed, status="closed")
    admin.ok("DELETE", f"/v1/tickets/{gone['id']}")
    admin.ok("POST", f"/v1/tickets/{survivor['id']}/merge", {"ticket_ids": [merged["id"]]})
    owner.execute("UPDATE tickets SET created_at = created_at - interval '2 hours' WHERE id = %s", (by_rule["id"],))
    conditions = {"all": [{"field": "hours_since_created", "operator": "at_least", "value": 1}]}
    solve = {"name": "Solve", "conditions": conditions, "actions": [{"action": "set_status", "value": "solved"}]}
    admin.ok("POST", "/v1/automations", solve)
    cloud.invoke("maintenance", event("schedule_maintenance"))
    cloud.drain()
    assert admin.read(by_rule)["status"] == "solved"
    admin.change(reopened, status="open")
    _hours_pass(cloud, owner, 3)
    assert _questions(cloud) == []
    assert admin.ok("GET", "/v1/satisfaction-ratings")["ratings"] == []
    _reached_at(cloud, "")  # the link would lead nowhere
    admin.change(reopened, status="solved")
    _hours_pass(cloud, owner, 3)
    assert admin.ok("GET", "/v1/satisfaction-ratings")["ratings"] == []
    _reached_at(cloud, "https://api.desk.example/v1")
    admin.ok("PUT", "/v1/satisfaction-settings", {"enabled": False})
    _hours_pass(cloud, owner, 3)
    assert _questions(cloud) == []
    admin.ok("PUT", "/v1/satisfaction-settings", {"enabled": True, "delay_hours": 2})
    admin.change(reopened, status="closed")  # before anybody asked
    _hours_pass(cloud, owner, 0)
    assert len(_questions(cloud)) == 1
