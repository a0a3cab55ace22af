"""From what an agent typed to a query: names become ids, times become bounds."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.ids import first_id_at
from supportmax.domain.ticket_search import EMPTY, NONE, TIMES, Place, Sort, Term, TicketQuery, read_terms, span
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction

Condition = dict[str, Any]
UNSOLVED = ["new", "open", "pending"]
_COLUMNS = {"tag": "tags", "updated": "updated_at", "solved": "solved_at", "snoozed": "snoozed_until", "due": "due_at"}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who searches: `me` in a search."""

    user_id: UUID


def read_query(tx: Transaction, text: str, asker: Asker) -> TicketQuery:
    """Raises InvalidInput, which names the place and what to change, also for a group, label or person unknown here."""
    conditions: list[Condition] = []
    words: list[dict[str, Any]] = []
    sort: Sort = "created"
    descending = True
    for term in read_terms(text):
        if term.key is None:
            words.append({"text": term.values[0], "not": term.turned})
        elif term.key == "sort":
            sort, descending = _order(term.values[0])
        else:
            conditions += [c | {"not": term.turned} for c in _conditions(tx, term, asker)]
    return TicketQuery(tuple(conditions), tuple(words), sort, descending)


def _order(wanted: str) -> tuple[Sort, bool]:
    """And whether it descends: the newest come first unless `-asc` is said, what is due soonest always."""
    if wanted == "due":
        return "due", False
    return ("updated" if "updated" in wanted else "created"), "asc" not in wanted


def _conditions(tx: Transaction, term: Term, asker: Asker) -> list[Condition]:
    key = str(term.key)
    if key.startswith("field."):
        return [_custom_field(tx, term)]
    if key in TIMES:
        return _times(term)
    if key == "is":
        return [_state(term.values[0])]
    column = f"{key}_id" if key in {"assignee", "requester", "follower", "group"} else _COLUMNS.get(key, key)
    if term.values == (NONE,) and key in EMPTY:
        return [{"field": column, "values": []}]
    if column.endswith("_id"):
        return [{"field": column, "values": [_someone(tx, term, value, asker) for value in term.values]}]
    return [{"field": column, "values": [value.lower() if key == "tag" else value for value in term.values]}]


def _state(value: str) -> Condition:
    states: dict[str, Condition] = {
        "unsolved": {"field": "status", "values": UNSOLVED},
        "unassigned": {"field": "assignee_id", "values": []},
        "snoozed": {"field": "snoozed_until", "values": []},
        "merged": {"field": "merged_into_id", "values": []},
        "deleted": {"field": "deleted_at", "values": []},
    }
    return states[value]


def _times(term: Term) -> list[Condition]:
    """`created` is looked up by id, which is a time, too: so the index of ids serves."""
    start, end = span(term)
    bounds = {
        ":": [(">=", start), ("<", end)],
        ">": [(">=", end)],
        ">=": [(">=", start)],
        "<": [("<", start)],
        "<=": [("<", end)],
    }[term.op]
    if term.turned and len(bounds) > 1:
        raise InvalidInput(f"q: -{term.key}: at character {term.at} cannot be turned; use {term.key}< or {term.key}>")
    if term.key == "created":
        return [{"field": "id", "op": op, "value": str(first_id_at(moment))} for op, moment in bounds]
    return [{"field": _COLUMNS[str(term.key)], "op": op, "value": moment.isoformat()} for op, moment in bounds]


def _someone(tx: Transaction, term: Term, value: str, asker: Asker) -> str:
    """An id: of the asker, of an address, of a group's name, or the id itself."""
    if value == "me" and term.key != "group":
        return str(asker.user_id)
    try:
        return str(UUID(value))
    except ValueError:
        found = _group(tx, value) if term.key == "group" else _person(tx, value)
    if found is None:
        raise InvalidInput(f"q: {term.key} at character {term.at}: there is no {value[:60]!r} here")
    return str(found)


def _group(tx: Transaction, name: str) -> UUID | None:
    return next((group.id for group in tx.groups.list() if group.name.lower() == name.lower()), None)


def _person(tx: Transaction, address: str) -> UUID | None:
    try:
        return tx.users.by_address(address).id
    except NotFound:
        return None


def _custom_field(tx: Transaction, term: Term) -> Condition:
    key = str(term.key).removeprefix("field.")
    field = next((field for field in tx.ticket_fields.list() if field.key == key), None)
    if field is None:
        raise InvalidInput(f"q: there is no field {key[:60]!r} (character {term.at})")
    if term.values == (NONE,):
        return {"field": "custom_field_empty", "values": [key]}
    read = _READ.get(field.type, str)
    try:
        values = [read(value) for value in term.values]
        for value in values:
            field.check(value)
    except (ValueError, InvalidInput) as error:
        raise InvalidInput(f"q: field.{key} at character {term.at}: {error}") from None
    return {"field": "custom_fields", "values": [{key: value} for value in values]}


_READ: dict[str, Callable[[str], Any]] = {
    "number": lambda text: int(text) if text.lstrip("-").isdigit() else float(text),
    "boolean": lambda text: {"true": True, "false": False}.get(text.lower(), text),
    "multi_select": lambda text: [text],
}


def cursor_of(ticket: Ticket, query: TicketQuery, due_at: datetime | None) -> str:
    """Where a page ended that ends with this ticket, of which something is due then."""
    if query.sort == "created":
        return str(ticket.id)
    at = due_at if query.sort == "due" and due_at else ticket.updated_at
    place = json.dumps([str(ticket.id), at.isoformat()])
    return base64.urlsafe_b64encode(place.encode()).decode()


def place_of(cursor: str | None, query: TicketQuery) -> Place | None:
    """The place that a cursor stands for. Raises InvalidInput for one of another list or order."""
    if cursor is None:
        return None
    try:
        if query.sort == "created":
            return Place(UUID(cursor))
        ticket_id, at = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        return Place(UUID(ticket_id), datetime.fromisoformat(at))
    except (ValueError, TypeError, AttributeError):
        raise InvalidInput("after: not a cursor of this list") from None
