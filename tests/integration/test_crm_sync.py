"""Tickets that a human has go to the CRM once; what people change there comes back."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from supportmax.domain.crm import CaseLink, CaseSnapshot
from supportmax.domain.errors import TransientFailure
from supportmax.domain.events import Envelope, TicketChanged
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.tickets import Ticket
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.sync_crm import WATERMARK, pull_cases
from tests.articles import BASICS
from tests.desk import Desk
from tests.fakes.memory_crm import MemoryCRM
from tests.letters import ANN_ADDRESS, letter

Connection = psycopg.Connection[tuple[object, ...]]


class SlowCRM(MemoryCRM):
    """Something else happens while a case is being pushed; it counts the pushes."""

    def __init__(self) -> None:
        super().__init__()
        self.pushes = 0
        self.meanwhile: Envelope | None = None
        self.desk: Desk | None = None
        self.refused: list[str] = []

    def push_case(self, case: CaseSnapshot) -> CaseLink:
        self.pushes += 1
        envelope, self.meanwhile = self.meanwhile, None
        if envelope and self.desk:
            try:
                self.desk.deliver(envelope)
            except TransientFailure as error:
                self.refused.append(error.message)
        return super().push_case(case)


@pytest.fixture
def crm(desk: Desk) -> SlowCRM:
    desk.crm = crm = SlowCRM()
    crm.desk = desk
    return crm


@pytest.fixture
def agent(desk: Desk) -> User:
    return desk.hire("Ada")


@pytest.fixture
def ticket(desk: Desk, crm: SlowCRM, agent: User) -> Ticket:
    """A mail that went to a human."""
    desk.receive(letter("What is your CEO's shoe size?"))
    desk.drain()
    return desk.ticket()


def _changed(desk: Desk, ticket_id: UUID) -> Envelope:
    return Envelope.of(desk.workspace_id, TicketChanged(ticket_id=ticket_id))


def _pull(desk: Desk, crm: MemoryCRM) -> int:
    changed = pull_cases(crm, desk.store, desk.workspace_id)
    desk.drain()
    return changed


def test_a_ticket_is_pushed_once_a_human_has_it(desk: Desk, crm: SlowCRM, ticket: Ticket, owner: Connection) -> None:
    (case,) = crm.cases.values()
    assert case.pushed.ticket_id == ticket.id
    assert (case.pushed.subject, case.status, case.pushed.requester_email) == ("My card", "open", ANN_ADDRESS)
    assert [comment.body for comment in case.comments.values()] == ["What is your CEO's shoe size?"]
    linked = owner.execute("SELECT ticket_id, case_id, contact_id, claimed_at FROM crm_links").fetchall()
    assert linked == [(ticket.id, "case-1", f"contact-{ANN_ADDRESS}", None)]


def test_what_the_machine_answered_alone_is_not_pushed(desk: Desk, crm: SlowCRM) -> None:
    desk.teach(BASICS)
    desk.label("change_pin", ["How do I change my PIN?", "PIN. How do I change my PIN?"])
    desk.receive(letter("How do I change my PIN?", subject="PIN"))
    desk.drain()
    desk.say("How do I change my PIN?")
    desk.drain()
    assert desk.ticket().status == "pending"
    assert (crm.cases, crm.pushes) == ({}, 0)


def test_replies_follow_and_notes_stay_internal(desk: Desk, crm: SlowCRM, agent: User, ticket: Ticket) -> None:
    desk.reply(agent, ticket, "38")
    desk.reply(agent, ticket, "A joke?", visibility="internal")
    desk.drain()
    (case,) = crm.cases.values()
    said = [(comment.body, comment.public, comment.author_name) for comment in case.comments.values()]
    assert said == [
        ("What is your CEO's shoe size?", True, "Ann Lee"),
        ("38", True, "Ada"),
        ("A joke?", False, "Ada"),
    ]
    assert case.status == "pending"


def test_the_same_message_again_leaves_one_case_with_the_same_comments(
    desk: Desk, crm: SlowCRM, ticket: Ticket
) -> None:
    before = crm.cases[ticket.id].comments.copy()
    for _ in range(2):
        desk.deliver(_changed(desk, ticket.id))
    assert list(crm.cases) == [ticket.id]
    assert crm.cases[ticket.id].comments == before


def test_a_deleted_ticket_is_no_longer_pushed(desk: Desk, crm: SlowCRM, ticket: Ticket) -> None:
    desk.delete(desk.hire("Eve"), ticket)
    pushes = crm.pushes
    desk.deliver(_changed(desk, ticket.id))
    assert crm.pushes == pushes


def test_two_pushes_at_once_are_one_and_a_retry(desk: Desk, crm: SlowCRM, ticket: Ticket) -> None:
    pushes = crm.pushes
    crm.meanwhile = _changed(desk, ticket.id)
    desk.deliver(_changed(desk, ticket.id))
    assert crm.pushes == pushes + 1
    assert crm.refused == ["another push of this ticket is under way"]
    desk.deliver(_changed(desk, ticket.id))
    assert crm.pushes == pushes + 2


def test_a_push_that_died_blocks_the_next_one_for_a_minute_only(
    desk: Desk, crm: SlowCRM, ticket: Ticket, owner: Connection
) -> None:
    with desk.begin() as tx:
        assert tx.crm_links.claim(ticket.id)
    with pytest.raises(TransientFailure):
        desk.deliver(_changed(desk, ticket.id))
    owner.execute("UPDATE crm_links SET claimed_at = claimed_at - interval '61 seconds'")
    pushes = crm.pushes
    desk.deliver(_changed(desk, ticket.id))
    assert crm.pushes == pushes + 1


def test_a_changed_status_comes_back(desk: Desk, crm: SlowCRM, ticket: Ticket, owner: Connection) -> None:
    crm.tick()
    crm.edit(ticket.id, status="solved", priority="high")
    assert _pull(desk, crm) == 1
    found = desk.ticket()
    assert (found.status, found.priority) == ("solved", "high")
    assert found.solved_at is not None
    audited = owner.execute("SELECT actor, detail FROM audit_entries WHERE actor = 'salesforce'").fetchall()
    assert audited == [("salesforce", {"status": "solved", "priority": "high"})]


def test_a_case_reopened_there_is_open_here(desk: Desk, crm: SlowCRM, agent: User, ticket: Ticket) -> None:
    desk.change(agent, ticket, status="solved")
    desk.drain()
    crm.tick()
    crm.edit(ticket.id, status="open")
    assert _pull(desk, crm) == 1
    assert (desk.ticket().status, desk.ticket().solved_at) == ("open", None)


def test_pulling_again_changes_nothing(desk: Desk, crm: SlowCRM, ticket: Ticket) -> None:
    crm.tick()
    crm.edit(ticket.id, status="solved")
    _pull(desk, crm)
    version = desk.ticket().version
    assert _pull(desk, crm) == 0
    assert desk.ticket().version == version


def test_what_changed_here_after_the_pull_is_not_undone_by_it(
    desk: Desk, crm: SlowCRM, agent: User, ticket: Ticket
) -> None:
    crm.tick()
    crm.edit(ticket.id, status="solved")
    _pull(desk, crm)
    desk.change(agent, desk.ticket(), status="open")
    desk.drain()
    assert _pull(desk, crm) == 0
    assert (desk.ticket().status, crm.cases[ticket.id].status) == ("open", "open")


def test_the_watermark_moves_forward_only(desk: Desk, crm: SlowCRM, ticket: Ticket) -> None:
    reached = crm.tick(60)
    crm.edit(ticket.id, status="solved")
    _pull(desk, crm)
    with desk.begin() as tx:
        assert tx.watermarks.get(WATERMARK) == reached
        tx.watermarks.advance(WATERMARK, reached - timedelta(hours=1))
        assert tx.watermarks.get(WATERMARK) == reached


def test_a_crm_that_is_down_leaves_the_watermark_where_it_was(desk: Desk, crm: SlowCRM, ticket: Ticket) -> None:
    crm.failures.append(TransientFailure("the CRM is down"))
    with pytest.raises(TransientFailure):
        _pull(desk, crm)
    with desk.begin() as tx:
        assert tx.watermarks.get(WATERMARK) is None


def test_cases_of_deleted_tickets_and_of_other_workspaces_are_passed_over(
    desk: Desk, crm: SlowCRM, ticket: Ticket
) -> None:
    other = prepare_workspace(desk.store, WorkspaceSetup("other", "Other"), new_id()).id
    crm.tick()
    crm.edit(ticket.id, status="solved")
    assert pull_cases(crm, desk.store, other) == 0
    desk.delete(desk.hire("Eve"), ticket)
    assert _pull(desk, crm) == 0


def test_more_changes_than_one_page_all_come(
    desk: Desk, crm: SlowCRM, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportmax.services.sync_crm.PULL_LIMIT", 2)
    for number in range(4):
        desk.receive(letter(f"Riddle number {number}"), f"inbound/{number}")
    desk.drain()
    for case in crm.cases:
        crm.tick()
        crm.edit(case, status="closed")
    assert _pull(desk, crm) == 5
    assert {found.status for found in desk.tickets()} == {"closed"}
