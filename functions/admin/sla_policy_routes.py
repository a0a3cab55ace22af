"""What the desk promises."""

from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints

from supportmax.domain.conversation import Channel
from supportmax.domain.ids import new_id, parse_id
from supportmax.domain.sla_policies import Policy, Target
from supportmax.domain.tickets import Priority, TicketType
from supportmax.runtime.http import Administrator, Body, SignedIn, Tools
from supportmax.services.manage_service_levels import delete_policy, find_policy, save_policy

router = APIRouter(tags=["Service levels"])
Title = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=50, strip_whitespace=True, to_lower=True)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
# A year.
Minutes = Annotated[int, Field(ge=1, le=525_600)]
PolicyId = Annotated[str, Path(description="An SLA policy's id.", json_schema_extra={"format": "uuid"})]
TAKEN: dict[int | str, dict[str, str]] = {409: {"description": "The name is taken."}}


T = TypeVar("T")
Some = Annotated[list[T], Field(min_length=1, max_length=100)]


class ConditionsBody(Body):
    """Every field that is given must have one of its values; without any, all tickets are meant."""

    priority: Some[Priority] | None = None
    type: Some[TicketType] | None = None
    category: Some[Label] | None = Field(default=None, description="Names of labels.")
    channel: Some[Channel] | None = None
    language: Some[Language] | None = Field(default=None, description="ISO 639-1.")
    tags: Some[Tag] | None = Field(default=None, description="The ticket has one of them at least.")
    group_id: Some[UUID] | None = None


class TargetBody(Body):
    """What a ticket is promised, in minutes; null: nothing."""

    first_response: Minutes | None = Field(default=None, description="From its opening to the first reply.")
    next_response: Minutes | None = Field(
        default=None, description="From the customer's first message after a reply to the next reply."
    )
    resolution: Minutes | None = Field(default=None, description="From its opening, less the time it was pending.")
    calendar_hours: bool = Field(default=False, description="Every hour counts, whatever the business hours are.")


class BreachBody(Body):
    """What happens besides the hand-over to a human when a promise breaks."""

    priority: Priority | None = Field(default=None, description="The ticket gets this priority.")
    group_id: UUID | None = Field(default=None, description="The ticket goes to this group.")


class PolicyBody(Body):
    """A policy is for the tickets that meet its conditions and no policy's before it."""

    name: Title
    position: Annotated[int, Field(ge=0, le=10_000)] = Field(default=0, description="Lower ones are tried first.")
    conditions: ConditionsBody = Field(default_factory=ConditionsBody)
    targets: dict[Priority, TargetBody] = Field(description="By the ticket's priority.")
    business_hours_id: UUID | None = Field(default=None, description="Null: every hour counts.")
    warn_percent: Annotated[int, Field(ge=1, le=99)] | None = Field(
        default=None, description="Warn when this share of the promised time has passed."
    )
    warn_minutes: Minutes | None = Field(default=None, description="Warn when this much is left. Not with the share.")
    on_breach: BreachBody = Field(default_factory=BreachBody)

    def policy(self, policy_id: UUID) -> Policy:
        wanted = self.conditions.model_dump(exclude_none=True)
        return Policy(
            id=policy_id,
            conditions={name: tuple(str(value) for value in values) for name, values in wanted.items()},
            targets={priority: Target(**target.model_dump()) for priority, target in self.targets.items()},
            breach_priority=self.on_breach.priority,
            breach_group_id=self.on_breach.group_id,
            **self.model_dump(include={"name", "position", "business_hours_id", "warn_percent", "warn_minutes"}),
        )


class PolicyView(PolicyBody):
    """An SLA policy."""

    id: UUID

    @classmethod
    def of(cls, policy: Policy) -> "PolicyView":
        same = ("id", "name", "position", "business_hours_id", "warn_percent", "warn_minutes")
        minutes = ("first_response", "next_response", "resolution", "calendar_hours")
        return cls.model_validate(
            {name: getattr(policy, name) for name in same}
            | {
                "conditions": {name: list(values) for name, values in policy.conditions.items()},
                "targets": {p: {name: getattr(t, name) for name in minutes} for p, t in policy.targets.items()},
                "on_breach": {"priority": policy.breach_priority, "group_id": policy.breach_group_id},
            }
        )


@router.get("/v1/sla-policies", summary="List SLA policies")
async def list_sla_policies(agent: SignedIn, tools: Tools) -> list[PolicyView]:
    """In the order in which they are tried."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [PolicyView.of(policy) for policy in tx.sla_policies.list()]


@router.post("/v1/sla-policies", status_code=201, summary="Add an SLA policy", responses=TAKEN)
async def add_sla_policy(body: PolicyBody, admin: Administrator, tools: Tools) -> PolicyView:
    """It is for new tickets at once, and for those there are when they next change. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return PolicyView.of(save_policy(tx, body.policy(new_id()), admin.user))


@router.get("/v1/sla-policies/{policy_id}", summary="Get an SLA policy")
async def get_sla_policy(policy_id: PolicyId, agent: SignedIn, tools: Tools) -> PolicyView:
    with tools.store.begin(agent.workspace_id) as tx:
        return PolicyView.of(find_policy(tx, parse_id(policy_id, "SLA policy")))


@router.put("/v1/sla-policies/{policy_id}", summary="Change an SLA policy", responses=TAKEN)
async def replace_sla_policy(policy_id: PolicyId, body: PolicyBody, admin: Administrator, tools: Tools) -> PolicyView:
    """All of it. Promises that are open are worked out anew within a minute. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        known = find_policy(tx, parse_id(policy_id, "SLA policy"))
        return PolicyView.of(save_policy(tx, body.policy(known.id), admin.user))


@router.delete("/v1/sla-policies/{policy_id}", status_code=204, summary="Delete an SLA policy")
async def remove_sla_policy(policy_id: PolicyId, admin: Administrator, tools: Tools) -> None:
    """What it promised is promised no more, or by the next policy that a ticket meets. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        delete_policy(tx, parse_id(policy_id, "SLA policy"), admin.user)
