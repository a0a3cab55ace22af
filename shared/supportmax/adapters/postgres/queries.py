"""Named queries in `.sql` files: `-- name: find_ticket` and the statement below it."""

import re
from functools import cache
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def load(file: str) -> dict[str, str]:
    """The queries of `<file>.sql` beside this module, by name."""
    parts = _NAME.split((Path(__file__).parent / f"{file}.sql").read_text("utf-8"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
