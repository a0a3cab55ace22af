"""Users, groups, notifications and the audit log."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository
from supportmax.domain.errors import Conflict
from supportmax.domain.ids import new_id
from supportmax.domain.people import Group, Role, User, normal_email


class Users(Repository):
    file = "people"

    def get(self, user_id: UUID) -> User:
        return self.one(User, "get", id=user_id)

    def credentials(self, email: str) -> tuple[User, str] | None:
        secret = self.value("password_hash", email=normal_email(email))
        return (self.by_address(email), secret) if secret else None

    def list(self, *roles: Role) -> list[User]:
        return self.many(User, "list", roles=list(roles))

    def customer(self, email: str, name: str) -> User:
        self.send("add_customer", id=new_id(), email=normal_email(email), name=name or email)
        return self.by_address(email)

    def add(self, role: Role, name: str, email: str, password_hash: str | None) -> User:
        email = normal_email(email)
        if not self.run("add", id=new_id(), role=role, name=name, email=email, password_hash=password_hash):
            raise Conflict(f"There is a user with the address {email} already.")
        return self.by_address(email)

    def by_address(self, email: str) -> User:
        return self.one(User, "by_email", email=normal_email(email))


class Groups(Repository):
    file = "people"

    def list(self) -> list[Group]:
        return self.many(Group, "list_groups")

    def save(self, name: str, member_ids: Sequence[UUID]) -> Group:
        group_id = self.value("save_group", id=new_id(), name=name)
        self.run_many("add_member", [{"group_id": group_id, "user_id": user_id} for user_id in member_ids])
        return next(group for group in self.list() if group.id == group_id)

    def members(self, group_id: UUID) -> Sequence[UUID]:
        return [row["id"] for row in self.rows("members_of", group_id=group_id)]


class Notifications(Repository):
    file = "people"

    def add(self, user_id: UUID, ticket_id: UUID | None, text: str) -> None:
        self.send("notify", id=new_id(), user_id=user_id, ticket_id=ticket_id, text=text)

    def of_user(self, user_id: UUID, after: UUID | None, limit: int) -> list[dict[str, Any]]:
        return self.rows("notifications_of", user_id=user_id, after=after, limit=limit)


class AuditLog(Repository):
    file = "people"

    def add(
        self, actor: str, action: str, subject_kind: str, subject_id: UUID | None, detail: Mapping[str, Any]
    ) -> None:
        self.send(
            "audit",
            id=new_id(),
            actor=actor,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=Jsonb(dict(detail)),
        )
