"""`@ann` in an internal note: who is meant."""

import re

from supportmax.domain.people import User
from supportmax.ports import Transaction

_HANDLE = re.compile(r"(?<![\w.@+-])@([\w.+-]+(?:@[\w-]+(?:\.[\w-]+)+)?)")


def mentioned(tx: Transaction, text: str) -> list[User]:
    """Agents and administrators by their address, what stands before its @, or their name without spaces."""
    handles = {found.rstrip(".-+").casefold() for found in _HANDLE.findall(text)}
    if not handles:
        return []
    return [user for user in tx.users.list(None) if user.role != "customer" and handles & _handles(user)]


def _handles(user: User) -> set[str]:
    address = (user.email or "").casefold()
    return {address, address.partition("@")[0], "".join(user.name.split()).casefold()} - {""}
