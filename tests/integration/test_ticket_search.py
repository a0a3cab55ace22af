"""Finding tickets: words and filters, order and pages, and the views that keep a search."""

from typing import Any
from uuid import UUID

import pytest

from supportmax.domain.ids import new_id
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.tokens import issue_token
from tests.cloud import SECRET, Cloud
from tests.tickets import Front


@pytest.fixture
def front(cloud: Cloud) -> Front:
    return Front.of(cloud)


@pytest.fixture
def admin(cloud: Cloud) -> Front:
    return Front.of(cloud, "admin")


def test_words_are_found_in_subjects_and_messages_together(front: Front) -> None:
    one = front.open(subject="The machine", body="It swallowed my card yesterday.")
    two = front.open(subject="A card", body="It is swallowed by time.")
    front.ok("POST", f"/v1/tickets/{one['id']}/messages", {"body": "Try the Lisbon branch", "visibility": "internal"})
    assert front.find("card swallowed") == [2, 1]
    assert front.find('"swallowed my card"') == [1]
    assert front.find("machine lisbon") == [1]
    assert front.find("swallowed -lisbon") == [2]
    assert front.find("-machine") == [2]
    assert front.find("cards") == [2, 1]
    assert front.find("the") == [2, 1]
    front.change(two, subject="Nothing of interest")
    assert front.find("interest") == [2]
    assert front.find('"a:b"') == []


def test_every_filter(front: Front, admin: Front) -> None:
    group = front.cloud.http("admin").post("/v1/groups", json={"name": "Cards Team"}, headers=admin.headers).json()
    admin.ok("POST", "/v1/ticket-fields", {"key": "plan", "label": "P", "type": "select", "options": ["free", "gold"]})
    admin.ok("POST", "/v1/ticket-fields", {"key": "n", "label": "N", "type": "number"})
    admin.ok("POST", "/v1/ticket-fields", {"key": "m", "label": "M", "type": "multi_select", "options": ["a", "b"]})
    one = front.open(
        priority="urgent",
        type="incident",
        tags=["vip", "card"],
        group_id=group["id"],
        assignee_id=str(front.user.id),
        custom_fields={"plan": "gold", "n": 3, "m": ["a", "b"]},
    )
    two = front.open(requester_email="eve@customer.example", tags=["card"])
    front.change(two, status="solved")
    front.ok("PUT", f"/v1/tickets/{one['id']}/followers/{front.user.id}")
    only_one = [
        "status:new",
        "-status:solved,closed",
        "is:unsolved",
        "priority:urgent,high",
        "type:incident",
        "-type:none",
        "tag:vip",
        "tag:VIP,other",
        "assignee:me",
        f"assignee:{front.user.email}",
        f"assignee:{front.user.id}",
        "-assignee:none",
        'group:"cards team"',
        "requester:ann@customer.example",
        "follower:me",
        "number:1",
        "field.plan:gold",
        "field.plan:free,gold",
        "field.n:3",
        "field.m:b",
        "-field.plan:none",
        "-solved>2020-01-01",
    ]
    assert {q: front.find(q) for q in only_one} == {q: [1] for q in only_one}
    only_two = ["status:solved", "is:unassigned", "-tag:vip", "type:none", "field.plan:none", "solved>=2020-01-01"]
    only_two += ["group:none", "requester:eve@customer.example", "tag:card -priority:urgent"]
    assert {q: front.find(q) for q in only_two} == {q: [2] for q in only_two}
    both = ["", "channel:api", "created>2020-01-01", "created<2100-01-01", "updated>1d", "tag:card", "-created<7d"]
    assert {q: front.find(q) for q in both} == {q: [2, 1] for q in both}
    nothing = ["created<2020-01-01", "created:2020-01-01", "updated<1d", "is:deleted", "is:merged", "is:snoozed"]
    nothing += ["category:cards", "language:de", "channel:chat", "sentiment:positive"]
    assert {q: front.find(q) for q in nothing} == {q: [] for q in nothing}
    assert front.find("tag:card", status="solved") == [2]


@pytest.mark.parametrize(
    ("q", "told"),
    [
        ("statu:open", "unknown filter 'statu' at character 1"),
        ("card https://x.example", 'put it in quotes to search for it: "https://x.example"'),
        ('card "swallowed', "the quote at character 6 is not closed"),
        ("status:opened", "status at character 1 must be one of new, open"),
        ("status>open", "takes ':', not '>'"),
        ("status:", "status at character 1 has no value"),
        ("created>yesterday", "must be a date such as 2026-01-31"),
        ("created>2026-02-30", "must be a date"),
        ("assignee:nobody@x.example", "assignee at character 1: there is no 'nobody@x.example' here"),
        ("group:Nothing", "group at character 1: there is no 'Nothing' here"),
        ("number:abc", "must be a ticket's number"),
        ("field.colour:red", "there is no field 'colour'"),
        ("assignee:none,me", "takes one value"),
        ("is:snoozed,deleted", "takes one value"),
        ("sort:priority", "sort at character 1 must be one of"),
        ('""', "there are no words"),
        ("-", "there are no words"),
        ("x" * 1_001, "q"),
    ],
)
def test_a_search_that_cannot_be_read_says_where_and_why(q: str, told: str, front: Front) -> None:
    status, detail = front.problem("GET", "/v1/tickets", q=q)
    assert (status, told in detail) == (422, True), detail


