"""Work on tickets that takes its time: who is at a ticket, files on their way in, jobs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.clock import utcnow
from supportmax.domain.ticket_work import Activity, Job, Presence, Upload


class TicketPresence(Repository):
    file = "ticket_work"

    def note(self, ticket_id: UUID, user_id: UUID, activity: Activity) -> None:
        self.send("note_presence", ticket_id=ticket_id, user_id=user_id, activity=activity, now=utcnow())

    def at_ticket(self, ticket_id: UUID, since: datetime) -> list[Presence]:
        return self.many(Presence, "at_ticket", ticket_id=ticket_id, since=since)

    def leave(self, ticket_id: UUID, user_id: UUID) -> None:
        self.send("leave", ticket_id=ticket_id, user_id=user_id)

    def prune(self, older_than: datetime) -> int:
        return self.run("prune_presence", older_than=older_than)


class Uploads(Repository):
    file = "ticket_work"

    def add(self, upload: Upload) -> None:
        self.send("add_upload", **columns(upload))

    def take(self, ticket_id: UUID, upload_ids: Sequence[UUID]) -> list[Upload]:
        return self.many(Upload, "take_uploads", ticket_id=ticket_id, ids=list(upload_ids))

    def prune(self, older_than: datetime) -> int:
        return self.run("prune_uploads", older_than=older_than)


class Jobs(Repository):
    file = "ticket_work"

    def add(self, job: Job) -> None:
        self.send("add_job", **_stored(job))

    def get(self, job_id: UUID) -> Job:
        return self.one(Job, "get_job", id=job_id)

    def lock(self, job_id: UUID) -> Job:
        return self.one(Job, "lock_job", id=job_id)

    def save(self, job: Job) -> None:
        self.send("save_job", **_stored(job))


def _stored(job: Job) -> dict[str, object]:
    return columns(job) | {name: Jsonb(getattr(job, name)) for name in ("request", "problems", "result")}
