"""Tickets that become one, or two; and what customers write to those that are over."""

import pytest

from supportmax.services.merge_tickets import merge_tickets
from tests.cloud import Cloud
from tests.desk import Desk
from tests.letters import ANN_ADDRESS, answer_to, letter
from tests.tickets import Front


@pytest.fixture
def front(cloud: Cloud) -> Front:
    return Front.of(cloud)


def test_a_merged_ticket_points_to_the_survivor_and_both_keep_their_history(front: Front) -> None:
    old, survivor = front.open(body="First", tags=["a"]), front.open(body="Second", tags=["b"])
    other = Front.of(front.cloud)
    front.ok("PUT", f"/v1/tickets/{old['id']}/followers/{other.user.id}")
    merged = front.ok("POST", f"/v1/tickets/{survivor['id']}/merge", {"ticket_ids": [old["id"]]})
    assert (merged["id"], merged["tags"]) == (survivor["id"], ["b", "a"])
    found = front.read(old)
    assert (found["status"], found["merged_into_id"]) == ("closed", survivor["id"])
    assert (front.said(survivor), front.said(old)) == (["First", "Second"], ["First"])
    assert [f["id"] for f in front.ok("GET", f"/v1/tickets/{survivor['id']}/followers")] == [str(other.user.id)]
    assert front.events(old)[-1]["kind"] == "merged"
    assert front.events(survivor)[1]["changes"]["merged"]["to"] == {"id": old["id"], "number": old["number"]}
    assert front.find("is:merged") == [old["number"]]
    assert front.find("first") == [survivor["number"]]


def test_a_merged_ticket_cannot_be_changed_or_answered(front: Front) -> None:
    old, survivor = front.open(), front.open()
    front.ok("POST", f"/v1/tickets/{survivor['id']}/merge", {"ticket_ids": [old["id"]]})
    path = f"/v1/tickets/{old['id']}"
    for method, rest, body in [
        ("PATCH", "", {"priority": "high"}),
        ("POST", "/messages", {"body": "x"}),
        ("POST", "/split", {"message_ids": [old["id"]]}),
        ("POST", "/merge", {"ticket_ids": [survivor["id"]]}),
    ]:
        status, detail = front.problem(method, path + rest, body)
        assert (status, f"#{survivor['number']}" in detail) == (409, True), detail


def test_what_cannot_be_merged_is_named(front: Front) -> None:
    ticket, hers = front.open(), front.open(requester_email="eve@customer.example")
    path = f"/v1/tickets/{ticket['id']}/merge"
    assert front.problem("POST", path, {"ticket_ids": [ticket["id"]]}) == (
        422,
        "ticket_ids: a ticket cannot be merged into itself",
    )
    assert "another requester" in front.problem("POST", path, {"ticket_ids": [hers["id"]]})[1]
    assert front.problem("POST", path, {"ticket_ids": []})[0] == 422
    assert front.problem("POST", path, {"ticket_ids": ["01890000-0000-7000-8000-000000000000"]})[0] == 404
    front.change(ticket, status="closed")
    assert front.problem("POST", path, {"ticket_ids": [front.open()["id"]]})[0] == 409


def test_merges_of_merges_end_in_one(front: Front) -> None:
    first, second, third = front.open(body="1"), front.open(body="2"), front.open(body="3")
    front.ok("POST", f"/v1/tickets/{second['id']}/merge", {"ticket_ids": [first["id"]]})
    front.ok("POST", f"/v1/tickets/{third['id']}/merge", {"ticket_ids": [second["id"]]})
    assert {front.read(t)["merged_into_id"] for t in (first, second)} == {third["id"]}
    assert front.said(third) == ["1", "2", "3"]
    assert (front.said(first), front.said(second)) == (["1"], ["2"])


def test_an_open_request_does_not_disappear_in_a_solved_ticket(front: Front) -> None:
    asking, solved = front.open(), front.open()
    front.change(solved, status="solved")
    merged = front.ok("POST", f"/v1/tickets/{solved['id']}/merge", {"ticket_ids": [asking["id"]]})
    assert (merged["status"], merged["solved_at"]) == ("open", None)


