"""Exports and erasures are jobs: asked for by an administrator, done by a queue, looked at while they run."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.events import Envelope, ErasureRequested, ExportRequested
from supportmax.domain.ids import new_id
from supportmax.domain.people import User, normal_email
from supportmax.domain.privacy import Bucket, Footprint, JobKind, StoredObject, Whom
from supportmax.domain.ticket_work import Job
from supportmax.ports import ObjectStore, Store, Transaction

ACTIONS: dict[JobKind, str] = {"privacy-export": "privacy.export", "privacy-erasure": "privacy.erasure"}


@dataclass(frozen=True, slots=True)
class Closet:
    """Where files lie. `secret` is the desk's own: it keys the hashes of what was erased."""

    inbound: ObjectStore
    attachments: ObjectStore
    secret: str

    def store_of(self, bucket: Bucket) -> ObjectStore:
        return self.inbound if bucket == "inbound" else self.attachments

    def delete(self, found: StoredObject) -> None:
        self.store_of(found.bucket).delete(found.key)


def begin_job(tx: Transaction, kind: JobKind, whom: Whom, actor: User) -> tuple[Job, Footprint]:
    """A job that a queue takes up, and what it is about.

    Raises InvalidInput unless one way of naming somebody is used, and for somebody who works here; NotFound if there is
    nothing about them.
    """
    request = _request(whom)
    footprint = tx.privacy.of(whom)
    if footprint.empty:
        raise NotFound("There is nothing here about anybody of that kind.")
    total = len(tx.privacy.objects(footprint)) + 1
    job = Job(
        id=new_id(), kind=kind, status="waiting", request=request, total=total, created_by=actor.id, created_at=utcnow()
    )
    tx.jobs.add(job)
    tx.audit.add(str(actor.id), f"{ACTIONS[kind]}_requested", "job", job.id, {})
    tx.outbox.add((ExportRequested if kind == "privacy-export" else ErasureRequested)(job_id=job.id))
    return job, footprint


def take_up(store: Store, envelope: Envelope) -> tuple[Job, Whom] | None:
    """The job that a message is about, now running; None if it was done before."""
    event = envelope.event
    assert isinstance(event, ExportRequested | ErasureRequested)
    with store.begin(envelope.workspace_id) as tx:
        job = tx.jobs.lock(event.job_id)
        if job.status == "done":
            return None
        job = replace(job, status="running")
        tx.jobs.save(job)
    return job, _whom(job.request)


def _request(whom: Whom) -> dict[str, Any]:
    given = {"user_id": whom.user_id, "email": whom.email and normal_email(whom.email), "session_id": whom.session_id}
    named = {name: str(value) for name, value in given.items() if value}
    if len(named) != 1:
        raise InvalidInput("user_id: give one of user_id, email and session_id")
    return named


def _whom(request: dict[str, Any]) -> Whom:
    ids = {name: UUID(request[name]) for name in ("user_id", "session_id") if name in request}
    return Whom(ids.get("user_id"), request.get("email"), ids.get("session_id"))
