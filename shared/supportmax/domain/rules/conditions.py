"""Conditions on a ticket: `all` must hold, and one of `any` if there are some.

A condition is a field, an operator and a value. It is read once, when a rule is saved, and kept in one form: values of
`is` and `includes_…` are lists, ids are text.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from supportmax.domain.conversation import Channel
from supportmax.domain.errors import InvalidInput
from supportmax.domain.rules.vocabulary import (
    CUSTOM,
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
from supportmax.domain.ticket_fields import TicketField
from supportmax.domain.tickets import Priority, Status, Ticket, TicketType
from supportmax.domain.triage import Sentiment

Operator = Literal[
    "is", "is_not", "is_empty", "is_not_empty", "includes_any", "includes_all", "includes_none", "at_least", "less_than"
]
MOST_CONDITIONS = 30
MOST_HOURS = 87_600

_EQUAL: tuple[Operator, ...] = ("is", "is_not")
_EMPTY: tuple[Operator, ...] = ("is_empty", "is_not_empty")
_INCLUDES: tuple[Operator, ...] = ("includes_any", "includes_all", "includes_none")
_SIZE: tuple[Operator, ...] = ("at_least", "less_than")
_CHOICES: dict[str, tuple[str, ...]] = {
    "status": get_args(Status),
    "priority": get_args(Priority),
    "channel": get_args(Channel),
    "type": get_args(TicketType),
    "sentiment": get_args(Sentiment),
}
HOURS = ("hours_since_created", "hours_since_updated", "hours_since_status_change")
# Which operators a field takes.
FIELDS: dict[str, tuple[Operator, ...]] = {
    "status": _EQUAL,
    "priority": _EQUAL,
    "channel": _EQUAL,
    "type": _EQUAL + _EMPTY,
    "sentiment": _EQUAL + _EMPTY,
    "category": _EQUAL + _EMPTY,
    "group_id": _EQUAL + _EMPTY,
    "assignee_id": _EQUAL + _EMPTY,
    "tags": _INCLUDES + _EMPTY,
    "subject": _INCLUDES,
    "body": _INCLUDES,
    **dict.fromkeys(HOURS, _SIZE),
}
_OF_TYPE: dict[str, tuple[Operator, ...]] = {
    "number": _EQUAL + _SIZE + _EMPTY,
    "date": _EQUAL + _SIZE + _EMPTY,
    "multi_select": _INCLUDES + _EMPTY,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`path` says where it stands in its rule: `conditions.all.1`."""

    path: str
    field: str
    operator: Operator
    value: Any = None

    def document(self) -> dict[str, Any]:
        return {"field": self.field, "operator": self.operator, "value": self.value}


@dataclass(frozen=True, slots=True)
class Conditions:
    """None at all hold for every ticket."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()

    def document(self) -> dict[str, Any]:
        """As it is stored and shown."""
        return {"all": [c.document() for c in self.all], "any": [c.document() for c in self.any]}

    def statuses(self) -> set[str]:
        """Those that a ticket may have for which `all` holds."""
        possible = set(_CHOICES["status"])
        for condition in self.all:
            if condition.field == "status":
                possible = {s for s in possible if _TESTS[condition.operator](s, condition.value)}
        return possible

    def least_hours(self) -> dict[str, float]:
        """By field of HOURS: how many must have passed for `all` to hold."""
        given = [c for c in self.all if c.operator == "at_least"]
        return {field: max((c.value for c in given if c.field == field), default=0) for field in HOURS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What conditions look at. `body`: what the customer wrote last; `active_at`: when anything was changed or said."""

    ticket: Ticket
    body: str
    status_since: datetime
    active_at: datetime
    now: datetime


def parse_conditions(document: Mapping[str, Any], known: Known) -> Conditions:
    """Raises InvalidInput, which names the path, for a field, an operator or a value that cannot be."""
    count = sum(len(document.get(part) or ()) for part in ("all", "any"))
    if count > MOST_CONDITIONS:
        refuse("conditions", f"at most {MOST_CONDITIONS} conditions")
    return _read(document, lambda path, given: _parse(path, given, known))


def stored_conditions(document: Mapping[str, Any]) -> Conditions:
    """Of a rule that was parsed when it was saved."""
    return _read(document, lambda path, given: Condition(path, given["field"], given["operator"], given["value"]))


def unmet(conditions: Conditions, facts: Facts) -> list[str]:
    """The paths of what does not hold; empty if the conditions hold."""
    missing = [c.path for c in conditions.all if not _holds(c, facts)]
    if conditions.any and not any(_holds(c, facts) for c in conditions.any):
        missing.append("conditions.any")
    return missing


