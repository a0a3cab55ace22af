"""One suite for every CRM: the one in memory, and Salesforce's adapter against a server that speaks its API."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import pytest

from supportmax.adapters.crm.salesforce import SalesforceCRM
from supportmax.domain.crm import PRIORITIES, STATUSES, CaseChange, CaseLink, CaseSnapshot
from supportmax.domain.errors import InvalidInput, TransientFailure
from tests.fakes.cases import LONG_AGO, comment, config, ticket
from tests.fakes.memory_crm import MemoryCRM
from tests.fakes.salesforce_server import SalesforceServer


class CRM(Protocol):
    def push_case(self, case: CaseSnapshot) -> CaseLink: ...
    def changed_cases(self, since: datetime, limit: int) -> list[CaseChange]: ...


class World(Protocol):
    """A CRM, and the people who work in it."""

    @property
    def crm(self) -> CRM: ...
    def tick(self) -> datetime: ...
    def close(self, ticket_id: UUID) -> None: ...
    def raise_priority(self, ticket_id: UUID) -> None: ...
    def case_count(self) -> int: ...
    def comment_texts(self, ticket_id: UUID) -> list[str]: ...


class MemoryWorld:
    def __init__(self) -> None:
        self.crm = MemoryCRM()

    def tick(self) -> datetime:
        return self.crm.tick()

    def close(self, ticket_id: UUID) -> None:
        self.crm.edit(ticket_id, status="solved")

    def raise_priority(self, ticket_id: UUID) -> None:
        self.crm.edit(ticket_id, priority="high")

    def case_count(self) -> int:
        return len(self.crm.cases)

    def comment_texts(self, ticket_id: UUID) -> list[str]:
        return [comment.body for comment in self.crm.cases[ticket_id].comments.values()]


class SalesforceWorld:
    def __init__(self, server: SalesforceServer) -> None:
        self.server = server
        self.crm = SalesforceCRM(config(server))

    def tick(self) -> datetime:
        return self.server.org.tick()

    def close(self, ticket_id: UUID) -> None:
        self.server.org.edit("Case", self._case(ticket_id), Status="Closed")

    def raise_priority(self, ticket_id: UUID) -> None:
        self.server.org.edit("Case", self._case(ticket_id), Priority="High")

    def case_count(self) -> int:
        return len(self.server.org.cases)

    def comment_texts(self, ticket_id: UUID) -> list[str]:
        case_id = self._case(ticket_id)
        bodies = [row["CommentBody"] for row in self.server.org.comments if row["ParentId"] == case_id]
        return [body.split("\n\n")[1] for body in bodies]

    def _case(self, ticket_id: UUID) -> str:
        rows = self.server.org.cases
        return next(str(row["Id"]) for row in rows if row["SupportMax_Ticket_Id__c"] == str(ticket_id))


@pytest.fixture(params=["memory", "salesforce"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        yield MemoryWorld()
        return
    with SalesforceServer() as server:
        yield SalesforceWorld(server)


def test_a_ticket_pushed_twice_is_one_case_with_each_comment_once(world: World) -> None:
    case = ticket(comment("It kept my card"), comment("Ask for its location", public=False))

    first, second = world.crm.push_case(case), world.crm.push_case(case)

    assert first == second
    assert set(first.comment_ids) == {c.message_id for c in case.comments}
    assert len(set(first.comment_ids.values())) == 2
    assert world.case_count() == 1
    assert world.comment_texts(case.ticket_id) == ["It kept my card", "Ask for its location"]


def test_a_later_push_adds_only_the_new_comment(world: World) -> None:
    case = ticket(comment("first"))
    world.crm.push_case(case)

    link = world.crm.push_case(replace(case, comments=(*case.comments, comment("second"))))

    assert len(link.comment_ids) == 2
    assert world.comment_texts(case.ticket_id) == ["first", "second"]


def test_two_tickets_of_one_customer_are_two_cases_of_one_contact(world: World) -> None:
    first, second = ticket(), replace(ticket(), requester_email="ADA@customer.example")

    links = [world.crm.push_case(first), world.crm.push_case(second)]

    assert len({link.case_id for link in links}) == 2
    assert len({link.contact_id for link in links}) == 1


def test_an_anonymous_customer_gets_a_case_without_contact(world: World) -> None:
    link = world.crm.push_case(replace(ticket(), requester_name="", requester_email=""))

    assert link.contact_id is None
    assert world.case_count() == 1


def test_a_status_changed_there_comes_back_after_the_watermark(world: World) -> None:
    case = ticket()
    link = world.crm.push_case(case)
    watermark = world.crm.changed_cases(LONG_AGO, 10)[-1].changed_at
    changed_at = world.tick()
    world.close(case.ticket_id)

    changes = world.crm.changed_cases(watermark, 10)

    assert [(c.ticket_id, c.case_id, c.status, c.changed_at) for c in changes] == [
        (case.ticket_id, link.case_id, "solved", changed_at)
    ]
    assert changes[0].status_changed
    assert not changes[0].priority_changed
    assert world.crm.changed_cases(changed_at, 10) == []


def test_a_priority_changed_there_comes_back(world: World) -> None:
    case = ticket(priority="normal")
    world.crm.push_case(case)
    world.raise_priority(case.ticket_id)

    (change,) = world.crm.changed_cases(LONG_AGO, 10)

    assert (change.priority, change.priority_changed, change.status_changed) == ("high", True, False)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("priority", PRIORITIES)
def test_our_own_push_is_not_mistaken_for_a_change_there(world: World, status: str, priority: str) -> None:
    world.crm.push_case(replace(ticket(), status=status, priority=priority))

    (change,) = world.crm.changed_cases(LONG_AGO, 10)

    assert (change.status, change.priority) == (status, priority)
    assert not change.status_changed
    assert not change.priority_changed


def test_changes_come_oldest_first_and_paging_by_the_last_time_finds_each_once(world: World) -> None:
    pushed = []
    for _ in range(7):
        case = ticket()
        world.crm.push_case(case)
        world.tick()
        pushed.append(case.ticket_id)

    seen: list[UUID] = []
    since = LONG_AGO
    while changes := world.crm.changed_cases(since, 2):
        assert len(changes) <= 2
        seen += [change.ticket_id for change in changes]
        since = changes[-1].changed_at

    assert seen == pushed


def test_cases_changed_in_one_second_are_not_split_by_the_limit(world: World) -> None:
    tickets = [ticket() for _ in range(5)]
    for case in tickets:
        world.crm.push_case(case)

    changes = world.crm.changed_cases(LONG_AGO, 2)

    assert {change.ticket_id for change in changes} == {case.ticket_id for case in tickets}


def test_a_push_leaves_a_change_alone_that_no_pull_has_brought(world: World) -> None:
    case = ticket()
    world.crm.push_case(case)
    seen_until = world.tick()
    world.tick()
    world.close(case.ticket_id)

    world.crm.push_case(replace(case, crm_seen_until=seen_until, comments=(comment("one more thing"),)))

    (change,) = world.crm.changed_cases(seen_until, 10)
    assert (change.status, change.status_changed) == ("solved", True)
    assert world.comment_texts(case.ticket_id) == ["one more thing"]


def test_a_push_after_the_pull_decides_the_status(world: World) -> None:
    case = ticket()
    world.crm.push_case(case)
    world.close(case.ticket_id)
    (change,) = world.crm.changed_cases(LONG_AGO, 10)
    world.tick()

    world.crm.push_case(replace(case, status="open", crm_seen_until=change.changed_at))

    (change,) = world.crm.changed_cases(change.changed_at, 10)
    assert (change.status, change.status_changed) == ("open", False)


@pytest.mark.parametrize("wrong", [{"status": "escalated"}, {"priority": "p1"}])
def test_a_word_that_is_not_ours_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="must be one of"):
        replace(ticket(), **wrong)  # type: ignore[arg-type]


def test_the_memory_crm_fails_on_demand() -> None:
    crm = MemoryCRM()
    crm.failures.append(TransientFailure("busy"))

    with pytest.raises(TransientFailure):
        crm.push_case(ticket())

    assert crm.push_case(ticket()).case_id == "case-1"
    assert crm.tick() - crm.changed_cases(LONG_AGO, 1)[0].changed_at == timedelta(seconds=1)
