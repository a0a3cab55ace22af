"""Triggers, which act when something happens to a ticket, and automations, which act when time has passed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field

from functions.tickets.rule_models import ActionBody, Actions, ConditionsBody, EffectView, Name
from supportmax.domain.ids import new_id, parse_id
from supportmax.domain.rules.rule import Happening, Rule, RuleKind
from supportmax.ports import Transaction
from supportmax.runtime.http import Administrator, Body, SignedIn, Tools
from supportmax.services.manage_rules import RuleRequest, add_rule, delete_rule, read_rule, replace_rule
from supportmax.services.rules.try_rule import Trial, try_rule

router = APIRouter(tags=["Automation"])
TriggerId = Annotated[str, Path(description="A trigger's id.", json_schema_extra={"format": "uuid"})]
AutomationId = Annotated[str, Path(description="An automation's id.", json_schema_extra={"format": "uuid"})]
Events = Annotated[list[Happening], Field(min_length=1, max_length=10)]


class AutomationBody(Body):
    """Conditions, one of which is a time that must have passed, and what to do then."""

    name: Name
    conditions: ConditionsBody
    actions: Actions
    position: Annotated[int, Field(ge=0, le=10_000)] = Field(default=0, description="Lower ones act first.")
    enabled: bool = True

    def request(self) -> RuleRequest:
        return RuleRequest(**self.model_dump())


class TriggerBody(AutomationBody):
    """What begins it, conditions, and what to do then. Without conditions it acts on every ticket."""

    events: Events = Field(
        description="`ticket_updated` is any change of a field; `message_received` is the customer's, after the first."
    )
    conditions: ConditionsBody = Field(default_factory=ConditionsBody)


class AutomationView(Body):
    """An automation, and how it has been doing."""

    id: UUID
    name: str
    conditions: ConditionsBody
    actions: list[ActionBody]
    position: int
    enabled: bool
    fired: int = Field(description="How often it acted on a ticket.")
    last_fired_at: datetime | None
    problem: str | None = Field(description="What last kept it from acting, or the loop that was stopped.")
    problem_at: datetime | None

    @classmethod
    def of(cls, rule: Rule) -> "AutomationView":
        return cls(**_shown(rule))


class TriggerView(AutomationView):
    """A trigger, and how it has been doing."""

    events: list[Happening]

    @classmethod
    def of(cls, rule: Rule) -> "TriggerView":
        return cls(events=list(rule.events), **_shown(rule))


class DryRunBody(Body):
    """On which tickets to try it."""

    ticket_id: UUID | None = None
    last: Annotated[int, Field(ge=1, le=100)] = Field(
        default=20, description="Without `ticket_id`: so many of the newest tickets, or of those due for an automation."
    )


class TriggerDryRunBody(DryRunBody):
    """A trigger that is not saved yet."""

    trigger: TriggerBody


class AutomationDryRunBody(DryRunBody):
    """An automation that is not saved yet."""

    automation: AutomationBody


class TrialView(Body):
    """What it would do to one ticket."""

    ticket_id: UUID
    number: int
    subject: str
    matches: bool
    unmet: list[str] = Field(description="The conditions that do not hold, such as `conditions.all.1`.")
    effect: EffectView | None
    problem: str | None = Field(description="Why it could not act although its conditions hold.")

    @classmethod
    def of(cls, trial: Trial) -> "TrialView":
        ticket = trial.ticket
        return cls(
            ticket_id=ticket.id,
            number=ticket.number,
            subject=ticket.subject,
            matches=not trial.unmet,
            unmet=trial.unmet,
            effect=EffectView.of(trial.plan) if trial.plan else None,
            problem=trial.problem,
        )


class DryRunView(Body):
    """Nothing was written."""

    tickets: list[TrialView]


@router.get("/v1/triggers", summary="List the triggers")
async def list_triggers(agent: SignedIn, tools: Tools) -> list[TriggerView]:
    """In the order in which they act."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [TriggerView.of(rule) for rule in tx.rules.list("trigger")]


@router.post("/v1/triggers", status_code=201, summary="Make a trigger")
async def make_trigger(body: TriggerBody, agent: Administrator, tools: Tools) -> TriggerView:
    """It acts right behind what begins it, on the ticket as it is then; in a chain of triggers, once."""
    with tools.store.begin(agent.workspace_id) as tx:
        return TriggerView.of(add_rule(tx, read_rule(tx, "trigger", new_id(), body.request()), agent.user))


@router.post("/v1/triggers/dry-run", summary="Try a trigger that is not saved")
async def try_new_trigger(body: TriggerDryRunBody, agent: Administrator, tools: Tools) -> DryRunView:
    """Which tickets it would act on if one of its events happened now, and how. Nothing is written."""
    with tools.store.begin(agent.workspace_id) as tx:
        return _tried(tx, read_rule(tx, "trigger", new_id(), body.trigger.request()), body)


