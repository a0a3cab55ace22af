"""Agents sign in with address and password for a short-lived token."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Unauthorized
from supportmax.domain.people import User
from supportmax.ports import Store

LIFETIME = timedelta(hours=8)
_ALGORITHM = "HS256"
_WRONG = "Wrong e-mail address or password."


def hash_password(password: str) -> str:
    """argon2id with the library's current parameters."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


def sign_in(store: Store, workspace_id: UUID, email: str, password: str, secret: str) -> tuple[str, int]:
    """A bearer token and its lifetime in seconds. Raises Unauthorized, the same for every reason."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    with store.begin(workspace_id) as tx:
        found = tx.users.credentials(email)
    hasher = PasswordHasher()
    # An unknown address costs the same time as a known one, so that addresses cannot be guessed by the clock.
    stored = found[1] if found else _decoy()
    try:
        hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        raise Unauthorized(_WRONG) from None
    if found is None:
        raise Unauthorized(_WRONG)
    return issue_token(found[0], workspace_id, secret), int(LIFETIME.total_seconds())


def issue_token(user: User, workspace_id: UUID, secret: str) -> str:
    """A signed token that names the user, the workspace and the role."""
    import jwt

    claims = {"sub": str(user.id), "ws": str(workspace_id), "role": user.role, "exp": utcnow() + LIFETIME}
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def read_token(token: str, secret: str) -> tuple[UUID, UUID]:
    """(user id, workspace id). Raises Unauthorized."""
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(
            token, secret, algorithms=[_ALGORITHM], options={"require": ["exp", "sub", "ws"]}
        )
        return UUID(str(claims["sub"])), UUID(str(claims["ws"]))
    except jwt.ExpiredSignatureError:
        raise Unauthorized("The token has expired: sign in again.") from None
    except (jwt.InvalidTokenError, ValueError):
        raise Unauthorized("The token is not valid.") from None


_DECOY: list[str] = []


def _decoy() -> str:
    if not _DECOY:
        _DECOY.append(hash_password("nobody has this password"))
    return _DECOY[0]
