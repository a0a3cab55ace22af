"""Who gets a ticket: by the way of its group, skills, presence and room."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest

from supportmax.services.manage_agents import change_agent
from supportmax.services.manage_tickets import Change, change_ticket
from tests.cloud import Cloud, event
from tests.tickets import Front

WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@dataclass
class Office:
    """A desk whose administrator hires and groups people."""

    front: Front
    admin: dict[str, str]
    people: dict[str, Front] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.front.cloud.http("admin").request(method, path, json=body, headers=self.admin)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def hire(self, *names: str) -> list[str]:
        """Their ids."""
        for name in names:
            self.people[name] = Front.of(self.front.cloud)
        return [str(self.people[name].user.id) for name in names]

    def group(self, assignment: str, *names: str, title: str = "Cards") -> str:
        made = self.ok("POST", "/v1/groups", {"name": title})
        changes = {"assignment": assignment, "member_ids": self.hire(*names)}
        changed = self.ok("PATCH", f"/v1/groups/{made['id']}", changes)
        assert (changed["assignment"], set(changed["member_ids"])) == (assignment, set(changes["member_ids"]))
        return str(made["id"])

    def profile(self, name: str, **fields: Any) -> None:
        self.ok("PATCH", f"/v1/agents/{self.people[name].user.id}", fields)

    def give(self, group_id: str, **fields: Any) -> dict[str, Any]:
        """A ticket that a person hands to the group."""
        return self.front.change(self.front.open(**fields), group_id=group_id)

    def has(self, ticket: dict[str, Any]) -> str | None:
        """The name of who has it."""
        found = self.front.read(ticket)["assignee_id"]
        return next((name for name, front in self.people.items() if str(front.user.id) == found), found)

    def tick(self) -> int:
        done = self.front.cloud.invoke("maintenance", event("schedule_maintenance"))
        return int(done["assigned"])


@pytest.fixture
def office(cloud: Cloud) -> Office:
    return Office(Front.of(cloud), cloud.person("admin")[1])


def test_in_turn(office: Office) -> None:
    cards = office.group("round_robin", "ada", "ben", "cem")
    assert [office.has(office.give(cards)) for _ in range(5)] == ["ada", "ben", "cem", "ada", "ben"]
    office.people["cem"].cloud.http("admin").put(
        "/v1/me/availability", json={"availability": "away"}, headers=office.people["cem"].headers
    )
    assert office.has(office.give(cards)) == "ada"
    told = office.people["ada"].ok("GET", "/v1/notifications")["notifications"]
    assert [n["text"].split(":")[0].split(" ", 1)[1] for n in told] == ["is yours"] * 3


def test_the_least_loaded_with_room_and_the_queue(office: Office) -> None:
    cards = office.group("least_loaded", "ada", "ben")
    office.profile("ada", capacity=2)
    office.profile("ben", capacity=1)
    first, second, third = office.give(cards), office.give(cards), office.give(cards)
    assert [office.has(t) for t in (first, second, third)] == ["ada", "ben", "ada"]
    normal, urgent = office.give(cards), office.give(cards, priority="urgent")
    assert [office.has(t) for t in (normal, urgent)] == [None, None]
    told = office.people["ben"].ok("GET", "/v1/notifications")["notifications"]
    assert any("waits for somebody" in n["text"] for n in told)
    assert office.tick() == 0
    office.people["ben"].ok("POST", f"/v1/tickets/{second['id']}/messages", {"body": "Done?"})  # pending takes no room
    assert (office.tick(), office.has(urgent), office.has(normal)) == (1, "ben", None)
    office.front.change(first, status="solved")
    assert (office.tick(), office.has(normal)) == (1, "ada")
    assert office.tick() == 0
    shown: list[dict[str, Any]] = []
    path = "/v1/agents?limit=2"
    while path:
        listed = office.ok("GET", path)
        shown += listed["agents"]
        path = f"/v1/agents?limit=2&after={listed['next_cursor']}" if listed["next_cursor"] else ""
    agents = {a["user_id"]: a for a in shown}
    assert len(agents) == len(shown) > 2
    ada = agents[str(office.people["ada"].user.id)]
    assert (ada["availability"], ada["capacity"], ada["tickets"]) == ("online", 2, 2)
    last = office.front.events(normal)[-1]
    assert (last["actor"], last["reason"]) == ("system", "an agent has room")


def test_a_group_that_assigns_by_hand(office: Office) -> None:
    cards = office.group("manual", "ada")
    ticket = office.give(cards)
    assert (office.has(ticket), office.tick()) == (None, 0)
    office.ok("PATCH", f"/v1/groups/{cards}", {"assignment": "least_loaded"})
    assert (office.tick(), office.has(ticket)) == (1, "ada")


def test_skills(office: Office) -> None:
    cards = office.group("least_loaded", "ada", "ben")
    rules = [{"field": "tags", "value": "vip", "skill": "vip"}, {"field": "priority", "value": "high", "skill": "calm"}]
    assert office.ok("PUT", "/v1/skill-rules", {"rules": rules})["rules"] == rules
    office.profile("ben", skills=["VIP", "calm"])
    assert [office.has(office.give(cards, tags=["vip"])) for _ in range(2)] == ["ben", "ben"]
    waiting = office.give(cards, tags=["vip"], priority="high")
    office.profile("ben", availability="offline")
    other = office.give(cards, tags=["vip"])
    assert (office.has(waiting), office.has(other), office.has(office.give(cards))) == ("ben", None, "ada")
    office.profile("ada", skills=["vip"])
    assert (office.tick(), office.has(other)) == (1, "ada")


def test_who_was_deactivated_gets_nothing(office: Office) -> None:
    cards = office.group("round_robin", "ada", "ben")
    ada = str(office.people["ada"].user.id)
    mine = office.front.open(assignee_id=ada)
    office.ok("PATCH", f"/v1/users/{ada}", {"active": False})
    assert [office.has(office.give(cards)) for _ in range(2)] == ["ben", "ben"]
    assert office.has(mine) == "ada"  # what somebody has stays theirs until it is handed over
    body = {"subject": "x", "body": "y", "assignee_id": ada}
    assert office.front.problem("POST", "/v1/tickets", body) == (422, "assignee_id: this agent was deactivated")
    other = office.front.open()
    refused = office.front.problem("PATCH", f"/v1/tickets/{other['id']}", {"assignee_id": ada})
    assert refused == (422, "assignee_id: this agent was deactivated")
    assert office.ask("PATCH", f"/v1/agents/{ada}", {"capacity": 1}).status_code == 404
    assert ada not in office.ok("GET", f"/v1/groups/{cards}")["member_ids"]


def test_two_tickets_at_once_never_overfill_an_agent(office: Office) -> None:
    cards = office.group("least_loaded", "ada", "ben")
    for name in ("ada", "ben"):
        office.profile(name, capacity=3)
    cloud = office.front.cloud
    tickets = [office.front.open() for _ in range(10)]
    cloud.waiting("classify")

    def hand_over(ticket: dict[str, Any]) -> None:
        change = Change({"group_id": UUID(cards)})
        with cloud.tools.store.begin(cloud.workspace_id) as tx:
            change_ticket(tx, UUID(ticket["id"]), change, office.front.user)
        cloud.tools.database.close()

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(hand_over, tickets))
    assert sorted(str(office.has(t)) for t in tickets) == ["None"] * 4 + ["ada"] * 3 + ["ben"] * 3


def test_of_two_changes_of_an_agent_at_once_none_is_lost(
    office: Office, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    (ada,), cloud = office.hire("ada"), office.front.cloud

    def change(fields: dict[str, Any]) -> None:
        with cloud.tools.store.begin(cloud.workspace_id) as tx:
            change_agent(tx, UUID(ada), fields, office.front.user)
        cloud.tools.database.close()

    with ThreadPoolExecutor(2) as pool:
        with cloud.tools.store.begin(cloud.workspace_id) as tx:
            change_agent(tx, UUID(ada), {"availability": "away"}, office.front.user)
            others = [pool.submit(change, fields) for fields in ({"capacity": 4}, {"skills": ["calm"]})]
            while not owner.execute(WAITING).fetchone():
                assert not any(each.done() for each in others)
        for each in others:
            each.result()
    (found,) = (agent for agent in office.ok("GET", "/v1/agents")["agents"] if agent["user_id"] == ada)
    assert (found["availability"], found["capacity"], found["skills"]) == ("away", 4, ["calm"])


def test_groups_and_rules_that_cannot_be(office: Office) -> None:
    cards, other = office.group("manual", "ada"), office.group("manual", "ben", title="Fraud")
    assert office.ask("PATCH", f"/v1/groups/{other}", {"name": "Cards"}).status_code == 409
    nobody = "01890000-0000-7000-8000-000000000000"
    for method, path, body, name in (
        ("PATCH", f"/v1/groups/{cards}", {"member_ids": [nobody]}, "member_ids"),
        ("PATCH", f"/v1/groups/{cards}", {"assignment": "lottery"}, "assignment"),
        ("PATCH", f"/v1/agents/{office.people['ada'].user.id}", {"capacity": -1}, "capacity"),
        ("PUT", "/v1/me/availability", {"availability": "asleep"}, "availability"),
        ("PUT", "/v1/skill-rules", {"rules": [{"field": "mood", "value": "x", "skill": "y"}]}, "rules.0.field"),
        ("PUT", "/v1/skill-rules", {"rules": [{"field": "category", "value": "x", "skill": "y"}]}, "rules.0.value"),
        ("PUT", "/v1/skill-rules", {"rules": [{"field": "type", "value": "x", "skill": "y"}] * 2}, "rules"),
    ):
        answer = office.ask(method, path, body)
        assert (answer.status_code, answer.json()["detail"].split(":")[0]) == (422, name), answer.text
    ticket = office.give(cards)
    assert "Unsolved tickets are in 'Cards'" in office.ask("DELETE", f"/v1/groups/{cards}").json()["detail"]
    office.front.change(ticket, group_id=other)
    office.ok("DELETE", f"/v1/groups/{cards}")
    assert office.ask("GET", f"/v1/groups/{cards}").status_code == 404