@router.get("/v1/triggers/{trigger_id}", summary="Get a trigger")
async def get_trigger(trigger_id: TriggerId, agent: SignedIn, tools: Tools) -> TriggerView:
    with tools.store.begin(agent.workspace_id) as tx:
        return TriggerView.of(tx.rules.get("trigger", parse_id(trigger_id, "trigger")))


@router.put("/v1/triggers/{trigger_id}", summary="Change a trigger")
async def replace_trigger(trigger_id: TriggerId, body: TriggerBody, agent: Administrator, tools: Tools) -> TriggerView:
    """All of it: what is left out gets its default. Its `problem` is forgotten."""
    wanted = parse_id(trigger_id, "trigger")
    with tools.store.begin(agent.workspace_id) as tx:
        return TriggerView.of(replace_rule(tx, "trigger", wanted, body.request(), agent.user))


@router.delete("/v1/triggers/{trigger_id}", status_code=204, summary="Delete a trigger")
async def remove_trigger(trigger_id: TriggerId, agent: Administrator, tools: Tools) -> None:
    with tools.store.begin(agent.workspace_id) as tx:
        delete_rule(tx, "trigger", parse_id(trigger_id, "trigger"), agent.user)


@router.post("/v1/triggers/{trigger_id}/dry-run", summary="Try a trigger")
async def try_trigger(trigger_id: TriggerId, body: DryRunBody, agent: Administrator, tools: Tools) -> DryRunView:
    """Which tickets it would act on if one of its events happened now, and how. Nothing is written."""
    return _try_saved("trigger", trigger_id, body, agent.workspace_id, tools)


@router.get("/v1/automations", summary="List the automations")
async def list_automations(agent: SignedIn, tools: Tools) -> list[AutomationView]:
    """In the order in which they act."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [AutomationView.of(rule) for rule in tx.rules.list("automation")]


@router.post("/v1/automations", status_code=201, summary="Make an automation")
async def make_automation(body: AutomationBody, agent: Administrator, tools: Tools) -> AutomationView:
    """The schedule looks every minute. It acts once on a ticket while that keeps its status, never on a closed one."""
    with tools.store.begin(agent.workspace_id) as tx:
        return AutomationView.of(add_rule(tx, read_rule(tx, "automation", new_id(), body.request()), agent.user))


@router.post("/v1/automations/dry-run", summary="Try an automation that is not saved")
async def try_new_automation(body: AutomationDryRunBody, agent: Administrator, tools: Tools) -> DryRunView:
    """Which tickets it would act on now, and how. Nothing is written."""
    with tools.store.begin(agent.workspace_id) as tx:
        return _tried(tx, read_rule(tx, "automation", new_id(), body.automation.request()), body)


@router.get("/v1/automations/{automation_id}", summary="Get an automation")
async def get_automation(automation_id: AutomationId, agent: SignedIn, tools: Tools) -> AutomationView:
    with tools.store.begin(agent.workspace_id) as tx:
        return AutomationView.of(tx.rules.get("automation", parse_id(automation_id, "automation")))


@router.put("/v1/automations/{automation_id}", summary="Change an automation")
async def replace_automation(
    automation_id: AutomationId, body: AutomationBody, agent: Administrator, tools: Tools
) -> AutomationView:
    """All of it: what is left out gets its default. Its `problem` is forgotten."""
    wanted = parse_id(automation_id, "automation")
    with tools.store.begin(agent.workspace_id) as tx:
        return AutomationView.of(replace_rule(tx, "automation", wanted, body.request(), agent.user))


@router.delete("/v1/automations/{automation_id}", status_code=204, summary="Delete an automation")
async def remove_automation(automation_id: AutomationId, agent: Administrator, tools: Tools) -> None:
    with tools.store.begin(agent.workspace_id) as tx:
        delete_rule(tx, "automation", parse_id(automation_id, "automation"), agent.user)


@router.post("/v1/automations/{automation_id}/dry-run", summary="Try an automation")
async def try_automation(
    automation_id: AutomationId, body: DryRunBody, agent: Administrator, tools: Tools
) -> DryRunView:
    """Which tickets it would act on now, and how. Nothing is written."""
    return _try_saved("automation", automation_id, body, agent.workspace_id, tools)


def _try_saved(kind: RuleKind, rule_id: str, body: DryRunBody, workspace_id: UUID, tools: Tools) -> DryRunView:
    with tools.store.begin(workspace_id) as tx:
        return _tried(tx, tx.rules.get(kind, parse_id(rule_id, kind)), body)


def _tried(tx: Transaction, rule: Rule, body: DryRunBody) -> DryRunView:
    return DryRunView(tickets=[TrialView.of(trial) for trial in try_rule(tx, rule, body.ticket_id, body.last)])


def _shown(rule: Rule) -> dict[str, Any]:
    """What views of triggers and automations share."""
    names = ("id", "name", "position", "enabled", "fired", "last_fired_at", "problem", "problem_at")
    shown = {name: getattr(rule, name) for name in names}
    actions = [ActionBody.of(action) for action in rule.actions]
    return shown | {"conditions": ConditionsBody(**rule.conditions.document()), "actions": actions}
