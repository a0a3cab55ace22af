"""What an operator wants to know about the outbox."""

from typing import Any
from uuid import UUID

from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.repository import Repository
from supportmax.adapters.postgres.store import PostgresStore, WorkspaceRow


class OutboxReport(Repository):
    """Messages of one workspace that wait to be published."""

    file = "outbox_report"

    def waiting(self) -> list[dict[str, Any]]:
        """Per queue: how many, the oldest's time (UTC), the most attempts."""
        return self.rows("waiting")

    def oldest(self, limit: int) -> list[dict[str, Any]]:
        return self.rows("oldest", limit=limit)


def outbox_report(database: Database, limit: int) -> list[dict[str, Any]]:
    """One entry per workspace: its slug, what waits per queue, its oldest messages."""
    return [_of(database, workspace_id, limit) for workspace_id in PostgresStore(database).all_workspaces()]


def _of(database: Database, workspace_id: UUID, limit: int) -> dict[str, Any]:
    with database.transaction() as connection:
        row = WorkspaceRow(connection, workspace_id)
        row.send("enter")
        report = OutboxReport(connection, workspace_id)
        return {"workspace": row.get().slug, "waiting": report.waiting(), "oldest": report.oldest(limit)}