def _read(document: Mapping[str, Any], one: Callable[[str, Mapping[str, Any]], Condition]) -> Conditions:
    def read(part: str) -> tuple[Condition, ...]:
        return tuple(one(f"conditions.{part}.{n}", given) for n, given in enumerate(document.get(part) or ()))

    return Conditions(read("all"), read("any"))


def _parse(path: str, given: Mapping[str, Any], known: Known) -> Condition:
    field, operator, value = given["field"], given["operator"], given.get("value")
    own = own_field(f"{path}.field", field.removeprefix(CUSTOM), known) if field.startswith(CUSTOM) else None
    operators = _OF_TYPE.get(own.type, _EQUAL + _EMPTY) if own else FIELDS.get(field)
    if operators is None:
        refuse(f"{path}.field", f"unknown field {field[:60]!r}; there are {', '.join(FIELDS)}, {CUSTOM}<key>")
    choice(f"{path}.operator", operator, operators)
    if operator in _EMPTY:
        if value is not None:
            refuse(f"{path}.value", f"{operator} takes no value")
        return Condition(path, field, operator)
    where = f"{path}.value"
    return Condition(path, field, operator, _own(where, value, own) if own else _value(where, field, value, known))


def _value(path: str, field: str, value: Any, known: Known) -> Any:
    """In the form in which it is kept."""
    if field in HOURS:
        return number(path, value, 0, MOST_HOURS)
    given = texts(path, value)
    if field in _CHOICES:
        return [choice(path, text, _CHOICES[field]) for text in given]
    if field in _NAMED:
        return [_NAMED[field](path, text, known) for text in given]
    return [text.lower() for text in given] if field == "tags" else _with_words(path, given)


_NAMED = {"category": category, "group_id": group, "assignee_id": agent}


def _with_words(path: str, given: list[str]) -> list[str]:
    if any(not _words(text).strip() for text in given):
        refuse(path, "each text must hold a word")
    return given


def _own(path: str, value: Any, field: TicketField) -> Any:
    """A value, or one of several, that such a field can have."""
    several = value if isinstance(value, list) else [value]
    if not 0 < len(several) <= 50:
        refuse(path, "must be one value, or a list of 1 to 50")
    for one in several:
        try:
            field.check([one] if field.type == "multi_select" else one)
        except InvalidInput as error:
            refuse(path, error.message.partition(": ")[2])
    return several


# Do they hold?


def _holds(condition: Condition, facts: Facts) -> bool:
    return _TESTS[condition.operator](_found(condition.field, facts), condition.value)


def _found(field: str, facts: Facts) -> Any:
    ticket = facts.ticket
    if field.startswith(CUSTOM):
        return ticket.custom_fields.get(field.removeprefix(CUSTOM))
    if field in {"group_id", "assignee_id"}:
        return str(getattr(ticket, field)) if getattr(ticket, field) else None
    if field in {"subject", "body"}:
        return _Words(ticket.subject if field == "subject" else facts.body)
    if field in HOURS:
        since = {HOURS[0]: ticket.created_at, HOURS[1]: facts.active_at, HOURS[2]: facts.status_since}[field]
        return (facts.now - since).total_seconds() / 3_600
    return getattr(ticket, field)


class _Words:
    """A text that includes whole words, whatever their case."""

    def __init__(self, text: str) -> None:
        self._words = _words(text)

    def __contains__(self, phrase: str) -> bool:
        return _words(phrase) in self._words


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "


_WORD = re.compile(r"[^\W_]+")


def _is(found: Any, values: Sequence[Any]) -> bool:
    # In Python True is 1; in a field it is not.
    return any(found == value and isinstance(found, bool) == isinstance(value, bool) for value in values)


def _includes(found: Any, values: Iterable[Any]) -> list[bool]:
    return [value in found if found else False for value in values]


def _empty(found: Any) -> bool:
    return found is None or found in ("", [])


def _least(found: Any, bound: Any) -> bool:
    bound = bound[0] if isinstance(bound, list) else bound
    return isinstance(found, str) == isinstance(bound, str) and found is not None and bool(found >= bound)


_TESTS: dict[Operator, Callable[[Any, Any], bool]] = {
    "is": _is,
    "is_not": lambda found, values: not _is(found, values),
    "is_empty": lambda found, _: _empty(found),
    "is_not_empty": lambda found, _: not _empty(found),
    "includes_any": lambda found, values: any(_includes(found, values)),
    "includes_all": lambda found, values: all(_includes(found, values)),
    "includes_none": lambda found, values: not any(_includes(found, values)),
    "at_least": _least,
    "less_than": lambda found, bound: found is not None and not _least(found, bound),
}
