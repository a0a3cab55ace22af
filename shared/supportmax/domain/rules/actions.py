"""Actions on a ticket: changes of its fields, words to the customer or to colleagues, a snooze."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from supportmax.domain.errors import InvalidInput
from supportmax.domain.rules.placeholders import check_placeholders
from supportmax.domain.rules.vocabulary import (
    Known,
    agent,
    category,
    choice,
    group,
    number,
    own_field,
    refuse,
    texts,
)
from supportmax.domain.tickets import Priority, TicketType

ActionName = Literal[
    "set_status",
    "set_priority",
    "set_type",
    "set_category",
    "set_assignee",
    "set_group",
    "set_custom_field",
    "add_tags",
    "remove_tags",
    "snooze",
    "reply",
    "add_note",
    "notify_agent",
    "notify_group",
]
MOST_ACTIONS = 20
REPLY_LIMIT = 20_000
NOTICE_LIMIT = 500
YEAR = 8_760
# Who applies a macro, as its assignee; who has the ticket, as who is notified.
ME, ASSIGNEE = "me", "assignee"
_REPEATED = frozenset({"add_tags", "remove_tags", "add_note", "notify_agent", "notify_group"})
_TEXTS: dict[str, int] = {"reply": REPLY_LIMIT, "add_note": REPLY_LIMIT}
_NOTICES = frozenset({"notify_agent", "notify_group"})


@dataclass(frozen=True, slots=True)
class Action:
    """`key` names a field of the workspace's own; `text` is what somebody is told. `path`: `actions.1`."""

    path: str
    action: ActionName
    value: Any = None
    key: str | None = None
    text: str | None = None

    def document(self) -> dict[str, Any]:
        """As it is stored and shown."""
        return {"action": self.action, "value": self.value, "key": self.key, "text": self.text}


def parse_actions(documents: Sequence[Mapping[str, Any]], known: Known, by_person: bool) -> tuple[Action, ...]:
    """`by_person`: somebody applies them, so that there is a `me`. Raises InvalidInput, which names the path."""
    if not 0 < len(documents) <= MOST_ACTIONS:
        refuse("actions", f"must be 1 to {MOST_ACTIONS} actions")
    actions = tuple(_parse(f"actions.{n}", given, known, by_person) for n, given in enumerate(documents))
    seen: set[object] = set()
    for action in actions:
        mark = (action.action, action.key)
        if mark in seen and action.action not in _REPEATED:
            refuse(action.path, f"{action.action} is there twice")
        seen.add(mark)
    return actions


def stored_actions(documents: Sequence[Mapping[str, Any]]) -> tuple[Action, ...]:
    """Of a rule that was parsed when it was saved."""
    return tuple(
        Action(f"actions.{n}", given["action"], given["value"], given["key"], given["text"])
        for n, given in enumerate(documents)
    )


def _parse(path: str, given: Mapping[str, Any], known: Known, by_person: bool) -> Action:
    name, value, key, text = given["action"], given.get("value"), given.get("key"), given.get("text")
    if name not in get_args(ActionName):
        refuse(f"{path}.action", f"must be one of {', '.join(get_args(ActionName))}")
    if key is not None and name != "set_custom_field":
        refuse(f"{path}.key", f"{name} takes no key")
    if text is not None and name not in _NOTICES:
        refuse(f"{path}.text", f"{name} takes no text")
    if name in _NOTICES:
        text = _text(f"{path}.text", text, NOTICE_LIMIT, known)
    if value == ME and name == "set_assignee" and not by_person:
        refuse(f"{path}.value", "nobody applies this rule, so there is no 'me'; give an agent's id")
    return Action(path, name, _value(path, name, value, key, known), key, text)


def _value(path: str, name: ActionName, value: Any, key: str | None, known: Known) -> Any:
    where = f"{path}.value"
    if name == "set_custom_field":
        return _own(path, key, value, known)
    if name in _TEXTS:
        return _text(where, value, _TEXTS[name], known)
    if value is None and name in _CLEARABLE:
        return None
    if value == {"set_assignee": ME, "notify_agent": ASSIGNEE}.get(name) and value is not None:
        return value
    return _VALUES[name](where, value, known)


_CLEARABLE = frozenset({"set_type", "set_category", "set_assignee", "set_group"})
# Nothing becomes new again.
_STATUSES = ("open", "pending", "solved", "closed")
_VALUES: dict[ActionName, Callable[[str, Any, Known], Any]] = {
    "set_status": lambda path, value, _: choice(path, value, _STATUSES),
    "set_priority": lambda path, value, _: choice(path, value, get_args(Priority)),
    "set_type": lambda path, value, _: choice(path, value, get_args(TicketType)),
    "set_category": category,
    "set_assignee": agent,
    "set_group": group,
    "notify_agent": agent,
    "notify_group": group,
    "snooze": lambda path, value, _: number(path, value, 1, YEAR),
    "add_tags": lambda path, value, _: _tags(path, value),
    "remove_tags": lambda path, value, _: _tags(path, value),
}


def _tags(path: str, value: Any) -> list[str]:
    tags = [tag.lower() for tag in texts(path, value)]
    if any(len(tag) > 50 for tag in tags) or len(tags) > 30:
        refuse(path, "must be at most 30 tags of at most 50 characters")
    return tags


def _own(path: str, key: str | None, value: Any, known: Known) -> Any:
    field = own_field(f"{path}.key", key, known)
    if value is not None:
        try:
            field.check(value)
        except InvalidInput as error:
            refuse(f"{path}.value", error.message.partition(": ")[2])
    return value


def _text(path: str, value: Any, limit: int, known: Known) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > limit or "\x00" in value:
        refuse(path, f"must be a text of 1 to {limit:,} characters")
    check_placeholders(path, value, known.fields)
    return value.strip()
