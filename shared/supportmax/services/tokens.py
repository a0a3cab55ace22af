"""Signed tokens (JWT, HS256): access, refresh, and links in mails. Each kind is of no use as any other.

An access token has no audience, all others have one: a reader that expects none refuses what has one (RFC 7519, 4.1.3).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from supportmax.domain.access import LinkPurpose, LoginSession
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Unauthorized
from supportmax.domain.people import User

LIFETIME = timedelta(hours=8)
_ALGORITHM = "HS256"
_REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """Tokens of releases before sessions name none; they end by themselves."""

    user_id: UUID
    workspace_id: UUID
    login_session_id: UUID | None


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    workspace_id: UUID
    login_session_id: UUID
    generation: int


def issue_token(user: User, workspace_id: UUID, secret: str, login_session_id: UUID | None = None) -> str:
    """An access token that names the user, the workspace, the role and the session."""
    claims = {"sub": str(user.id), "ws": str(workspace_id), "role": user.role, "exp": utcnow() + LIFETIME}
    if login_session_id:
        claims["sid"] = str(login_session_id)
    return _sign(claims, secret)


def read_token(token: str, secret: str) -> AccessClaims:
    """Raises Unauthorized."""
    claims = _read(token, secret, None, ["exp", "sub", "ws"])
    try:
        session = UUID(str(claims["sid"])) if "sid" in claims else None
        return AccessClaims(UUID(str(claims["sub"])), UUID(str(claims["ws"])), session)
    except ValueError:
        raise Unauthorized("The token is not valid.") from None


def refresh_token(session: LoginSession, generation: int, workspace_id: UUID, secret: str) -> str:
    claims = {"ws": str(workspace_id), "sid": str(session.id), "gen": generation, "exp": session.expires_at}
    return _sign(claims | {"aud": _REFRESH}, secret)


def read_refresh_token(token: str, secret: str) -> RefreshClaims:
    """Raises Unauthorized."""
    claims = _read(token, secret, _REFRESH, ["exp", "ws", "sid", "gen"])
    return RefreshClaims(UUID(claims["ws"]), UUID(claims["sid"]), int(claims["gen"]))


Purpose = LinkPurpose | Literal["satisfaction"]


def link_token(link_id: UUID, purpose: Purpose, expires_at: datetime, workspace_id: UUID, secret: str) -> str:
    """The same each time, so that a mail that is sent again says the same."""
    claims = {"ws": str(workspace_id), "jti": str(link_id), "exp": expires_at.replace(microsecond=0)}
    return _sign(claims | {"aud": purpose}, secret)


def read_link_token(token: str, purpose: Purpose, secret: str) -> tuple[UUID, UUID]:
    """(workspace id, link id). Raises Unauthorized."""
    claims = _read(token, secret, purpose, ["exp", "ws", "jti"])
    return UUID(claims["ws"]), UUID(claims["jti"])


def _sign(claims: dict[str, Any], secret: str) -> str:
    import jwt

    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def _read(token: str, secret: str, audience: str | None, required: list[str]) -> dict[str, Any]:
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(
            token, secret, algorithms=[_ALGORITHM], audience=audience, options={"require": required}
        )
    except jwt.ExpiredSignatureError:
        raise Unauthorized("The token has expired: sign in again.") from None
    except (jwt.InvalidTokenError, ValueError):
        raise Unauthorized("The token is not valid.") from None
    return claims
