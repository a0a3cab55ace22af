"""Read knowledge articles from files: Markdown with front matter, JSON, JSON Lines and CSV.

All or nothing: the first mistake raises InvalidInput with the file and the line, and no article is returned. A title
without a text is no mistake: old FAQ lists have them, they are found and then handed over.
"""

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from supportmax.domain.errors import InvalidInput
from supportmax.domain.knowledge import ArticleDraft, ArticleStatus

MARKDOWN = (".md", ".markdown")
TABLES = (".csv", ".tsv")
JSON_LINES = (".jsonl", ".ndjson")

MAX_ID = 200
MAX_TITLE = 500
MAX_BODY = 200_000
MAX_LIST = {"questions": (200, 500), "topics": (50, 500)}  # most entries, most characters of each
# Between several values in one cell of a table.
CELL_SEPARATOR = "|"

_FENCE = re.compile(r"^---\s*$")
_HEADING = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.M)
_LANGUAGE = re.compile(r"^([a-z]{2})([-_][a-z0-9]+)*$", re.I)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where an article comes from, for messages."""

    path: Path
    line: int

    def error(self, message: str) -> InvalidInput:
        return InvalidInput(f"{self.path}:{self.line}: {message}")


_Entry = tuple[_Source, ArticleDraft]


def read_articles(path: Path) -> list[ArticleDraft]:
    """The articles in a file, or in all Markdown files below a folder, in order.

    An article without an id gets a stable one: from its place in the folder, or from its question. Raises InvalidInput.
    """
    entries = list(_read_folder(path) if path.is_dir() else _read_file(path, path.parent))
    if not entries:
        raise InvalidInput(f"{path}: holds no articles")
    first: dict[str, _Source] = {}
    for source, draft in entries:
        if (other := first.setdefault(draft.external_id, source)) is not source:
            raise source.error(f"the id {draft.external_id!r} is taken by {other.path}:{other.line}")
    return [draft for _, draft in entries]


def _read_folder(folder: Path) -> Iterator[_Entry]:
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in MARKDOWN and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not files:
        raise InvalidInput(f"{folder}: no Markdown files (*.md) in this folder")
    for path in files:
        yield from _read_file(path, folder)


def _read_file(path: Path, root: Path) -> Iterator[_Entry]:
    if not path.exists():
        raise InvalidInput(f"{path}: no such file or folder")
    suffix = path.suffix.lower()
    if suffix in MARKDOWN:
        yield _read_markdown(path, root)
        return
    readers: dict[str, Callable[[Path], Iterator[tuple[_Source, Mapping[str, Any]]]]] = {
        ".json": _json_rows,
        **dict.fromkeys(JSON_LINES, _json_line_rows),
        **dict.fromkeys(TABLES, _table_rows),
    }
    if suffix not in readers:
        known = ", ".join(sorted({*MARKDOWN, *readers}))
        raise InvalidInput(f"{path}: not a kind of file with articles; known are {known}, and a folder of Markdown")
    for source, row in readers[suffix](path):
        yield source, _draft(source, {str(key).strip().lower(): value for key, value in row.items()})


def read_text(path: Path) -> str:
    """UTF-8, with or without a byte order mark. Raises InvalidInput with the file and the line."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InvalidInput(f"{path}:{line}: not UTF-8 text") from None
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from None


# -- Markdown ---------------------------------------------------------------------------------------------------------


def _read_markdown(path: Path, root: Path) -> _Entry:
    lines = read_text(path).replace("\r\n", "\n").split("\n")
    source = _Source(path, 1)
    front: Mapping[str, Any] = {}
    body = lines
    if _FENCE.match(lines[0]):
        end = next((n for n, line in enumerate(lines[1:], 1) if _FENCE.match(line)), None)
        if end is None:
            raise source.error("the front matter has no closing line '---'")
        front, body = _front_matter(path, "\n".join(lines[1:end])), lines[end + 1 :]
    text = "\n".join(body).strip()
    values = {str(key).strip().lower(): value for key, value in front.items()}
    if "title" not in values and (heading := _HEADING.search(text)):
        values["title"] = heading[1]
    values.setdefault("id", path.relative_to(root).with_suffix("").as_posix())
    return source, _draft(source, {**values, "body": text})


