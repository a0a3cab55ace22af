"""template.yaml as data: intrinsic functions become {"Ref": …}, {"Fn::GetAtt": …} and so on."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = (
    "chat",
    "tickets",
    "knowledge",
    "admin",
    "email_ingest",
    "classify",
    "respond",
    "escalate",
    "email_send",
    "index",
    "salesforce_sync",
    "webhook_send",
    "maintenance",
    "migrate",
)


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def load() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(encoding="utf-8"), _Loader)
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Logical id to properties of every resource of a type, e.g. "AWS::SQS::Queue"."""
    found = load()["Resources"].items()
    return {name: resource.get("Properties", {}) for name, resource in found if resource["Type"] == kind}


def logical(function: str) -> str:
    """`email_send` is EmailSendFunction in the template."""
    return "".join(part.capitalize() for part in function.split("_")) + "Function"


def statements(function: str) -> list[dict[str, Any]]:
    """Every statement that a function's role may have, whatever the conditions are."""
    policies = resources("AWS::Serverless::Function")[logical(function)].get("Policies", [])
    return [statement for policy in policies for statement in _inside(policy)]


def _inside(policy: Any) -> list[dict[str, Any]]:
    if not isinstance(policy, dict):
        return []
    if "Fn::If" in policy:
        return [statement for branch in policy["Fn::If"][1:] for statement in _inside(branch)]
    if "Ref" in policy:
        managed = resources("AWS::IAM::ManagedPolicy").get(policy["Ref"], {})
        return _inside(managed.get("PolicyDocument"))
    return list(policy.get("Statement", []))


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
