"""Macros and canned replies: one's own, or everybody's if an administrator makes them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from supportmax.domain.errors import Conflict, Forbidden, NotFound
from supportmax.domain.macros import CannedReply, Macro
from supportmax.domain.people import User
from supportmax.domain.rules.actions import parse_actions
from supportmax.domain.rules.placeholders import check_placeholders
from supportmax.ports import Transaction
from supportmax.services.rules.texts import known

MOST_MACROS = 500
MOST_REPLIES = 2_000


def find_macro(tx: Transaction, macro_id: UUID, user: User) -> Macro:
    """Raises NotFound, also for somebody else's own."""
    for macro in tx.macros.list(user.id):
        if macro.id == macro_id:
            return macro
    raise NotFound("No such macro.")


def save_macro(
    tx: Transaction, macro: Macro, actions: Sequence[Mapping[str, Any]], user: User, before: Macro | None = None
) -> Macro:
    """`macro` with these actions. Raises InvalidInput that names the path, Forbidden for an agent and everybody's."""
    _may_change({macro.owner_id, before.owner_id if before else macro.owner_id}, user, "macros")
    if before is None and len(tx.macros.list(user.id)) >= MOST_MACROS:
        raise Conflict(f"There are {MOST_MACROS} macros already.")
    read = Macro(
        id=macro.id,
        name=macro.name,
        actions=parse_actions(actions, known(tx), by_person=True),
        owner_id=macro.owner_id,
    )
    tx.macros.save(read)
    _audit(tx, read, "macro", "updated" if before else "created", user, {"name": read.name})
    return read


def delete_macro(tx: Transaction, macro: Macro, user: User) -> None:
    """Raises Forbidden for an agent and everybody's."""
    _may_change({macro.owner_id}, user, "macros")
    tx.macros.delete(macro.id)
    _audit(tx, macro, "macro", "deleted", user, {"name": macro.name})


def find_canned_reply(tx: Transaction, reply_id: UUID, user: User) -> CannedReply:
    """Raises NotFound, also for somebody else's own."""
    for reply in tx.canned_replies.list(user.id):
        if reply.id == reply_id:
            return reply
    raise NotFound("No such canned reply.")


def save_canned_reply(
    tx: Transaction, reply: CannedReply, user: User, before: CannedReply | None = None
) -> CannedReply:
    """Raises InvalidInput for an unknown placeholder, Conflict for a taken code, Forbidden as for macros."""
    _may_change({reply.owner_id, before.owner_id if before else reply.owner_id}, user, "canned replies")
    check_placeholders("text", reply.text, {field.key for field in tx.ticket_fields.list()})
    if before is None and len(tx.canned_replies.list(user.id)) >= MOST_REPLIES:
        raise Conflict(f"There are {MOST_REPLIES:,} canned replies already.")
    tx.canned_replies.save(reply)
    _audit(tx, reply, "canned_reply", "updated" if before else "created", user, {"short_code": reply.short_code})
    return reply


def delete_canned_reply(tx: Transaction, reply: CannedReply, user: User) -> None:
    """Raises Forbidden for an agent and everybody's."""
    _may_change({reply.owner_id}, user, "canned replies")
    tx.canned_replies.delete(reply.id)
    _audit(tx, reply, "canned_reply", "deleted", user, {"short_code": reply.short_code})


def _may_change(owner_ids: set[UUID | None], user: User, what: str) -> None:
    if None in owner_ids and user.role != "admin":
        raise Forbidden(f"Only administrators may make and change everybody's {what}.")


def _audit(
    tx: Transaction, kept: Macro | CannedReply, kind: str, what: str, user: User, detail: Mapping[str, str]
) -> None:
    if kept.owner_id is None:
        tx.audit.add(str(user.id), f"{kind}.{what}", kind, kept.id, detail)
