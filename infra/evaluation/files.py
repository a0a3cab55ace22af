"""The labelled files that are measured on. A mistake in one raises InvalidInput with the file and the line."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from supportmax.domain.errors import InvalidInput
from supportmax.domain.triage import OUT_OF_SCOPE
from supportmax.services.learn_examples import Example
from supportmax.services.read_articles import read_text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """A text, and the ids that would be right; none means that nothing in the knowledge base answers it."""

    text: str
    relevant: frozenset[str]


def read_examples(path: Path) -> list[Example]:
    """CSV with the columns `text` and `label`; others are ignored."""
    return [_example(row, where) for where, row in csv_rows(path, ({"text", "label"},))]


def csv_rows(path: Path, headers: Sequence[set[str]]) -> list[tuple[str, dict[str, str]]]:
    """Rows as (file:line, stripped cells by column); the file's header must hold one of the sets of columns."""
    reader = csv.DictReader(read_text(path).splitlines(keepends=True), strict=True)
    columns = set(reader.fieldnames or ())
    if not any(header <= columns for header in headers):
        missing = " and no column ".join(sorted(headers[0] - columns))
        expected = ", or ".join(",".join(sorted(header, reverse=True)) for header in headers)
        raise InvalidInput(f"{path}:1: no column {missing}; expected {expected}")
    try:
        rows = [(f"{path}:{reader.line_num}", _cells(row)) for row in reader]
    except csv.Error as error:
        raise InvalidInput(f"{path}:{reader.line_num + 1}: malformed CSV: {error}") from None
    return _some(rows, path)


def _cells(row: dict[str, Any]) -> dict[str, str]:
    """A missing cell is empty; what has no column is left out."""
    return {name: (value or "").replace("\0", "").strip() for name, value in row.items() if isinstance(name, str)}


def _example(row: dict[str, str], where: str) -> Example:
    for column in ("text", "label"):
        if not row[column]:
            raise InvalidInput(f"{where}: no {column}")
    return Example(row["text"], row["label"])


def read_queries(path: Path, field: str, answerable: bool = False) -> list[Query]:
    """JSON Lines of `{field: text, "relevant": [id, …]}`; with at least one id each if they have to be answerable."""
    found = [(where, _query(value, field, where)) for where, value in _objects(path)]
    if answerable and (bare := next((where for where, query in found if not query.relevant), None)):
        raise InvalidInput(f"{bare}: every query needs at least one relevant id")
    return _some([query for _, query in found], path)


def read_questions(path: Path) -> list[Query]:
    """JSON Lines of `{"question": …, "relevant": […]}`; or CSV text,label, where `oos` is what nothing answers."""
    if path.suffix.lower() != ".csv":
        return read_queries(path, "question")
    return [
        Query(example.text, frozenset() if example.label == OUT_OF_SCOPE else frozenset([example.label]))
        for example in read_examples(path)
    ]


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidInput(f"{where}: not JSON: {error.msg} at column {error.colno}") from None
        except (ValueError, RecursionError):
            raise InvalidInput(f"{where}: not JSON") from None
        if not isinstance(value, dict):
            raise InvalidInput(f"{where}: expected a JSON object")
        yield where, value


def _query(value: dict[str, Any], field: str, where: str) -> Query:
    text, relevant = value.get(field), value.get("relevant")
    if not isinstance(text, str) or not text.strip("\0 \t\r\n"):
        raise InvalidInput(f'{where}: no text under "{field}"')
    if not isinstance(relevant, list):
        raise InvalidInput(f'{where}: "relevant" must be a list of ids')
    return Query(text.replace("\0", ""), frozenset(map(str, relevant)))


def _some(found: list[T], path: Path) -> list[T]:
    if not found:
        raise InvalidInput(f"{path}: holds no rows")
    return found
