"""Users, groups, notifications and the audit log."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import Conflict
from supportmax.domain.ids import new_id
from supportmax.domain.notifications import Notice, NoticeKind, Preference
from supportmax.domain.people import Group, Role, User, normal_email


class Users(Repository):
    file = "people"

    def get(self, user_id: UUID) -> User:
        return self.one(User, "get", id=user_id)

    def credentials(self, email: str) -> tuple[User, str] | None:
        secret = self.value("password_hash", email=normal_email(email))
        return (self.by_address(email), secret) if secret else None

    def called(self, handles: Collection[str]) -> list[User]:
        return self.many(User, "called", handles=sorted(handles))

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

    def add(
        self, user_id: UUID, ticket_id: UUID | None, text: str, kind: NoticeKind = "other", in_app: bool = True
    ) -> UUID:
        notice_id = new_id()
        told = {"user_id": user_id, "ticket_id": ticket_id, "text": text, "kind": kind, "in_app": in_app}
        self.send("notify", id=notice_id, **told)
        return notice_id

    def of_user(self, user_id: UUID, after: UUID | None, limit: int) -> list[dict[str, Any]]:
        return self.rows("notifications_of", user_id=user_id, after=after, limit=limit)

    def read(self, user_id: UUID, ids: Sequence[UUID] | None) -> None:
        self.send("read_notifications", user_id=user_id, ids=None if ids is None else list(ids))

    def to_mail(self, notification_id: UUID) -> Notice | None:
        return self.maybe(Notice, "notice_to_mail", id=notification_id)

    def mailed(self, notification_id: UUID) -> None:
        self.send("notice_mailed", id=notification_id)


class NotificationPreferences(Repository):
    file = "people"

    def of_users(self, user_ids: Collection[UUID]) -> dict[UUID, list[Preference]]:
        found: dict[UUID, list[Preference]] = {}
        for row in self.rows("preferences_of", user_ids=list(user_ids)):
            found.setdefault(row.pop("user_id"), []).append(Preference(**row))
        return found

    def save(self, user_id: UUID, preferences: Sequence[Preference]) -> None:
        self.run_many("save_preference", [{"user_id": user_id, **columns(wanted)} for wanted in preferences])


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
