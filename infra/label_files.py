"""Labels and examples as CSV. A mistake raises InvalidInput with the file and the line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from infra.evaluation.files import csv_rows
from supportmax.domain.errors import InvalidInput
from supportmax.domain.tickets import Priority

MAX_TEXT = 2_000
MAX_NAME = 100
MAX_DESCRIPTION = 1_000
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0", ""}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label's definition; `where` is its file and line."""

    name: str
    description: str
    priority: str
    group: str
    is_spam: bool
    where: str

    def body(self, groups: Mapping[str, str]) -> dict[str, Any]:
        """As the API takes it; `groups` are ids by name."""
        return {
            "name": self.name,
            "description": self.description,
            "priority": self.priority,
            "group_id": groups.get(self.group),
            "is_spam": self.is_spam,
        }


@dataclass(frozen=True, slots=True)
class LabelFile:
    """What some files hold: definitions, and pairs (text, label)."""

    labels: list[LabelRow] = field(default_factory=list)
    examples: list[tuple[str, str]] = field(default_factory=list)


def read_label_files(paths: Sequence[Path]) -> LabelFile:
    """Each file is either `text,label` or `name,description,priority,group,is_spam`; all but `name` may be left out."""
    found = LabelFile()
    for path in paths:
        for where, row in csv_rows(path, ({"text", "label"}, {"name"})):
            if "text" in row:
                found.examples.append(_example(row, where))
            else:
                found.labels.append(_label(row, where))
    return found


def _example(row: Mapping[str, str], where: str) -> tuple[str, str]:
    return _words(row, "text", MAX_TEXT, where), _words(row, "label", MAX_NAME, where)


def _label(row: Mapping[str, str], where: str) -> LabelRow:
    priority, spam = row.get("priority", "").lower() or "normal", row.get("is_spam", "").lower()
    if priority not in get_args(Priority):
        raise InvalidInput(f"{where}: priority {priority!r} is none of {', '.join(get_args(Priority))}")
    if spam not in _YES | _NO:
        raise InvalidInput(f"{where}: is_spam {spam!r} is neither true nor false")
    description = row.get("description", "")
    if len(description) > MAX_DESCRIPTION:
        raise InvalidInput(f"{where}: the description has more than {MAX_DESCRIPTION:,} characters")
    return LabelRow(
        _words(row, "name", MAX_NAME, where), description, priority, row.get("group", ""), spam in _YES, where
    )


def _words(row: Mapping[str, str], column: str, most: int, where: str) -> str:
    value = row[column]
    if not value:
        raise InvalidInput(f"{where}: no {column}")
    if len(value) > most:
        raise InvalidInput(f"{where}: {column} has {len(value):,} characters; the limit is {most:,}")
    return value
