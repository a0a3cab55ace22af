"""Macros and canned replies. Each list holds everybody's and the user's own."""

from typing import Protocol
from uuid import UUID

from supportmax.domain.macros import CannedReply, Macro


class Macros(Protocol):
    def list(self, user_id: UUID) -> list[Macro]:
        """By name."""

    def save(self, macro: Macro) -> None: ...
    def delete(self, macro_id: UUID) -> None: ...


class CannedReplies(Protocol):
    def list(self, user_id: UUID) -> list[CannedReply]:
        """By short code."""

    def save(self, reply: CannedReply) -> None:
        """Raises Conflict if the short code is taken among everybody's, or among the owner's own."""

    def delete(self, reply_id: UUID) -> None: ...
