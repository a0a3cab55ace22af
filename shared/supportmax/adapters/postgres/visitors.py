"""Keys by which host sites vouch for visitors, and who their subjects are here."""

from uuid import UUID

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import Conflict, NotFound
from supportmax.domain.ids import new_id
from supportmax.domain.widgets import VisitorKey


class VisitorKeys(Repository):
    file = "visitors"

    def add(self, key: VisitorKey) -> None:
        if not self.run("add_visitor_key", **columns(key)):
            raise Conflict(f"There is a visitor key with the kid {key.kid!r} already, in force or revoked.")

    def get(self, key_id: UUID) -> VisitorKey:
        found = self.maybe(VisitorKey, "get_visitor_key", id=key_id)
        if found is None:
            raise NotFound("No such visitor key.")
        return found

    def active(self, kid: str) -> VisitorKey | None:
        return self.maybe(VisitorKey, "active_visitor_key", kid=kid)

    def list(self, after: UUID | None, limit: int) -> list[VisitorKey]:
        return self.many(VisitorKey, "list_visitor_keys", after=after, limit=limit)

    def revoke(self, key_id: UUID) -> bool:
        return self.run("revoke_visitor_key", id=self.get(key_id).id) == 1

    def note_use(self, key_id: UUID) -> None:
        self.send("note_visitor_key_use", id=key_id)


class VisitorIdentities(Repository):
    file = "visitors"

    def user_of(self, subject: str) -> UUID | None:
        self.send("lock_subject", subject=subject)
        found = self.value("user_of_subject", subject=subject)
        return found if isinstance(found, UUID) else None

    def subject_of(self, user_id: UUID) -> str | None:
        found = self.value("subject_of", user_id=user_id)
        return found if isinstance(found, str) else None

    def link(self, subject: str, user_id: UUID) -> None:
        self.send("link_subject", subject=subject, user_id=user_id)

    def add_customer(self, name: str) -> UUID:
        user_id = new_id()
        self.send("add_nameless_customer", id=user_id, name=name)
        return user_id
