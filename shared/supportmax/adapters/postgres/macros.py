"""Macros and canned replies."""

from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import Conflict
from supportmax.domain.macros import CannedReply, Macro
from supportmax.domain.rules.actions import stored_actions


class Macros(Repository):
    file = "macros"

    def list(self, user_id: UUID) -> list[Macro]:
        return [_macro(row) for row in self.rows("list_macros", user_id=user_id)]

    def save(self, macro: Macro) -> None:
        actions = Jsonb([action.document() for action in macro.actions])
        self.send("save_macro", **columns(macro) | {"actions": actions})

    def delete(self, macro_id: UUID) -> None:
        self.send("delete_macro", id=macro_id)


class CannedReplies(Repository):
    file = "macros"

    def list(self, user_id: UUID) -> list[CannedReply]:
        return self.many(CannedReply, "list_canned_replies", user_id=user_id)

    def save(self, reply: CannedReply) -> None:
        if not self.run("save_canned_reply", **columns(reply)):
            raise Conflict(f"There is a canned reply with the short code {reply.short_code!r} already.")

    def delete(self, reply_id: UUID) -> None:
        self.send("delete_canned_reply", id=reply_id)


def _macro(row: dict[str, Any]) -> Macro:
    return Macro(**row | {"actions": stored_actions(row["actions"])})
