"""Work that takes longer than a request: changes of many tickets at once."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import Field

from functions.tickets.models import TicketChanges
from supportmax.domain.ids import parse_id
from supportmax.domain.ticket_work import Job, JobStatus
from supportmax.runtime.http import Body, SignedIn, Tools
from supportmax.services.update_many import MOST_TICKETS, begin_update

router = APIRouter(tags=["Tickets"])


class BulkBody(Body):
    """One change of many tickets."""

    ticket_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_TICKETS)]
    changes: TicketChanges


class JobProblem(Body):
    """A ticket that could not be changed, and why."""

    ticket_id: UUID
    problem: str


class JobView(Body):
    """How far a job is."""

    id: UUID
    kind: str
    status: JobStatus
    total: int
    processed: int = Field(description="Of `total`, with those that failed.")
    failed: int
    problems: list[JobProblem]
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobView":
        return cls(
            id=job.id,
            kind=job.kind,
            status=job.status,
            total=job.total,
            processed=job.position,
            failed=len(job.problems),
            problems=[JobProblem(**problem) for problem in job.problems],
            created_at=job.created_at,
            finished_at=job.finished_at,
        )


@router.post("/v1/tickets/bulk-update", status_code=202, summary="Change many tickets")
async def update_tickets(body: BulkBody, agent: SignedIn, tools: Tools, response: Response) -> JobView:
    """Done in the background; `Location` is the job. A ticket that cannot be changed is named there.

    It stops no other one.
    """
    changes = body.changes.model_dump(mode="json", exclude_unset=True)
    with tools.store.begin(agent.workspace_id) as tx:
        job = begin_update(tx, body.ticket_ids, changes, agent.user)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return JobView.of(job)


@router.get("/v1/jobs/{job_id}", summary="See how far a job is")
async def get_job(
    job_id: Annotated[str, Path(description="A job's id.", json_schema_extra={"format": "uuid"})],
    agent: SignedIn,
    tools: Tools,
) -> JobView:
    with tools.store.begin(agent.workspace_id) as tx:
        return JobView.of(tx.jobs.get(parse_id(job_id, "job")))
