"""What agents are told, by which way, and what they chose."""

from typing import Any
from uuid import UUID

import pytest

from supportmax.domain.events import HandOverRequested
from supportmax.domain.people import User
from supportmax.services.tokens import issue_token
from tests.cloud import SECRET, Cloud
from tests.tickets import Front


@pytest.fixture
def front(cloud: Cloud) -> Front:
    return Front.of(cloud)


def _colleague(cloud: Cloud, name: str, address: str) -> Front:
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        user: User = tx.users.add("agent", name, address, None)
    return Front(cloud, user, {"Authorization": f"Bearer {issue_token(user, cloud.workspace_id, SECRET)}"})


def _told(front: Front) -> list[tuple[str, str]]:
    """(kind, text), newest first."""
    return [(n["kind"], n["text"]) for n in front.ok("GET", "/v1/notifications")["notifications"]]


def _mailed(front: Front) -> list[str]:
    front.cloud.drain()
    return [mail for mail in front.cloud.mail() if f"To: {front.user.email}" in mail]


def test_who_is_mentioned_in_a_note_hears_of_it_as_they_chose(front: Front) -> None:
    ann = _colleague(front.cloud, "Ann Baker", "ann.b@desk.example")
    bob = _colleague(front.cloud, "Bob", "bob@desk.example")
    follower = _colleague(front.cloud, "Cleo", "cleo@desk.example")
    ticket = front.open(subject="My card http://evil.example/x")
    front.cloud.drain()
    front.ok("PUT", f"/v1/tickets/{ticket['id']}/followers/{follower.user.id}")
    front.ok("PUT", f"/v1/tickets/{ticket['id']}/followers/{bob.user.id}")
    off = {"kind": "mentioned", "in_app": True, "mail": False}
    chosen = bob.ok("PUT", "/v1/notification-preferences", {"preferences": [off]})["preferences"]
    assert off in chosen
    assert bob.ok("GET", "/v1/notification-preferences")["preferences"] == chosen
    assert ann.ok("GET", "/v1/notification-preferences")["preferences"][1] == off | {"mail": True}

    def say(body: str, **more: Any) -> None:
        front.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": body} | more)

    say("Ask @AnnBaker, @bob. Not x@cleo or @nobody, nor @ alone.", visibility="internal")
    said = f"Agent mentioned you in #{ticket['number']}: My card http://evil.example/x"
    assert _told(ann) == [("mentioned", said)]
    assert _told(bob) == [("mentioned", said)]  # and not of the note as such once more
    assert [kind for kind, _ in _told(follower)] == ["note_added"]
    (mail,) = _mailed(ann)
    assert "Agent mentioned you" in mail
    assert "http://evil" not in mail
    assert _mailed(bob) == _mailed(follower) == []
    say("To the customer: @ann.b@desk.example will call.")
    assert len(_told(ann)) == 1

    (notice,) = ann.ok("GET", "/v1/notifications")["notifications"]
    bob.ok("POST", "/v1/notifications/read", {"ids": [notice["id"]]})
    assert ann.ok("GET", "/v1/notifications")["notifications"][0]["read_at"] is None
    ann.ok("POST", "/v1/notifications/read", {})
    assert ann.ok("GET", "/v1/notifications")["notifications"][0]["read_at"] is not None


def test_an_assignment_is_told_to_whoever_did_not_make_it(front: Front) -> None:
    ann = _colleague(front.cloud, "Ann", "ann@desk.example")
    ticket, mine = front.open(), front.open()
    front.cloud.drain()
    for agent in (front, ann):
        agent.ok("POST", "/v1/notifications/read", {})
    front.change(ticket, assignee_id=str(ann.user.id))
    before = len(_told(front))
    front.change(mine, assignee_id=None)
    front.change(mine, assignee_id=str(front.user.id))
    assert len(_told(front)) == before
    assert _told(ann)[0] == ("assigned", f"#{ticket['number']} is yours: My card")
    assert sum(f"#{ticket['number']} is yours" in mail for mail in _mailed(ann)) == 1

    many = [front.open(subject=f"Many {number}")["id"] for number in range(3)]
    front.cloud.drain()
    dora = _colleague(front.cloud, "Dora", "dora@desk.example")
    changes = {"assignee_id": str(dora.user.id)}
    front.ok("POST", "/v1/tickets/bulk-update", {"ticket_ids": many, "changes": changes})
    (mail,) = _mailed(dora)
    assert "3 tickets are yours now: Agent changed many at once" in mail
    assert _told(dora) == [("assigned", "3 tickets are yours now: Agent changed many at once")]

    silent = {"preferences": [{"kind": "assigned", "in_app": False, "mail": False}]}
    ann.ok("PUT", "/v1/notification-preferences", silent)
    told, mails = _told(ann), _mailed(ann)
    front.change(mine, assignee_id=str(ann.user.id))
    with front.cloud.tools.store.begin(front.cloud.workspace_id) as tx:
        tx.outbox.add(HandOverRequested(ticket_id=UUID(mine["id"]), reason="nobody knows"))
    assert (_told(ann), _mailed(ann)) == (told, mails)
    only_mail = {"preferences": [{"kind": "assigned", "in_app": False, "mail": True}]}
    ann.ok("PUT", "/v1/notification-preferences", only_mail)
    front.change(mine, assignee_id=None)
    front.change(mine, assignee_id=str(ann.user.id))
    assert (_told(ann), len(_mailed(ann))) == (told, len(mails) + 1)
