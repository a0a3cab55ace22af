"""What a search for tickets says: `status:open priority:high assignee:me created>2026-01-01 "card swallowed" -tag:vip`.

Words and "phrases" must all be there; `-` turns a term. Commas part values of which one must match. Times are dates,
RFC 3339, or an age: `updated<7d` was not changed for seven days, `due<2h` is due within two hours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput
from supportmax.domain.tickets import TicketFilter

Sort = Literal["created", "updated", "due"]
QUERY_LIMIT = 1_000
NUMBERS = re.compile(r"[1-9][0-9]{0,17}")

FIXED: dict[str, tuple[str, ...]] = {
    "status": ("new", "open", "pending", "solved", "closed"),
    "priority": ("low", "normal", "high", "urgent"),
    "type": ("question", "incident", "problem", "task", "none"),
    "channel": ("chat", "email", "api"),
    "sentiment": ("negative", "neutral", "positive"),
    "is": ("unsolved", "unassigned", "snoozed", "merged", "deleted"),
    "sla": ("breached", "overdue", "running", "paused"),
    "sort": ("created", "created-asc", "updated", "updated-asc", "due"),
}
NAMED = ("assignee", "group", "requester", "follower", "category", "tag", "language", "number")
TIMES = ("created", "updated", "solved", "snoozed", "due")
# A filter for nothing: `assignee:none`.
NONE = "none"
EMPTY = frozenset({"type", "category", "language", "assignee", "group", "requester"})
FILTERS = (*FIXED, *NAMED, *TIMES, "field.<key>")

_TERM = re.compile(
    r'(?P<turned>-?)(?:(?P<key>[A-Za-z_][\w.]*)(?P<op>:|>=|<=|>|<))?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]*))'
)
_AGE = re.compile(r"(\d{1,5})(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a search. `key` None: words to find, in `values[0]`. `at` counts characters from 1."""

    at: int
    turned: bool
    key: str | None
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """A search as the store takes it; the forms of a condition stand beside `find_tickets` in the migrations."""

    conditions: tuple[dict[str, Any], ...] = ()
    words: tuple[dict[str, Any], ...] = ()
    sort: Sort = "created"
    descending: bool = True


def filter_conditions(wanted: TicketFilter) -> Iterator[dict[str, Any]]:
    """Those of a list's own filters."""
    for field in fields(wanted):
        if (value := getattr(wanted, field.name)) is not None:
            yield {"field": "tags" if field.name == "tag" else field.name, "values": [str(value)]}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended. `at` is the time by which the list is in order, where that is not the id's."""

    id: UUID
    at: datetime | None = None


def read_terms(text: str) -> list[Term]:
    """The parts of a search. Raises InvalidInput, which says where and what to change."""
    if len(text) > QUERY_LIMIT:
        raise InvalidInput(f"q: at most {QUERY_LIMIT:,} characters")
    if text.count('"') % 2:
        at = text.rindex('"') + 1
        raise InvalidInput(f"q: the quote at character {at} is not closed")
    terms = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        found = _TERM.match(text, position)
        if found is None or found.end() == position:
            raise InvalidInput(f"q: cannot read {text[position : position + 20]!r} at character {position + 1}")
        terms.append(_term(found))
        position = found.end()
    return terms


def _term(found: re.Match[str]) -> Term:
    at, key, op, quoted = found.start() + 1, found["key"], found["op"], found["quoted"]
    value = found["plain"] if quoted is None else quoted
    if key is None:
        if not value.strip():
            raise InvalidInput(f"q: there are no words at character {at}")
        return Term(at, bool(found["turned"]), None, "", (value,))
    key = key.lower() if not key.startswith("field.") else key
    if key not in FILTERS[:-1] and not key.startswith("field."):
        hint = f'put it in quotes to search for it: "{key}{op}{value}"'[:120]
        raise InvalidInput(f"q: unknown filter {key!r} at character {at}; there are {', '.join(FILTERS)}; or {hint}")
    values = tuple(v for v in (value.split(",") if quoted is None else [value]) if v)
    if not values:
        raise InvalidInput(f"q: {key} at character {at} has no value")
    _check(at, key, op, values)
    return Term(at, bool(found["turned"]), key, op, values)


def _check(at: int, key: str, op: str, values: tuple[str, ...]) -> None:
    if key not in TIMES and op != ":":
        raise InvalidInput(f"q: {key} at character {at} takes ':', not {op!r}")
    if len(values) > 1 and (key in {"sort", "is", *TIMES} or NONE in values):
        raise InvalidInput(f"q: {key} at character {at} takes one value")
    for value in values:
        if key in FIXED and value not in FIXED[key]:
            raise InvalidInput(f"q: {key} at character {at} must be one of {', '.join(FIXED[key])}, not {value[:40]!r}")
        if key == "number" and not NUMBERS.fullmatch(value):
            raise InvalidInput(f"q: number at character {at} must be a ticket's number, not {value[:40]!r}")


def span(term: Term) -> tuple[datetime, datetime]:
    """The first moment that the term's time means, and the first one after it. Raises InvalidInput."""
    (value,) = term.values
    if age := _AGE.fullmatch(value):
        away = timedelta(**{_UNITS[age[2]]: int(age[1])})
        moment = utcnow() + away if term.key == "due" else utcnow() - away
        return moment, moment
    try:
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment, moment + (timedelta(days=1) if len(value) == len("2026-01-31") else timedelta(seconds=1))
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"q: {term.key} at character {term.at} must be a date such as 2026-01-31, a time such as "
            f"2026-01-31T09:30:00Z or an age such as 7d, not {value[:40]!r}"
        ) from None
