"""What a workspace's rules may name, and how a mistake in one is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from supportmax.domain.errors import InvalidInput
from supportmax.domain.ticket_fields import TicketField

CUSTOM = "custom_fields."
TEXTS_LIMIT = 50
TEXT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What there is in the workspace: agents and administrators, groups, names of labels, its own fields by key."""

    agents: frozenset[UUID]
    groups: frozenset[UUID]
    categories: frozenset[str]
    fields: Mapping[str, TicketField]


def refuse(path: str, problem: str) -> NoReturn:
    """Raises InvalidInput that begins with the path, such as `conditions.all.1.value`."""
    raise InvalidInput(f"{path}: {problem}")


def choice(path: str, value: Any, options: tuple[str, ...]) -> str:
    if value not in options or not isinstance(value, str):
        refuse(path, f"must be one of {', '.join(options)}")
    return value


def texts(path: str, value: Any) -> list[str]:
    """One text or a list of texts, as a list without repetitions."""
    given = value if isinstance(value, list) else [value]
    if not 0 < len(given) <= TEXTS_LIMIT:
        refuse(path, f"must be a list of 1 to {TEXTS_LIMIT} texts")
    for text in given:
        if not isinstance(text, str) or not text.strip() or len(text) > TEXT_LENGTH or "\x00" in text:
            refuse(path, f"must be a text of 1 to {TEXT_LENGTH} characters, or a list of such texts")
    return list(dict.fromkeys(text.strip() for text in given))


def agent(path: str, value: Any, known: Known) -> str:
    return _id(path, value, known.agents, "agent")


def group(path: str, value: Any, known: Known) -> str:
    return _id(path, value, known.groups, "group")


def category(path: str, value: Any, known: Known) -> str:
    if not isinstance(value, str) or value not in known.categories:
        refuse(path, f"there is no label {str(value)[:60]!r}")
    return value


def own_field(path: str, key: Any, known: Known) -> TicketField:
    """A field of the workspace's own."""
    if not isinstance(key, str) or key not in known.fields:
        refuse(path, f"there is no field {str(key)[:60]!r}; there are: {', '.join(known.fields) or 'none'}")
    return known.fields[key]


def number(path: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        refuse(path, f"must be a number from {low:,g} to {high:,g}")
    return value


def _id(path: str, value: Any, there: frozenset[UUID], what: str) -> str:
    try:
        found = UUID(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found not in there:
        refuse(path, f"there is no such {what}; give a {what}'s id")
    return str(found)
