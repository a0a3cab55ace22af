"""Erase a person: their files, then their rows, then the proof that nothing of theirs is left.

What could come back is remembered first, as hashes: mail that is delivered again, messages that are still queued.
"""

from dataclasses import asdict, replace

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import TransientFailure
from supportmax.domain.events import Envelope
from supportmax.domain.privacy import Footprint, StoredObject, Whom
from supportmax.domain.ticket_work import Job
from supportmax.ports import Store, Transaction
from supportmax.services.privacy_jobs import Closet, take_up


def erase_person(closet: Closet, store: Store, envelope: Envelope) -> None:
    """Handle ErasureRequested. A delivery that comes again begins again, with what is still there."""
    taken = take_up(store, envelope)
    if taken is None:
        return
    job, whom = taken
    with store.begin(envelope.workspace_id) as tx:
        objects = remember(tx, closet, tx.privacy.of(whom))
    for position, found in enumerate(objects, start=1):
        closet.delete(found)
        if position % 100 == 0:
            with store.begin(envelope.workspace_id) as tx:
                tx.jobs.save(replace(job, position=min(position, job.total)))
    with store.begin(envelope.workspace_id) as tx:
        _finish(tx, job, whom, objects)


def remember(tx: Transaction, closet: Closet, footprint: Footprint) -> list[StoredObject]:
    """Nothing of it may come back from now on. The files to delete before its rows go, which alone know of them."""
    tx.privacy.remember(footprint, closet.secret)
    return tx.privacy.objects(footprint)


def erase_rows(tx: Transaction, footprint: Footprint, deleted: list[StoredObject]) -> dict[str, int]:
    """Counts by table. Raises TransientFailure when there is a file that has not been deleted."""
    if set(tx.privacy.objects(footprint)) - set(deleted):
        raise TransientFailure("something came in meanwhile")
    return tx.privacy.erase(footprint)


def _finish(tx: Transaction, job: Job, whom: Whom, deleted: list[StoredObject]) -> None:
    """Rows, proof and report are one transaction: there is no proof without an erasure, and none is lost."""
    footprint = tx.privacy.of(whom)
    rows = erase_rows(tx, footprint, deleted)
    forgotten = replace(job, request={}, position=job.total)
    tx.jobs.save(forgotten)
    values = [footprint.email, footprint.user_id and str(footprint.user_id)]
    proof = tx.privacy.prove([value for value in values if value])
    result = {"rows": rows, "files": len(deleted), "proof": asdict(proof)}
    tx.jobs.save(replace(forgotten, status="done", result=result, finished_at=utcnow()))
    detail = {"rows": sum(rows.values()), "files": len(deleted), "clean": not proof.found}
    tx.audit.add(str(job.created_by or "system"), "privacy.erasure", "job", job.id, detail)
