"""Groups as they give tickets out, agents and their skills, and the tickets that wait."""

from collections.abc import Collection, Sequence
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.assignment import Agent, Availability, GroupSettings, SkillRule, Strategy
from supportmax.domain.errors import Conflict, NotFound
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.tickets import Ticket


class GroupSettingsRepository(Repository):
    file = "assignment"

    def get(self, group_id: UUID) -> GroupSettings:
        found = self.maybe(GroupSettings, "group_settings", id=group_id)
        if found is None:
            raise NotFound("No such group.")
        return found

    def change(self, group_id: UUID, name: str, assignment: Strategy, member_ids: Sequence[UUID] | None) -> None:
        if not self.run("change_group", id=group_id, name=name, assignment=assignment):
            raise Conflict(f"There is a group with the name {name!r} already.")
        if member_ids is not None:
            self.send("remove_members", id=group_id, member_ids=list(member_ids))
            self.send("add_members", id=group_id, member_ids=list(member_ids))

    def delete(self, group_id: UUID) -> bool:
        return self.run("delete_group", id=group_id) == 1


class Agents(Repository):
    file = "assignment"

    def lock(self, user_id: UUID) -> Agent:
        if self.value("lock_agent", id=user_id) is None:
            raise NotFound("No such agent.")
        return self.one(Agent, "list_agents", user_id=user_id, after=None, limit=1)

    def list(self, after: UUID | None, limit: int) -> list[Agent]:
        return self.many(Agent, "list_agents", user_id=None, after=after, limit=limit)

    def save(self, user_id: UUID, availability: Availability, capacity: int | None, skills: Sequence[str]) -> None:
        self.send("save_agent", user_id=user_id, availability=availability, capacity=capacity, skills=list(skills))


class SkillRules(Repository):
    file = "assignment"

    def list(self) -> list[SkillRule]:
        return self.many(SkillRule, "list_skill_rules")

    def replace(self, rules: Sequence[SkillRule]) -> None:
        self.send("clear_skill_rules")
        self.run_many("add_skill_rule", [{"id": new_id()} | columns(rule) for rule in rules])


class Assignment(Repository):
    file = "assignment"

    def lock(self) -> None:
        self.send("lock")

    def pick(self, group_id: UUID | None, skills: Collection[str], in_turn: bool) -> User | None:
        return self.maybe(User, "pick", group_id=group_id, skills=list(skills), in_turn=in_turn)

    def took(self, group_id: UUID, user_id: UUID) -> None:
        self.send("took", group_id=group_id, user_id=user_id)


class WaitingTickets(Repository):
    file = "assignment"

    def add(self, ticket_id: UUID) -> bool:
        return self.run("wait", ticket_id=ticket_id) == 1

    def next(self, limit: int) -> list[Ticket]:
        return self.many(Ticket, "next_waiting", limit=limit)

    def tidy(self) -> None:
        self.send("tidy_waiting")