@pytest.mark.parametrize("order", ["", "sort:created-asc", "sort:updated", "sort:updated-asc"])
def test_pages_follow_on_in_every_order(order: str, front: Front) -> None:
    made = [front.open() for _ in range(5)]
    front.change(made[1], priority="high")
    expected = {"": [5, 4, 3, 2, 1], "sort:created-asc": [1, 2, 3, 4, 5]}
    expected |= {"sort:updated": [2, 5, 4, 3, 1], "sort:updated-asc": [1, 3, 4, 5, 2]}
    seen: list[int] = []
    after: dict[str, Any] = {}
    while True:
        page = front.ok("GET", "/v1/tickets", q=f"card {order}", limit=2, **after)
        seen += [ticket["number"] for ticket in page["tickets"]]
        if page["next_cursor"] is None:
            break
        after = {"after": page["next_cursor"]}
    assert seen == expected[order]


def test_a_cursor_of_another_order_is_refused(front: Front) -> None:
    for _ in range(2):
        front.open()
    cursor = front.ok("GET", "/v1/tickets", limit=1)["next_cursor"]
    assert front.problem("GET", "/v1/tickets", q="sort:updated", after=cursor)[0] == 422


def test_another_workspaces_tickets_are_never_found(front: Front) -> None:
    other = prepare_workspace(front.cloud.tools.store, WorkspaceSetup("other", "Other"), new_id()).id
    user, headers = front.cloud.person("agent", other)
    assert headers == {"Authorization": f"Bearer {issue_token(user, other, SECRET)}"}
    stranger = Front(front.cloud, user, headers)
    front.open(subject="A rare quokka")
    assert (stranger.find("quokka"), stranger.find(""), front.find("quokka")) == ([], [], [1])


# Views


def test_views_are_ones_own_or_everybodys(front: Front, admin: Front) -> None:
    other = Front.of(front.cloud)
    mine = front.ok("POST", "/v1/views", {"title": "Mine", "query": "is:unsolved assignee:me", "position": 2})
    everybodys = {"title": "Urgent", "query": "priority:urgent", "shared": True}
    assert front.problem("POST", "/v1/views", everybodys)[0] == 403
    shared = admin.ok("POST", "/v1/views", everybodys | {"position": 1})
    assert [view["title"] for view in front.ok("GET", "/v1/views")] == ["Urgent", "Mine"]
    assert [view["title"] for view in other.ok("GET", "/v1/views")] == ["Urgent"]
    path = f"/v1/views/{mine['id']}"
    assert other.problem("GET", path)[0] == other.problem("DELETE", path)[0] == 404
    assert front.problem("DELETE", f"/v1/views/{shared['id']}")[0] == 403
    assert front.problem("PUT", path, {"title": "Mine", "query": "x", "shared": True})[0] == 403
    assert front.ok("PUT", path, {"title": "All", "query": "is:unsolved"})["query"] == "is:unsolved"
    front.ok("DELETE", path)
    assert front.problem("GET", path)[0] == 404
    assert front.problem("POST", "/v1/views", {"title": "Bad", "query": "statu:open"})[1].startswith("q: unknown")


def test_a_view_shows_and_counts_what_whoever_looks_would_find(front: Front, admin: Front) -> None:
    other = Front.of(front.cloud)
    view = admin.ok("POST", "/v1/views", {"title": "Mine", "query": "assignee:me sort:created-asc", "shared": True})
    spam = front.ok("POST", "/v1/views", {"title": "Words", "query": "quokka"})
    front.open(assignee_id=str(front.user.id))
    front.open(assignee_id=str(front.user.id))
    front.open(assignee_id=str(other.user.id))
    page = front.ok("GET", f"/v1/views/{view['id']}/tickets", limit=1)
    rest = front.ok("GET", f"/v1/views/{view['id']}/tickets", after=page["next_cursor"])
    assert [t["number"] for t in page["tickets"] + rest["tickets"]] == [1, 2]
    counts = {UUID(c["view_id"]): c["count"] for c in front.ok("GET", "/v1/views/counts")}
    assert counts == {UUID(view["id"]): 2, UUID(spam["id"]): 0}
    (count,) = other.ok("GET", "/v1/views/counts", ids=view["id"])
    assert (count["count"], count["more"], count["problem"]) == (1, False, None)
    assert other.problem("GET", "/v1/views/counts", ids=spam["id"])[0] == 404
    assert other.problem("GET", "/v1/views/counts", ids="nonsense")[0] == 404


def test_a_count_says_when_there_are_more(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supportmax.services.manage_views.COUNTED", 2)
    monkeypatch.setattr("functions.tickets.view_routes.COUNTED", 2)
    front.ok("POST", "/v1/views", {"title": "All", "query": ""})
    for _ in range(3):
        front.open()
    (count,) = front.ok("GET", "/v1/views/counts")
    assert (count["count"], count["more"]) == (2, True)


def test_a_view_whose_field_is_gone_says_so_and_spoils_no_other(front: Front, admin: Front) -> None:
    field = admin.ok("POST", "/v1/ticket-fields", {"key": "plan", "label": "Plan", "type": "text"})
    front.ok("POST", "/v1/views", {"title": "A", "query": "field.plan:x"})
    front.ok("POST", "/v1/views", {"title": "B", "query": "", "position": 1})
    front.open()
    admin.ok("DELETE", f"/v1/ticket-fields/{field['id']}")
    gone, good = front.ok("GET", "/v1/views/counts")
    assert (gone["count"], "there is no field" in gone["problem"], good["count"]) == (0, True, 1)
