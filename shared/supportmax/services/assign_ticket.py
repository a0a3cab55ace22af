"""Find an agent for a ticket: online, with its skills, with room for it. While nobody is, the ticket waits."""

from collections.abc import Collection
from uuid import UUID

from supportmax.domain.assignment import GroupSettings, needed_skills
from supportmax.domain.events import TicketChanged
from supportmax.domain.people import User
from supportmax.domain.ticket_events import by_system
from supportmax.domain.tickets import Ticket
from supportmax.ports import Store, Transaction
from supportmax.services.notify import notify

AT_ONCE = 500


def find_agent(tx: Transaction, ticket: Ticket) -> User | None:
    """Of its group, or of all where it has none, or an empty one. None if the group assigns by hand, or all are full.

    Nobody else is given a ticket until this transaction ends, so two tickets at once never overfill an agent.
    """
    group = tx.group_settings.get(ticket.group_id) if ticket.group_id else None
    return _find(tx, group, needed_skills(ticket, tx.skill_rules.list()))


def _find(tx: Transaction, group: GroupSettings | None, skills: Collection[str]) -> User | None:
    if group and group.assignment == "manual":
        return None
    tx.assignment.lock()
    if group is None or not group.member_ids:
        return tx.assignment.pick(None, skills, in_turn=False)
    agent = tx.assignment.pick(group.id, skills, in_turn=group.assignment == "round_robin")
    if agent:
        tx.assignment.took(group.id, agent.id)
    return agent


def wait_for_agent(tx: Transaction, ticket: Ticket) -> None:
    """It is in its group's queue now; the schedule assigns it when somebody has room. The group hears of it."""
    if tx.waiting_tickets.add(ticket.id) and ticket.group_id:
        text = f"#{ticket.number} waits for somebody: {ticket.subject}"
        notify(tx, tx.groups.members(ticket.group_id), ticket.id, text, "waiting")


def assign(tx: Transaction, ticket: Ticket, why: str, *, quiet: bool = False) -> Ticket:
    """To whom its group gives it, who is told unless `quiet`; or it waits."""
    agent = find_agent(tx, ticket)
    if agent is None:
        wait_for_agent(tx, ticket)
        return ticket
    return _give(tx, ticket, agent, why, quiet=quiet)


def assign_waiting(store: Store, workspace_id: UUID) -> int:
    """What the schedule does: as many of those that wait as there is room for."""
    with store.begin(workspace_id) as tx:
        tx.assignment.lock()  # before any row's lock, as where a ticket is assigned
        tx.waiting_tickets.tidy()
        waiting = tx.waiting_tickets.next(AT_ONCE)
        rules = tx.skill_rules.list() if waiting else []
        groups = {group_id: tx.group_settings.get(group_id) for group_id in {t.group_id for t in waiting} if group_id}
        nobody: set[tuple[UUID | None, frozenset[str]]] = set()
        given = 0
        for ticket in waiting:
            skills = needed_skills(ticket, rules)
            if (ticket.group_id, skills) in nobody:
                continue
            if agent := _find(tx, groups.get(ticket.group_id) if ticket.group_id else None, skills):
                _give(tx, ticket, agent, "an agent has room")
                given += 1
            else:
                nobody.add((ticket.group_id, skills))
        tx.waiting_tickets.tidy()
    return given


def _give(tx: Transaction, ticket: Ticket, agent: User, why: str, *, quiet: bool = False) -> Ticket:
    given = tx.tickets.update(ticket.id, {"assignee_id": agent.id}, by_system(why))
    if not quiet:
        notify(tx, [agent.id], given.id, f"#{given.number} is yours: {given.subject}", "assigned")
    tx.outbox.add(TicketChanged(ticket_id=given.id))
    return given
