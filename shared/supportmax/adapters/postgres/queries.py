"""Named queries in `.sql` files: `-- name: find_ticket` and the statement below it.

In a later one a line `-- include: find_ticket` stands for that statement.
"""

import re
from functools import cache
from pathlib import Path

_INCLUDE = re.compile(r"^ *-- include: (\w+)\s*$", re.MULTILINE)
_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def load(file: str) -> dict[str, str]:
    """The queries of `<file>.sql` beside this module, by name."""
    parts = _NAME.split((Path(__file__).parent / f"{file}.sql").read_text("utf-8"))
    found: dict[str, str] = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        found[name] = _INCLUDE.sub(lambda line: found[line[1]], text.strip())
    return found
