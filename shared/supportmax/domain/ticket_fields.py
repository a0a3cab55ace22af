"""Fields that a workspace adds to its tickets, and the values they take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from supportmax.domain.errors import InvalidInput

FieldType = Literal["text", "number", "boolean", "date", "select", "multi_select"]
TEXT_LIMIT = 2_000
CHOOSING: frozenset[FieldType] = frozenset({"select", "multi_select"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketField:
    """`key` names it in `custom_fields`. `options` are the values of a select; a ticket cannot be solved without one
    that is `required_to_solve`."""

    id: UUID
    key: str
    label: str
    type: FieldType
    options: list[str] = field(default_factory=list)
    required_to_solve: bool = False

    def check(self, value: Any) -> None:
        """Raises InvalidInput, which names the field, for a value it cannot have."""
        if problem := _CHECKS[self.type](self, value):
            raise InvalidInput(f"custom_fields.{self.key}: {problem}")


def _text(_: TicketField, value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        return f"must be a text of at most {TEXT_LIMIT:,} characters"
    return "must not contain NUL characters" if "\x00" in value else None


def _number(_: TicketField, value: Any) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return None if is_number else "must be a number"


def _boolean(_: TicketField, value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _date(_: TicketField, value: Any) -> str | None:
    try:
        date.fromisoformat(value)
        return None if len(value) == len("2026-01-31") else "must be a date such as 2026-01-31"
    except (TypeError, ValueError):
        return "must be a date such as 2026-01-31"


def _select(found: TicketField, value: Any) -> str | None:
    return None if value in found.options else f"must be one of {', '.join(found.options)}"


def _multi_select(found: TicketField, value: Any) -> str | None:
    if not isinstance(value, list) or not all(isinstance(v, str) and v in found.options for v in value):
        return f"must be a list out of {', '.join(found.options)}"
    return "names an option twice" if len(set(value)) < len(value) else None


_CHECKS: dict[FieldType, Callable[[TicketField, Any], str | None]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "select": _select,
    "multi_select": _multi_select,
}
