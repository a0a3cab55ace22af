"""Administrators change what people are, and who may still come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from supportmax.domain.access import Account, APIKey, Caller, Scope
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Conflict, InvalidInput, NotFound
from supportmax.domain.ids import new_id
from supportmax.domain.people import Role
from supportmax.ports import Transaction
from supportmax.services.opaque_keys import hash_key
from supportmax.services.recognise_caller import new_key

HINT = 4


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """What to change; None stays."""

    name: str | None = None
    role: Role | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """`user_id`: whom the key acts as."""

    name: str
    scopes: Sequence[Scope]
    user_id: UUID
    expires_at: datetime | None


def change_account(tx: Transaction, user_id: UUID, changes: AccountChanges, actor: Caller) -> Account:
    """Whoever is deactivated is out at once. Raises NotFound, and Conflict if nobody could administer any more."""
    others = tx.accounts.other_administrators(user_id)  # first of all: it waits for others who change administrators
    before = tx.accounts.get(user_id)
    name = before.name if changes.name is None else changes.name
    role = before.role if changes.role is None else changes.role
    active = before.deactivated_at is None if changes.active is None else changes.active
    _check(before, role, active, others)
    after = tx.accounts.change(user_id, name, role, active)
    if not active:
        tx.login_sessions.end_all(user_id)
        tx.account_links.void(user_id)
    detail = {
        field: [str(getattr(before, field)), str(getattr(after, field))]
        for field in ("name", "role", "deactivated_at")
        if getattr(before, field) != getattr(after, field)
    }
    if detail:
        tx.audit.add(str(actor.user.id), "user.updated", "user", user_id, detail)
    return after


def _check(before: Account, role: Role, active: bool, other_administrators: int) -> None:
    if before.role == "customer" and not active:
        raise InvalidInput("active: customers do not sign in, so they cannot be deactivated")
    if before.role == "customer" and role != "customer" and not before.email:
        raise InvalidInput("role: without an e-mail address they could not sign in")
    was = before.role == "admin" and before.deactivated_at is None
    if was and not (role == "admin" and active) and other_administrators == 0:
        raise Conflict("This is the last administrator who can sign in: make somebody else one first.")


def make_key(tx: Transaction, wanted: KeyRequest, actor: Caller) -> tuple[APIKey, str]:
    """The key's row and the key, which nobody can read again. Raises InvalidInput."""
    _check_key(tx, wanted)
    key_id = new_id()
    key = new_key(tx.workspace_id, key_id)
    row = APIKey(
        id=key_id,
        user_id=wanted.user_id,
        name=wanted.name,
        hint=key[-HINT:],
        scopes=sorted(set(wanted.scopes)),
        created_by=actor.user.id,
        expires_at=wanted.expires_at,
        revoked_at=None,
        last_used_at=None,
        created_at=utcnow(),
    )
    tx.api_keys.add(row, hash_key(key))
    detail = {"name": row.name, "scopes": list(row.scopes), "user_id": str(row.user_id)}
    tx.audit.add(str(actor.user.id), "api_key.created", "api_key", row.id, detail)
    return row, key


def _check_key(tx: Transaction, wanted: KeyRequest) -> None:
    if wanted.expires_at and wanted.expires_at <= utcnow():
        raise InvalidInput("expires_at: must be in the future")
    try:
        owner = tx.accounts.get(wanted.user_id)
    except NotFound:
        owner = None
    if owner is None or owner.role == "customer" or owner.deactivated_at:
        raise InvalidInput("user_id: there is no such active agent or administrator")
    if "admin" in wanted.scopes and owner.role != "admin":
        raise InvalidInput("scopes: a key with the scope admin must act as an administrator")


def revoke_key(tx: Transaction, key_id: UUID, actor: Caller) -> None:
    """At once and for good. Raises NotFound."""
    if tx.api_keys.revoke(key_id):
        tx.audit.add(str(actor.user.id), "api_key.revoked", "api_key", key_id, {})
