"""People, groups, what they are told and what they did."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from supportmax.domain.notifications import Notice, NoticeKind, Preference
from supportmax.domain.people import Group, Role, User


class UserReader(Protocol):
    def get(self, user_id: UUID) -> User:
        """Raises NotFound."""

    def by_address(self, email: str) -> User:
        """Raises NotFound."""

    def credentials(self, email: str) -> tuple[User, str] | None:
        """An agent or admin and the password hash; None if nobody signs in with that address."""

    def list(self, *roles: Role) -> list[User]:
        """Everybody with one of these roles, those who may not sign in any more too."""


class StaffFinder(Protocol):
    def called(self, handles: Collection[str]) -> list[User]:
        """Who works here and is meant by one of them, in lower case: an address, what stands before its @, or a name
        without spaces."""


class UserWriter(Protocol):
    def customer(self, email: str, name: str) -> User:
        """The person with that address, made a customer if new."""

    def add(self, role: Role, name: str, email: str, password_hash: str | None) -> User:
        """Raises Conflict if the address is taken."""


class UserRepository(UserReader, StaffFinder, UserWriter, Protocol):
    """People of the workspace."""


class GroupRepository(Protocol):
    def list(self) -> list[Group]: ...
    def save(self, name: str, member_ids: Sequence[UUID]) -> Group:
        """Create the group, or add members to it."""

    def members(self, group_id: UUID) -> Sequence[UUID]:
        """Those who may still sign in."""


class NotificationList(Protocol):
    def add(
        self, user_id: UUID, ticket_id: UUID | None, text: str, kind: NoticeKind = "other", in_app: bool = True
    ) -> UUID:
        """Its id. Without `in_app` it is not shown at the desk."""

    def of_user(self, user_id: UUID, after: UUID | None, limit: int) -> list[dict[str, Any]]: ...

    def read(self, user_id: UUID, ids: Sequence[UUID] | None) -> None:
        """They have read these of theirs, or all."""


class NoticePost(Protocol):
    def to_mail(self, notification_id: UUID) -> Notice | None:
        """None if it was mailed, or is not there any more."""

    def mailed(self, notification_id: UUID) -> None: ...


class NotificationRepository(NotificationList, NoticePost, Protocol):
    """Notifications of the workspace."""


class NotificationPreferences(Protocol):
    def of_users(self, user_ids: Collection[UUID]) -> dict[UUID, list[Preference]]:
        """What they have chosen; kinds that they have not are left out."""

    def save(self, user_id: UUID, preferences: Sequence[Preference]) -> None: ...


class AuditLog(Protocol):
    def add(
        self, actor: str, action: str, subject_kind: str, subject_id: UUID | None, detail: Mapping[str, Any]
    ) -> None: ...
