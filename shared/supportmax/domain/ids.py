"""Ids are UUIDv7: sortable by time, so a primary key is also the order of creation."""

from datetime import datetime
from uuid import UUID

from uuid6 import uuid7

from supportmax.domain.errors import NotFound


def new_id() -> UUID:
    """A fresh UUIDv7 as the standard library's UUID (psycopg and json know that type)."""
    return UUID(int=uuid7().int)


def parse_id(text: str, what: str) -> UUID:
    """The id in `text`; anything malformed is simply not found, like an id that does not exist."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"No such {what}: {text[:60]!r}") from None


def first_id_at(moment: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond: every id made since then is not below it."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62))
