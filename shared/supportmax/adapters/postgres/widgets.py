"""The keys of widgets, and the origins that they are for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import NotFound
from supportmax.domain.widgets import WidgetKey


class WidgetKeys(Repository):
    file = "widgets"

    def add(self, key: WidgetKey) -> None:
        self.send("add_widget_key", **columns(key))

    def get(self, key_id: UUID) -> WidgetKey:
        found = self.maybe(WidgetKey, "get_widget_key", id=key_id)
        if found is None:
            raise NotFound("No such widget key.")
        return found

    def list(self, after: UUID | None, limit: int) -> list[WidgetKey]:
        return self.many(WidgetKey, "list_widget_keys", after=after, limit=limit)

    def change(self, key_id: UUID, name: str, allowed_origins: Sequence[str]) -> None:
        self.send("change_widget_key", id=key_id, name=name, allowed_origins=list(allowed_origins))

    def rotate(self, key_id: UUID, key: str, former_until: datetime) -> None:
        self.send("rotate_widget_key", id=key_id, key=key, former_until=former_until)

    def revoke(self, key_id: UUID) -> bool:
        return self.run("revoke_widget_key", id=self.get(key_id).id) == 1

    def note_use(self, key_id: UUID) -> None:
        self.send("note_widget_key_use", id=key_id)


class WidgetOrigins(Repository):
    file = "widgets"

    def allowed(self, patterns: Sequence[str]) -> bool:
        return bool(self.value("origin_allowed", patterns=list(patterns)))

    def known(self, patterns: Sequence[str]) -> bool:
        return bool(self.value("origin_known", patterns=list(patterns)))
