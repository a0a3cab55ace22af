"""One change of many tickets, as a job: counted as it goes, and a ticket that cannot be changed stops no other one.

Whoever gets tickets hears of it once, at the end.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Conflict, InvalidInput, NotFound
from supportmax.domain.events import BulkUpdateRequested, Envelope
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.ticket_work import Job
from supportmax.ports import Store, Transaction
from supportmax.services.manage_tickets import Change, change_ticket
from supportmax.services.notify import notify

KIND = "bulk-update"
MOST_TICKETS = 1_000
# Tickets a transaction: the progress that others see, and how long they wait for a ticket.
BATCH = 25
_IDS = ("assignee_id", "group_id", "requester_id")


def begin_update(tx: Transaction, ticket_ids: Sequence[UUID], changes: Mapping[str, Any], actor: User) -> Job:
    """The job that a queue takes up. `changes` as they were sent. Raises InvalidInput when there are none."""
    if not set(changes) - {"reason"}:
        raise InvalidInput("changes: there is nothing to change")
    ordered = sorted(set(ticket_ids))  # locked in one order, whatever runs beside it
    request = {"ticket_ids": [str(ticket_id) for ticket_id in ordered], "changes": dict(changes)}
    job = Job(
        id=new_id(),
        kind=KIND,
        status="waiting",
        request=request,
        total=len(ordered),
        created_by=actor.id,
        created_at=utcnow(),
    )
    tx.jobs.add(job)
    tx.audit.add(str(actor.id), "tickets.bulk_update", "job", job.id, {"tickets": len(ordered)})
    tx.outbox.add(BulkUpdateRequested(job_id=job.id))
    return job


def update_many(store: Store, envelope: Envelope) -> None:
    """Handle BulkUpdateRequested. A delivery that comes again goes on where the one before stopped."""
    event = envelope.event
    assert isinstance(event, BulkUpdateRequested)
    unfinished = True
    while unfinished:
        with store.begin(envelope.workspace_id) as tx:
            unfinished = _step(tx, tx.jobs.lock(event.job_id))


def _step(tx: Transaction, job: Job) -> bool:
    """The next tickets; whether there are more."""
    if job.status == "done":
        return False
    batch = job.request["ticket_ids"][job.position : job.position + BATCH]
    actor = tx.users.get(job.created_by) if job.created_by else None
    given = Counter(job.result.get("given", {}))
    changes = job.request["changes"]
    problems = [problem for ticket_id in batch if (problem := _change(tx, ticket_id, changes, actor, given))]
    job = replace(job, problems=[*job.problems, *problems], result={"given": given} if given else {})
    job = _moved_on(job, job.position + len(batch))
    tx.jobs.save(job)
    if job.status == "done" and actor:
        _tell(tx, given, actor)
    return job.status != "done"


def _moved_on(job: Job, reached: int) -> Job:
    if reached < job.total:
        return replace(job, status="running", position=reached)
    return replace(job, status="done", position=reached, finished_at=utcnow())


def _tell(tx: Transaction, given: Counter[str], actor: User) -> None:
    """`given`: how many tickets who got; of what they did themselves nobody is told."""
    for user_id, count in given.items():
        if user_id != str(actor.id):
            said = f"{count} tickets are yours now" if count > 1 else "A ticket is yours now"
            notify(tx, [UUID(user_id)], None, f"{said}: {actor.name} changed many at once", "assigned")


def _change(
    tx: Transaction, ticket_id: str, changes: Mapping[str, Any], actor: User | None, given: Counter[str]
) -> dict[str, str] | None:
    """What is wrong is found before anything is written, so the others' changes stay. Counts in `given` who got it."""
    try:
        if actor is None:
            raise Conflict("Whoever asked for this is not here any more.")
        before = tx.tickets.get(UUID(ticket_id))
        after = change_ticket(tx, before.id, _read(changes), actor)
        if after.assignee_id and after.assignee_id != before.assignee_id:
            given[str(after.assignee_id)] += 1
    except (InvalidInput, NotFound, Conflict) as error:
        return {"ticket_id": ticket_id, "problem": error.message}
    return None


def _read(changes: Mapping[str, Any]) -> Change:
    """A change as it was stored. JSON has no ids and no times."""
    nullable = {"category", "type", "snoozed_until", *_IDS}
    apart = {"add_tags", "remove_tags", "reason"}
    values = {n: v for n, v in changes.items() if n not in apart and (v is not None or n in nullable)}
    values |= {name: UUID(values[name]) for name in _IDS if values.get(name)}
    if values.get("snoozed_until"):
        values["snoozed_until"] = datetime.fromisoformat(values["snoozed_until"])
    added, removed = tuple(changes.get("add_tags") or ()), tuple(changes.get("remove_tags") or ())
    return Change(values, added, removed, changes.get("reason"), quiet=True)
