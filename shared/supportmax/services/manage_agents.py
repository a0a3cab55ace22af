"""Administrators say how groups give tickets out, and what agents can; agents say whether they are there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from supportmax.domain.assignment import Agent, GroupSettings, SkillRule
from supportmax.domain.errors import Conflict, InvalidInput
from supportmax.domain.people import User
from supportmax.ports import Transaction
from supportmax.services.check_ticket import check_members


def change_group(tx: Transaction, group_id: UUID, changes: Mapping[str, Any], actor: User) -> GroupSettings:
    """Raises NotFound, InvalidInput for members who are no agents, Conflict for a name that is taken."""
    group = replace(tx.group_settings.get(group_id), **changes)
    check_members(tx, changes.get("member_ids", ()))
    tx.group_settings.change(group_id, group.name, group.assignment, changes.get("member_ids"))
    detail = {name: str(value) for name, value in changes.items()}
    tx.audit.add(str(actor.id), "group.updated", "group", group_id, detail)
    return tx.group_settings.get(group_id)


def delete_group(tx: Transaction, group_id: UUID, actor: User) -> None:
    """Raises NotFound, and Conflict while unsolved tickets are in it."""
    group = tx.group_settings.get(group_id)
    if not tx.group_settings.delete(group_id):
        raise Conflict(f"Unsolved tickets are in {group.name!r}: give them to another group first.")
    tx.audit.add(str(actor.id), "group.deleted", "group", group_id, {"name": group.name})


def change_agent(tx: Transaction, user_id: UUID, changes: Mapping[str, Any], actor: User) -> Agent:
    """Availability, capacity, skills. Raises NotFound."""
    agent = replace(tx.agents.lock(user_id), **changes)
    tx.agents.save(user_id, agent.availability, agent.capacity, agent.skills)
    if set(changes) - {"availability"}:
        detail = {name: str(value) for name, value in changes.items()}
        tx.audit.add(str(actor.id), "agent.updated", "user", user_id, detail)
    return agent


def replace_skill_rules(tx: Transaction, rules: Sequence[SkillRule], actor: User) -> None:
    """Raises InvalidInput for a rule that is there twice, or for a category that is no label."""
    if len(set(rules)) < len(rules):
        raise InvalidInput("rules: one is there twice")
    labels = {label.name for label in tx.labels.list()}
    for place, rule in enumerate(rules):
        if rule.field == "category" and rule.value not in labels:
            raise InvalidInput(f"rules.{place}.value: there is no label {rule.value!r}")
    tx.skill_rules.replace(rules)
    tx.audit.add(str(actor.id), "skill_rules.updated", "skill_rules", None, {"rules": len(rules)})
