"""Administrators make triggers and automations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from supportmax.domain.errors import Conflict, InvalidInput
from supportmax.domain.people import User
from supportmax.domain.rules.actions import parse_actions
from supportmax.domain.rules.conditions import HOURS, Conditions, parse_conditions
from supportmax.domain.rules.rule import Happening, Rule, RuleKind
from supportmax.ports import Transaction
from supportmax.services.rules.texts import known

MOST_RULES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRequest:
    """A rule as somebody wrote it."""

    name: str
    conditions: Mapping[str, Any]
    actions: Sequence[Mapping[str, Any]]
    events: tuple[Happening, ...] = ()
    position: int = 0
    enabled: bool = True


def read_rule(tx: Transaction, kind: RuleKind, rule_id: UUID, request: RuleRequest) -> Rule:
    """Raises InvalidInput, which names the path, for what cannot be."""
    names = known(tx)
    conditions = parse_conditions(request.conditions, names)
    if kind == "automation":
        _check_time(conditions)
    return Rule(
        id=rule_id,
        kind=kind,
        name=request.name,
        position=request.position,
        enabled=request.enabled,
        events=tuple(dict.fromkeys(request.events)),
        conditions=conditions,
        actions=parse_actions(request.actions, names, by_person=False),
    )


def add_rule(tx: Transaction, rule: Rule, actor: User) -> Rule:
    """Raises Conflict when there are too many."""
    if len(tx.rules.list(rule.kind)) >= MOST_RULES:
        raise Conflict(f"There are {MOST_RULES} {rule.kind}s already.")
    return _save(tx, rule, "created", actor)


def replace_rule(tx: Transaction, kind: RuleKind, rule_id: UUID, request: RuleRequest, actor: User) -> Rule:
    """Raises NotFound, InvalidInput as `read_rule`."""
    tx.rules.get(kind, rule_id)
    return _save(tx, read_rule(tx, kind, rule_id, request), "updated", actor)


def delete_rule(tx: Transaction, kind: RuleKind, rule_id: UUID, actor: User) -> None:
    """Raises NotFound."""
    rule = tx.rules.get(kind, rule_id)
    tx.rules.delete(rule.id)
    tx.audit.add(str(actor.id), f"{kind}.deleted", kind, rule.id, {"name": rule.name})


def _save(tx: Transaction, rule: Rule, what: str, actor: User) -> Rule:
    tx.rules.save(rule)
    detail = {
        "name": rule.name,
        "enabled": rule.enabled,
        "conditions": rule.conditions.document(),
        "actions": [action.document() for action in rule.actions],
    }
    tx.audit.add(str(actor.id), f"{rule.kind}.{what}", rule.kind, rule.id, detail)
    return tx.rules.get(rule.kind, rule.id)


def _check_time(conditions: Conditions) -> None:
    """Without a time that must have passed it would act on every ticket at once."""
    if not any(c.field in HOURS and c.operator == "at_least" and c.value > 0 for c in conditions.all):
        raise InvalidInput(f"conditions.all: an automation needs one of {', '.join(HOURS)} with at_least")
