"""The part of SOQL that the adapter uses, read as strictly as Salesforce does: anything else is an error."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Record = dict[str, Any]

_TOKEN = re.compile(
    r"\s+|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))|(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<number>\d+)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|!=|=|<|>|,)"
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class SoqlError(Exception):
    """`code` is Salesforce's errorCode."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Comparison:
    """`field sign value`, the value as Python."""

    field: str
    sign: str
    value: Any


@dataclass(frozen=True)
class Query:
    """SELECT fields FROM table WHERE comparisons (all joined by one word) ORDER BY order LIMIT limit."""

    fields: tuple[str, ...]
    table: str
    comparisons: tuple[Comparison, ...]
    joined_by: str
    order: tuple[tuple[str, bool], ...]
    limit: int | None

    def names(self) -> set[str]:
        """Every column the query mentions."""
        return {*self.fields, *(c.field for c in self.comparisons), *(field for field, _ in self.order)}

    def run(self, records: Iterable[Record]) -> list[Record]:
        """The matching records in order, as whole records."""
        join: Callable[[Iterable[bool]], bool] = any if self.joined_by == "OR" else all
        found = [record for record in records if join(_holds(c, record) for c in self.comparisons)]
        for field, descending in reversed(self.order):
            found.sort(key=lambda record: record[field], reverse=descending)
        return found[: self.limit]


def _holds(comparison: Comparison, record: Record) -> bool:
    mine, value = _comparable(record[comparison.field]), _comparable(comparison.value)
    if comparison.sign == "=":
        return bool(mine == value)
    if comparison.sign == "!=":
        return bool(mine != value)
    if mine is None or value is None:
        return False
    if comparison.sign in (">", ">="):
        return bool(mine > value or (comparison.sign == ">=" and mine == value))
    return bool(mine < value or (comparison.sign == "<=" and mine == value))


def _comparable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value  # SOQL compares text without case


class _Reader:
    def __init__(self, soql: str) -> None:
        self.tokens = list(_tokens(soql))

    def peek(self) -> str:
        return self.tokens[0][1] if self.tokens else ""

    def take(self, kind: str) -> str:
        if not self.tokens or self.tokens[0][0] != kind:
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{self.peek() or '<EOF>'}'")
        return self.tokens.pop(0)[1]

    def accept(self, word: str) -> bool:
        if self.peek().upper() != word:
            return False
        self.tokens.pop(0)
        return True

    def expect(self, word: str) -> None:
        if not self.accept(word):
            raise SoqlError("MALFORMED_QUERY", f"expecting {word}, found '{self.peek() or '<EOF>'}'")


def _tokens(soql: str) -> Iterable[tuple[str, str]]:
    position = 0
    while position < len(soql):
        match = _TOKEN.match(soql, position)
        if match is None:
            raise SoqlError("MALFORMED_QUERY", f"unexpected character: '{soql[position]}'")
        position = match.end()
        if match.lastgroup:
            yield match.lastgroup, match[0]


def parse(soql: str) -> Query:
    """Raises `SoqlError` for everything outside the subset."""
    read = _Reader(soql)
    read.expect("SELECT")
    fields = [read.take("word")]
    while read.accept(","):
        fields.append(read.take("word"))
    read.expect("FROM")
    table = read.take("word")
    comparisons, joined_by = _where(read) if read.accept("WHERE") else ([], "AND")
    order = _order(read) if read.accept("ORDER") else []
    limit = int(read.take("number")) if read.accept("LIMIT") else None
    if read.tokens:
        raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{read.peek()}'")
    return Query(tuple(fields), table, tuple(comparisons), joined_by, tuple(order), limit)


def _where(read: _Reader) -> tuple[list[Comparison], str]:
    comparisons, joined_by = [_comparison(read)], ""
    while read.peek().upper() in ("AND", "OR"):
        word = read.take("word").upper()
        if joined_by not in ("", word):
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{word}'")  # a mix needs parentheses
        joined_by = word
        comparisons.append(_comparison(read))
    return comparisons, joined_by or "AND"


def _comparison(read: _Reader) -> Comparison:
    return Comparison(read.take("word"), read.take("sign"), _value(read))


def _value(read: _Reader) -> Any:
    for word, value in (("NULL", None), ("TRUE", True), ("FALSE", False)):
        if read.accept(word):
            return value
    kind = read.tokens[0][0] if read.tokens else "text"
    if kind == "time":
        return datetime.fromisoformat(read.take("time"))
    if kind == "number":
        return int(read.take("number"))
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), read.take("text")[1:-1])


def _order(read: _Reader) -> list[tuple[str, bool]]:
    read.expect("BY")
    order = [_direction(read)]
    while read.accept(","):
        order.append(_direction(read))
    return order


def _direction(read: _Reader) -> tuple[str, bool]:
    field = read.take("word")
    descending = read.accept("DESC")
    if not descending:
        read.accept("ASC")
    return field, descending
