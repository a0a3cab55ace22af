"""How groups give tickets out, and what agents can and have room for."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints

from functions.admin.models import Name
from supportmax.domain.assignment import Agent, Availability, GroupSettings, SkillField, SkillRule, Strategy
from supportmax.domain.ids import parse_id
from supportmax.runtime.http import Administrator, After, Body, Limit, SignedIn, Tools, cursor, page
from supportmax.services.manage_agents import (
    change_agent,
    change_group,
    delete_group,
    replace_skill_rules,
)

router = APIRouter(tags=["People"])
GroupId = Annotated[str, Path(description="A group's id.", json_schema_extra={"format": "uuid"})]
UserId = Annotated[str, Path(description="An agent's id.", json_schema_extra={"format": "uuid"})]
Skill = Annotated[
    str, StringConstraints(min_length=1, max_length=50, strip_whitespace=True, to_lower=True, pattern=r"^[^,\"]+$")
]
Capacity = Annotated[int, Field(ge=0, le=10_000)]


class GroupSettingsView(Body):
    """A group with its members who may sign in, and how it gives tickets out."""

    id: UUID
    name: str
    assignment: Strategy
    member_ids: list[UUID]

    @classmethod
    def of(cls, group: GroupSettings) -> "GroupSettingsView":
        return cls(**{name: getattr(group, name) for name in cls.model_fields})


class GroupChanges(Body):
    """What to change; a field that is left out stays."""

    name: Name | None = None
    assignment: Strategy | None = Field(
        default=None,
        description="`manual`: people take tickets. `round_robin`: in turn. `least_loaded`: who has the fewest.",
    )
    member_ids: Annotated[list[UUID], Field(max_length=500)] | None = Field(
        default=None, description="All of them: whoever is not named is no member any more."
    )


class AgentView(Body):
    """An agent, or an administrator, to whom tickets can be given."""

    user_id: UUID
    name: str
    availability: Availability = Field(description="Only who is `online` is given tickets by the desk.")
    capacity: int | None = Field(description="So many new and open tickets at most; null: any number.")
    skills: list[str]
    tickets: int = Field(description="New and open ones that they have.")

    @classmethod
    def of(cls, agent: Agent) -> "AgentView":
        return cls(**{name: getattr(agent, name) for name in cls.model_fields})


class AgentPage(Body):
    """In the order in which they came; `next_cursor` is null on the last page."""

    agents: list[AgentView]
    next_cursor: str | None


class AgentChanges(Body):
    """What to change; a field that is left out stays. `null` takes the limit away."""

    availability: Availability | None = None
    capacity: Capacity | None = None
    skills: Annotated[list[Skill], Field(max_length=100)] | None = None

    def sent(self) -> dict[str, Any]:
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name == "capacity"}


class AvailabilityBody(Body):
    """Whether you are there."""

    availability: Availability


class SkillRuleBody(Body):
    """Tickets whose `field` is `value` (of `tags`: have it) are only given to agents with the skill."""

    field: SkillField
    value: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    skill: Skill


class SkillRules(Body):
    """All rules; a ticket needs the skills of all that apply to it."""

    rules: Annotated[list[SkillRuleBody], Field(max_length=500)]

    @classmethod
    def of(cls, rules: list[SkillRule]) -> "SkillRules":
        return cls(rules=[SkillRuleBody(field=rule.field, value=rule.value, skill=rule.skill) for rule in rules])


@router.get("/v1/groups/{group_id}", summary="Get a group")
async def get_group(group_id: GroupId, agent: SignedIn, tools: Tools) -> GroupSettingsView:
    with tools.store.begin(agent.workspace_id) as tx:
        return GroupSettingsView.of(tx.group_settings.get(parse_id(group_id, "group")))


@router.patch(
    "/v1/groups/{group_id}", summary="Change a group", responses={409: {"description": "Another one has the name."}}
)
async def update_group(group_id: GroupId, body: GroupChanges, admin: Administrator, tools: Tools) -> GroupSettingsView:
    """Its name, its members, and how it gives tickets out. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        changes = body.model_dump(exclude_none=True)
        return GroupSettingsView.of(change_group(tx, parse_id(group_id, "group"), changes, admin.user))


@router.delete(
    "/v1/groups/{group_id}",
    status_code=204,
    summary="Delete a group",
    responses={409: {"description": "Unsolved tickets are in it."}},
)
async def remove_group(group_id: GroupId, admin: Administrator, tools: Tools) -> None:
    """Tickets that are over have no group any more. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        delete_group(tx, parse_id(group_id, "group"), admin.user)


@router.get("/v1/agents", summary="List agents")
async def list_agents(agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50) -> AgentPage:
    """Who may be given tickets: whether they are there, what they can, and how much they have."""
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.agents.list(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda found: found.user_id)
    return AgentPage(agents=[AgentView.of(found) for found in shown], next_cursor=next_cursor)


@router.patch("/v1/agents/{user_id}", summary="Change an agent")
async def update_agent(user_id: UserId, body: AgentChanges, admin: Administrator, tools: Tools) -> AgentView:
    """Availability, capacity and skills. For administrators; agents say with `PUT /v1/me/availability` if they are
    there."""
    with tools.store.begin(admin.workspace_id) as tx:
        return AgentView.of(change_agent(tx, parse_id(user_id, "agent"), body.sent(), admin.user))


@router.put("/v1/me/availability", summary="Say whether you are there")
async def set_availability(body: AvailabilityBody, agent: SignedIn, tools: Tools) -> AgentView:
    """`away` and `offline`: the desk gives you no tickets. Those that you have stay yours."""
    with tools.store.begin(agent.workspace_id) as tx:
        return AgentView.of(change_agent(tx, agent.user.id, {"availability": body.availability}, agent.user))


@router.get("/v1/skill-rules", summary="List which tickets need which skills")
async def list_skill_rules(agent: SignedIn, tools: Tools) -> SkillRules:
    with tools.store.begin(agent.workspace_id) as tx:
        return SkillRules.of(tx.skill_rules.list())


@router.put("/v1/skill-rules", summary="Say which tickets need which skills")
async def set_skill_rules(body: SkillRules, admin: Administrator, tools: Tools) -> SkillRules:
    """All rules: those there were are gone. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        replace_skill_rules(tx, [SkillRule(**rule.model_dump()) for rule in body.rules], admin.user)
        return SkillRules.of(tx.skill_rules.list())
