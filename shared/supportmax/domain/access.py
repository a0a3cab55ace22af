"""Who calls, what they may do, and what lets them in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from supportmax.domain.people import Role, User

Scope = Literal["tickets:read", "tickets:write", "knowledge:read", "knowledge:write", "people:read", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
SignInMethod = Literal["password", "oidc"]
LinkPurpose = Literal["invitation", "password-reset"]


def covers(granted: frozenset[Scope], needed: Scope) -> bool:
    """`admin` covers everything, writing covers reading."""
    return bool(granted & {needed, needed.replace(":read", ":write"), "admin"})


@dataclass(frozen=True, slots=True)
class Caller:
    """An agent or administrator in their workspace, by a sign-in or by an API key.

    `scopes` is None for a person: their role alone decides.
    """

    user: User
    workspace_id: UUID
    scopes: frozenset[Scope] | None = None
    login_session_id: UUID | None = None
    api_key_id: UUID | None = None

    @property
    def name(self) -> str:
        """Whose requests are counted, and whose idempotency keys these are."""
        return f"key:{self.api_key_id}" if self.api_key_id else f"user:{self.user.id}"

    def may(self, scope: Scope) -> bool:
        """Whether a key, if it is one, is good for this; the role is another question."""
        return self.scopes is None or covers(self.scopes, scope)


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request comes from, as far as one can tell."""

    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody gets who signs in. Lifetimes in seconds."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    login_session_id: UUID


@dataclass(frozen=True, slots=True)
class LoginSession:
    """Somebody signed in somewhere. `generation` counts its refresh tokens."""

    id: UUID
    user_id: UUID
    method: SignInMethod
    address: str
    user_agent: str
    generation: int
    refreshed_at: datetime
    expires_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class APIKey:
    """A program's way in; it acts as its user, within its scopes. `hint` is how the key ends."""

    id: UUID
    user_id: UUID
    name: str
    hint: str
    scopes: list[Scope]
    created_by: UUID | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AccountLink:
    """What an invitation or a mail about a forgotten password stands for; good once, until `expires_at`."""

    id: UUID
    user_id: UUID
    purpose: LinkPurpose
    expires_at: datetime
    mailed_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to what. `actor` is a user's id, or what else acted."""

    id: UUID
    actor: str
    action: str
    subject_kind: str
    subject_id: UUID | None
    detail: dict[str, object]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Entries that match all that is given."""

    actor: str | None = None
    action: str | None = None
    subject_kind: str | None = None
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """How often something happened since the window began, and the seconds until the next one begins."""

    count: int
    seconds_left: int


@dataclass(frozen=True, slots=True)
class Account:
    """An agent or administrator as user management sees them."""

    id: UUID
    role: Role
    name: str
    email: str | None
    created_at: datetime
    deactivated_at: datetime | None
    has_password: bool
    has_second_factor: bool
