"""Keys and tokens that nobody can guess, and that say where they are stored: a prefix, two ids, 256 random bits."""

import base64
import hashlib
import secrets
from uuid import UUID

from supportmax.domain.errors import Unauthorized

_IDS = 16
_SECRET = 32


def new_opaque_key(prefix: str, workspace_id: UUID, row_id: UUID) -> str:
    """The prefix and, in base64url, the workspace's id, the row's id and 256 random bits."""
    raw = workspace_id.bytes + row_id.bytes + secrets.token_bytes(_SECRET)
    return prefix + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def hash_key(key: str) -> bytes:
    """SHA-256 is enough for what is as random as this; argon2 is for what people think of."""
    return hashlib.sha256(key.encode()).digest()


def ids_of(prefix: str, key: str, what: str) -> tuple[UUID, UUID]:
    """Workspace and row. Raises Unauthorized for what cannot be `what`."""
    text = key.removeprefix(prefix)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if not key.startswith(prefix) or len(raw) != 2 * _IDS + _SECRET:
        raise Unauthorized(f"The {what} is not valid, or not any more.")
    return UUID(bytes=raw[:_IDS]), UUID(bytes=raw[_IDS : 2 * _IDS])