def test_messages_are_split_off_into_a_ticket_of_their_own(front: Front) -> None:
    ticket = front.open(body="My card. And where is my refund?", priority="high")
    path = f"/v1/tickets/{ticket['id']}"
    note = front.ok("POST", f"{path}/messages", {"body": "The refund", "visibility": "internal"})
    made = front.ok("POST", f"{path}/split", {"message_ids": [note["id"]], "subject": "Refund"})
    assert (made["subject"], made["status"], made["priority"]) == ("Refund", "open", "high")
    assert made["requester_id"] == ticket["requester_id"]
    assert (front.said(made), front.said(ticket)) == (["The refund"], ["My card. And where is my refund?"])
    (link,) = front.ok("GET", f"{path}/links")
    assert (link["kind"], link["ticket_id"]) == ("split_into", made["id"])
    assert front.events(ticket)[-1]["changes"]["split_into"]["to"]["messages"] == [note["id"]]
    again = front.problem("POST", f"{path}/split", {"message_ids": [note["id"]]})
    assert (again[0], again[1].split(":")[0]) == (422, "message_ids")


def _asked(desk: Desk, key: str) -> None:
    desk.receive(letter("What is your CEO's shoe size?"), key)
    desk.drain()


def test_a_mail_to_a_merged_ticket_lands_in_the_survivor(desk: Desk) -> None:
    agent = desk.hire("Ada")
    _asked(desk, "inbound/1")
    first = desk.ticket()
    to_first = answer_to(desk.mails_to(ANN_ADDRESS)[0], "Any news?")
    desk.receive(letter("My card is gone", Message_ID="<another@customer.example>"), "inbound/2")
    desk.drain()
    second = next(t for t in desk.tickets() if t.id != first.id)
    with desk.begin() as tx:
        merge_tickets(tx, second.id, [first.id], agent)
    desk.receive(to_first, "inbound/3")
    assert desk.said(second)[-1] == ("customer", "Any news?")
    assert len(desk.tickets()) == 2


def test_a_chat_goes_on_in_the_survivor(desk: Desk) -> None:
    agent = desk.hire("Ada")
    session = desk.say("I want to talk to a human").session_id
    chat = desk.ticket()
    desk.say("I want to talk to a human")
    other = next(t for t in desk.tickets() if t.id != chat.id)
    with desk.begin() as tx:
        merge_tickets(tx, other.id, [chat.id], agent)
    desk.reply(agent, other, "Here I am")
    assert desk.say("Hello?", session).ticket_id == other.id
    assert desk.said(other)[-1] == ("customer", "Hello?")


def test_a_mail_to_a_closed_ticket_opens_a_follow_up(desk: Desk) -> None:
    agent = desk.hire("Ada")
    _asked(desk, "inbound/1")
    closed = desk.ticket()
    reply = answer_to(desk.mails_to(ANN_ADDRESS)[0], "It broke again")
    desk.change(agent, closed, status="closed")
    desk.receive(reply, "inbound/2")
    made = next(t for t in desk.tickets() if t.id != closed.id)
    with desk.begin() as tx:
        assert tx.tickets.get(closed.id).status == "closed"
        (link,) = tx.ticket_links.of_ticket(made.id)
    assert (link.kind, link.ticket_id, made.status) == ("follow_up_of", closed.id, "new")


def test_a_chat_after_a_closed_ticket_gets_a_new_one(desk: Desk) -> None:
    agent = desk.hire("Ada")
    session = desk.say("I want to talk to a human").session_id
    closed = desk.ticket()
    desk.change(agent, closed, status="closed")
    made = desk.say("I want to talk to a human", session).ticket_id
    assert made not in {None, closed.id}
    with desk.begin() as tx:
        assert [link.ticket_id for link in tx.ticket_links.of_ticket(made or closed.id)] == [closed.id]


def test_a_customers_message_wakes_and_reopens(desk: Desk) -> None:
    agent = desk.hire("Ada")
    session = desk.say("I want to talk to a human").session_id
    desk.drain()
    desk.reply(agent, desk.ticket(), "Here I am")
    assert desk.ticket().status == "pending"
    desk.say("Good", session)
    assert desk.ticket().status == "open"
    with desk.begin() as tx:
        last = tx.ticket_events.of_ticket(desk.ticket().id, None, 100)[-1]
    assert (last.actor_kind, last.reason) == ("customer", "the customer wrote")
