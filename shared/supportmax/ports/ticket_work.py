"""Work on tickets that takes its time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from supportmax.domain.ticket_work import Activity, Job, Presence, Upload


class TicketPresence(Protocol):
    def note(self, ticket_id: UUID, user_id: UUID, activity: Activity) -> None: ...
    def at_ticket(self, ticket_id: UUID, since: datetime) -> list[Presence]: ...
    def leave(self, ticket_id: UUID, user_id: UUID) -> None: ...
    def prune(self, older_than: datetime) -> int: ...


class Uploads(Protocol):
    def add(self, upload: Upload) -> None: ...
    def take(self, ticket_id: UUID, upload_ids: Sequence[UUID]) -> list[Upload]:
        """Those of the ticket that nobody took before; they are the caller's now."""

    def prune(self, older_than: datetime) -> int: ...


class Jobs(Protocol):
    def add(self, job: Job) -> None: ...
    def get(self, job_id: UUID) -> Job:
        """Raises NotFound."""

    def lock(self, job_id: UUID) -> Job:
        """Like get, and nobody else works on it until this transaction ends."""

    def save(self, job: Job) -> None:
        """Its status, position, problems and end."""