def _front_matter(path: Path, text: str) -> Mapping[str, Any]:
    import yaml

    try:
        # The base loader leaves every scalar a string: an id of 0123 and the language `no` stay what they are.
        data = yaml.load(text, yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise _Source(path, line).error(f"malformed front matter: {error.problem or 'not YAML'}") from None
    except (yaml.YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise _Source(path, 1).error(f"malformed front matter: {reason}") from None
    if data in (None, ""):
        return {}
    if not isinstance(data, dict):
        raise _Source(path, 2).error("malformed front matter: expected lines such as 'title: …'")
    return data


# -- JSON and CSV -----------------------------------------------------------------------------------------------------


def _json_rows(path: Path) -> Iterator[tuple[_Source, Mapping[str, Any]]]:
    """One array of objects; or, as some tools name them, JSON Lines."""
    text = read_text(path)
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] != "[":
        yield from _json_line_rows(path)
        return
    _loads(text, _Source(path, 1))
    decoder, position = json.JSONDecoder(), start + 1
    while True:
        while text[position] in " \t\r\n,":
            position += 1
        if text[position] == "]":
            return
        source = _Source(path, text.count("\n", 0, position) + 1)
        value, position = decoder.raw_decode(text, position)
        yield source, _object(value, source)


def _json_line_rows(path: Path) -> Iterator[tuple[_Source, Mapping[str, Any]]]:
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            source = _Source(path, number)
            yield source, _object(_loads(line, source), source)


def _loads(text: str, source: _Source) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = _Source(source.path, source.line + error.lineno - 1)
        raise at.error(f"not JSON: {error.msg} (column {error.colno})") from None
    except (RecursionError, ValueError):
        raise source.error("not JSON that can be read") from None


def _object(value: Any, source: _Source) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise source.error('expected an object such as {"question": …, "answer": …}')
    return value


def _table_rows(path: Path) -> Iterator[tuple[_Source, Mapping[str, Any]]]:
    text = read_text(path)
    header = text.partition("\n")[0].lower()
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    names = {name.strip().lower() for name in reader.fieldnames or ()}
    if not ({"question", "answer"} <= names or {"title", "body"} <= names):
        raise _Source(path, 1).error("the first line must name the columns question,answer or id,title,body")
    line = reader.line_num
    try:
        for row in reader:
            source, line = _Source(path, line + 1), reader.line_num
            if None in row:
                raise source.error(f"more values than the {len(names)} columns; put quotes around text with commas")
            yield source, row
    except csv.Error as error:
        raise _Source(path, line + 1).error(f"malformed CSV: {error}") from None


# -- one article ------------------------------------------------------------------------------------------------------


def _draft(source: _Source, values: Mapping[str, Any]) -> ArticleDraft:
    title = " ".join(_text(source, values, "title", "question").split())
    body = _text(source, values, "body", "answer").strip()
    if not title:
        raise source.error("the title is empty")
    external_id = _text(source, values, "id", "external_id").strip() or stable_id(title)
    _bounded(source, "id", external_id, MAX_ID)
    _bounded(source, "title", title, MAX_TITLE)
    _bounded(source, "text", body, MAX_BODY)
    return ArticleDraft(
        external_id=external_id,
        title=title,
        body=body,
        questions=_list(source, values, "questions"),
        topics=_list(source, values, "topics"),
        language=_language(source, values),
        status=_status(source, values),
    )


def stable_id(question: str) -> str:
    """An id that stays the same while the question does, and that a person can read."""
    normal = " ".join(question.casefold().split())
    slug = "-".join(re.findall(r"[a-z0-9]+", normal))[:60].strip("-")
    return f"{slug or 'faq'}-{hashlib.sha256(normal.encode()).hexdigest()[:8]}"


def _text(source: _Source, values: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that is given; a number counts as its digits."""
    for name in names:
        value = values.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise source.error(f"{name} must be text")
        return _storable(str(value))
    return ""


def _storable(text: str) -> str:
    """Without what no database takes: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _list(source: _Source, values: Mapping[str, Any], name: str) -> list[str]:
    value = values.get(name) or []
    found: Sequence[Any] = value.split(CELL_SEPARATOR) if isinstance(value, str) else value
    if not isinstance(found, list) or any(isinstance(item, list | dict | bool) for item in found):
        raise source.error(f"{name} must be a list of texts")
    most, length = MAX_LIST[name]
    texts = list(dict.fromkeys(filter(None, (" ".join(_storable(str(item)).split()) for item in found))))
    if len(texts) > most:
        raise source.error(f"{len(texts)} {name}; the limit is {most}")
    for text in texts:
        _bounded(source, f"one of the {name}", text, length)
    return texts


def _bounded(source: _Source, what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise source.error(f"the {what} has {len(text):,} characters; the limit is {most:,}".replace("the one", "one"))


def _language(source: _Source, values: Mapping[str, Any]) -> str:
    given = _text(source, values, "language", "lang").strip() or "en"
    if not (found := _LANGUAGE.match(given)):
        raise source.error(f"language {given[:20]!r} is not a code such as en or de")
    return found[1].lower()


def _status(source: _Source, values: Mapping[str, Any]) -> ArticleStatus:
    given = _text(source, values, "status").strip().lower() or "published"
    for known in get_args(ArticleStatus):
        if given == known:
            return known  # type: ignore[no-any-return]
    raise source.error(f"status {given[:20]!r} is none of {', '.join(get_args(ArticleStatus))}")
