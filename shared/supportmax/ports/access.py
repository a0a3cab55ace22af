"""What lets people and programs in, and what keeps guessers out."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from supportmax.domain.access import (
    Account,
    AccountLink,
    APIKey,
    AuditEntry,
    AuditFilter,
    LoginSession,
    Scope,
    SignInMethod,
    Window,
)
from supportmax.domain.people import Role, User


class Callers(Protocol):
    """Who a token or key stands for, as of now."""

    def of_token(self, user_id: UUID, login_session_id: UUID | None) -> User | None:
        """None if they were deactivated or deleted, or their session was ended."""

    def of_key(self, key_id: UUID) -> tuple[User, bytes, frozenset[Scope]] | None:
        """With the hash of the secret. None if it was revoked, has expired, or its user may not sign in."""

    def note_use(self, key_id: UUID) -> None:
        """Remember the time, to the minute."""


class LoginSessions(Protocol):
    def open(
        self, session_id: UUID, user_id: UUID, method: SignInMethod, address: str, user_agent: str, expires_at: datetime
    ) -> None: ...
    def lock(self, session_id: UUID) -> LoginSession | None:
        """None if it has ended, or its user may not sign in. Nobody else refreshes it until this transaction ends."""

    def advance(self, session_id: UUID) -> None:
        """One further generation."""

    def alive(self, user_id: UUID) -> list[LoginSession]:
        """Newest first."""

    def end(self, user_id: UUID, session_id: UUID) -> bool:
        """False if there is no such session, or it has ended."""

    def end_all(self, user_id: UUID, but: UUID | None = None) -> int: ...


class APIKeys(Protocol):
    def add(self, key: APIKey, secret_hash: bytes) -> None: ...
    def get(self, key_id: UUID) -> APIKey:
        """Raises NotFound."""

    def list(self, after: UUID | None, limit: int) -> list[APIKey]:
        """Newest first, revoked ones too."""

    def revoke(self, key_id: UUID) -> bool:
        """False if it was revoked already. Raises NotFound."""


class SignInAttempts(Protocol):
    def count(self, names: Sequence[str], window: timedelta) -> Mapping[str, Window]:
        """One try more for each name, in one step; a window begins with its first try."""

    def forget(self, names: Sequence[str]) -> None:
        """A name that ends with % stands for all that begin so."""

    def take_back(self, names: Sequence[str]) -> None:
        """One try less: it was no wrong one."""

    def knows(self, user_id: UUID, address_hash: str, since: datetime) -> bool:
        """Whether this person signed in from there."""

    def remember(self, user_id: UUID, address_hash: str) -> None: ...
    def prune(self) -> int:
        """Forget windows that ended long ago; returns how many."""


class Accounts(Protocol):
    """Agents and administrators, managed by administrators."""

    def get(self, user_id: UUID) -> Account:
        """Raises NotFound."""

    def by_email(self, email: str) -> Account | None: ...
    def list(self, role: Role | None, after: UUID | None, limit: int) -> list[Account]:
        """In the order in which they came; customers too."""

    def change(self, user_id: UUID, name: str, role: Role, active: bool) -> Account: ...
    def set_password(self, user_id: UUID, password_hash: str) -> None: ...
    def other_administrators(self, user_id: UUID) -> int:
        """How many others could sign in; nobody else changes administrators until this transaction ends."""


class AccountLinks(Protocol):
    def add(self, link: AccountLink) -> None: ...
    def get(self, link_id: UUID) -> AccountLink | None: ...
    def use(self, link_id: UUID) -> bool:
        """True once, and only before it expires."""

    def void(self, user_id: UUID) -> None:
        """All links of theirs are used."""

    def mailed(self, link_id: UUID) -> None: ...


class AuditReader(Protocol):
    def entries(self, wanted: AuditFilter, after: UUID | None, limit: int) -> list[AuditEntry]:
        """Newest first."""
