"""`@ann` in an internal note: who is meant."""

import re

from supportmax.domain.people import User
from supportmax.ports import Transaction

_HANDLE = re.compile(r"(?<![\w.@+-])@([\w.+-]+(?:@[\w-]+(?:\.[\w-]+)+)?)")


def mentioned(tx: Transaction, text: str) -> list[User]:
    """Agents and administrators by their address, what stands before its @, or their name without spaces."""
    handles = {found.rstrip(".-+").lower() for found in _HANDLE.findall(text)} - {""}
    return tx.users.called(handles) if handles else []
