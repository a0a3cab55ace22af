"""Placeholders in texts: `Hello {{requester.first_name|there}}, about #{{ticket.number}}`.

They are looked up and put in, once: what is put in is never read for placeholders again, and nothing runs. What follows
`|` is said where there is no value.
"""

import re
from collections.abc import Collection, Mapping

from supportmax.domain.rules.vocabulary import CUSTOM, refuse

PLACEHOLDERS = (
    "ticket.number",
    "ticket.subject",
    "ticket.status",
    "ticket.priority",
    "ticket.category",
    "requester.name",
    "requester.first_name",
    "requester.email",
    "assignee.name",
    "group.name",
    "agent.name",
    "agent.first_name",
    "workspace.name",
)
_OWN = f"ticket.{CUSTOM}"
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z0-9_.]{1,80})\s*(?:\|([^{}|]{0,100}))?\}\}")


def check_placeholders(path: str, text: str, fields: Collection[str]) -> None:
    """Raises InvalidInput for one that is unknown or not closed; `fields` are the keys of the workspace's own."""
    known = {*PLACEHOLDERS, *(f"{_OWN}{key}" for key in fields)}
    for found in _PLACEHOLDER.finditer(text):
        if found[1] not in known:
            names = ", ".join((*PLACEHOLDERS, f"{_OWN}<key>"))
            refuse(path, f"unknown placeholder {{{{{found[1]}}}}}; there are {names}")
    rest = _PLACEHOLDER.sub("", text)
    if "{{" in rest or "}}" in rest:
        refuse(path, "a placeholder is not closed or has no name; write {{ticket.number}} or {{requester.name|there}}")


def render(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in their places; one that is missing or empty gives what stands behind its `|`."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1]) or (found[2] or "").strip(), text)
