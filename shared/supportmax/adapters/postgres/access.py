"""Callers, sessions of people, API keys, tries to sign in, accounts and their links, and reading the audit log."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository, columns
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
from supportmax.domain.errors import NotFound
from supportmax.domain.people import Role, User, normal_email


class Callers(Repository):
    file = "access"

    def of_token(self, user_id: UUID, login_session_id: UUID | None) -> User | None:
        return self.maybe(User, "caller_of_token", user_id=user_id, session_id=login_session_id)

    def of_key(self, key_id: UUID) -> tuple[User, bytes, frozenset[Scope]] | None:
        for row in self.rows("caller_of_key", key_id=key_id):
            secret_hash, scopes = bytes(row.pop("secret_hash")), frozenset(row.pop("scopes"))
            return User(**row), secret_hash, scopes
        return None

    def note_use(self, key_id: UUID) -> None:
        self.send("note_key_use", key_id=key_id)


class LoginSessions(Repository):
    file = "access"

    def open(
        self, session_id: UUID, user_id: UUID, method: SignInMethod, address: str, user_agent: str, expires_at: datetime
    ) -> None:
        self.send(
            "open_session",
            id=session_id,
            user_id=user_id,
            method=method,
            address=address,
            user_agent=user_agent,
            expires_at=expires_at,
        )

    def lock(self, session_id: UUID) -> LoginSession | None:
        return self.maybe(LoginSession, "lock_session", id=session_id)

    def advance(self, session_id: UUID) -> None:
        self.send("advance_session", id=session_id)

    def alive(self, user_id: UUID) -> list[LoginSession]:
        return self.many(LoginSession, "sessions_alive", user_id=user_id)

    def end(self, user_id: UUID, session_id: UUID) -> bool:
        return self.run("end_session", user_id=user_id, id=session_id) == 1

    def end_all(self, user_id: UUID, but: UUID | None = None) -> int:
        return self.run("end_sessions", user_id=user_id, but=but)


class APIKeys(Repository):
    file = "access"

    def add(self, key: APIKey, secret_hash: bytes) -> None:
        self.send("add_key", **columns(key), secret_hash=secret_hash)

    def get(self, key_id: UUID) -> APIKey:
        found = self.maybe(APIKey, "get_key", id=key_id)
        if found is None:
            raise NotFound("No such API key.")
        return found

    def list(self, after: UUID | None, limit: int) -> list[APIKey]:
        return self.many(APIKey, "list_keys", after=after, limit=limit)

    def revoke(self, key_id: UUID) -> bool:
        return self.run("revoke_key", id=self.get(key_id).id) == 1


class SignInAttempts(Repository):
    file = "access"

    def count(self, names: Sequence[str], window: timedelta) -> Mapping[str, Window]:
        rows = self.rows("count_tries", names=list(names), window=window)
        return {row["name"]: Window(row["count"], row["seconds_left"]) for row in rows}

    def forget(self, names: Sequence[str]) -> None:
        self.send("forget_tries", names=list(names))

    def take_back(self, names: Sequence[str]) -> None:
        self.send("take_back_tries", names=list(names))

    def knows(self, user_id: UUID, address_hash: str, since: datetime) -> bool:
        return self.value("knows_address", user_id=user_id, address_hash=address_hash, since=since) is not None

    def remember(self, user_id: UUID, address_hash: str) -> None:
        self.send("remember_address", user_id=user_id, address_hash=address_hash)

    def prune(self) -> int:
        return self.run("prune_tries")


class Accounts(Repository):
    file = "access"

    def get(self, user_id: UUID) -> Account:
        found = self.maybe(Account, "get_account", id=user_id)
        if found is None:
            raise NotFound("No such user.")
        return found

    def by_email(self, email: str) -> Account | None:
        return self.maybe(Account, "account_by_email", email=normal_email(email))

    def list(self, role: Role | None, after: UUID | None, limit: int) -> list[Account]:
        return self.many(Account, "list_accounts", role=role, after=after, limit=limit)

    def change(self, user_id: UUID, name: str, role: Role, active: bool) -> Account:
        self.send("change_account", id=user_id, name=name, role=role, active=active)
        return self.get(user_id)

    def set_password(self, user_id: UUID, password_hash: str) -> None:
        self.send("set_password", id=user_id, password_hash=password_hash)

    def other_administrators(self, user_id: UUID) -> int:
        return sum(row["id"] != user_id for row in self.rows("lock_administrators"))


class AccountLinks(Repository):
    file = "access"

    def add(self, link: AccountLink) -> None:
        self.send("add_link", **columns(link))

    def get(self, link_id: UUID) -> AccountLink | None:
        return self.maybe(AccountLink, "get_link", id=link_id)

    def use(self, link_id: UUID) -> bool:
        return self.run("use_link", id=link_id) == 1

    def void(self, user_id: UUID) -> None:
        self.send("void_links", user_id=user_id)

    def mailed(self, link_id: UUID) -> None:
        self.send("mailed_link", id=link_id)


class AuditReader(Repository):
    file = "access"

    def entries(self, wanted: AuditFilter, after: UUID | None, limit: int) -> list[AuditEntry]:
        return self.many(AuditEntry, "audit_entries", **columns(wanted), after=after, limit=limit)
