"""Privacy: what is known about a person, the end of it, and how long things are kept. For administrators."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import Field

from functions.admin.models import Email
from supportmax.domain.access import Caller
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.ids import parse_id
from supportmax.domain.privacy import JobKind, Kept, RetentionRule, Whom
from supportmax.domain.ticket_work import Job, JobStatus
from supportmax.domain.tickets import Status
from supportmax.runtime.container import Container
from supportmax.runtime.http import Administrator, AdministratorInPerson, Body, Tools
from supportmax.services.let_go import would_go
from supportmax.services.privacy_jobs import ACTIONS, begin_job
from supportmax.services.share_files import DOWNLOAD_TIME

router = APIRouter(tags=["Privacy"])


class Somebody(Body):
    """Whom it is about: one of the three."""

    user_id: UUID | None = Field(default=None, description="A customer's id.")
    email: Email | None = Field(default=None, description="A customer's address, or one that only wrote.")
    session_id: UUID | None = Field(default=None, description="The chat of somebody whose name is not known.")

    def whom(self) -> Whom:
        return Whom(self.user_id, self.email, self.session_id)


class ProofView(Body):
    """A look at every table of the workspace, after the erasure."""

    tables: int = Field(description="Tables that were read.")
    rewritten: int = Field(description="Texts of others in which the address was replaced by `[erased]`.")
    found: dict[str, int] = Field(description="Rows, by table, that still hold the address or id: none.")


class PrivacyJobView(Body):
    """How far a job is, and what it brought. No personal data is kept in it."""

    id: UUID
    kind: JobKind
    status: JobStatus
    total: int
    processed: int = Field(description="Of `total`.")
    problems: list[str]
    created_at: datetime
    finished_at: datetime | None
    download_url: str | None = Field(default=None, description="Of an export, for five minutes: ask again for another.")
    expires_at: datetime | None = Field(default=None, description="When the export's file is deleted.")
    rows: dict[str, int] | None = Field(default=None, description="Of an erasure: rows that went, by table.")
    files: int | None = Field(default=None, description="Of an erasure: raw mails, attachments and exports that went.")
    proof: ProofView | None = None

    @classmethod
    def of(cls, job: Job, download_url: str | None = None) -> "PrivacyJobView":
        result = job.result
        proof = ProofView(**result["proof"]) if "proof" in result else None
        expires_at = datetime.fromisoformat(result["expires_at"]) if "expires_at" in result else None
        shared: dict[str, Any] = {
            name: getattr(job, name) for name in ("id", "kind", "status", "total", "created_at", "finished_at")
        }
        return cls(
            **shared,
            processed=job.position,
            problems=[str(problem["problem"]) for problem in job.problems],
            download_url=download_url,
            expires_at=expires_at,
            rows=result.get("rows"),
            files=result.get("files"),
            proof=proof,
        )


class ErasureBegun(Body):
    """`crm_cases` is said here and never again: their records in the CRM are yours to erase there."""

    job: PrivacyJobView
    crm_cases: list[str]


class RuleView(Body):
    """`days` after its last change it is erased: a ticket of that status, a chat without a ticket, a held mail."""

    what: Kept
    status: Status | None = Field(default=None, description="For tickets, which need one: `solved`, for instance.")
    days: int = Field(ge=1, le=36_500)


class Retention(Body):
    """Every rule of the workspace."""

    rules: Annotated[list[RuleView], Field(max_length=10)]


class RuleCount(RuleView):
    """With the number of things that would go now."""

    count: int


class DryRun(Body):
    """What rules would do."""

    rules: list[RuleCount]


@router.post("/v1/privacy/exports", status_code=202, summary="Export everything about a person")
async def export_person(
    body: Somebody, admin: AdministratorInPerson, tools: Tools, response: Response
) -> PrivacyJobView:
    """A ZIP of JSON and files, made in the background; `Location` is the job. For administrators who are signed in."""
    job, _ = _begin("privacy-export", body, admin, tools, response)
    return PrivacyJobView.of(job)


@router.post("/v1/privacy/erasures", status_code=202, summary="Erase everything about a person")
async def erase_person(body: Somebody, admin: AdministratorInPerson, tools: Tools, response: Response) -> ErasureBegun:
    """For good, with their tickets and chats; `Location` is the job. For administrators who are signed in."""
    job, crm_cases = _begin("privacy-erasure", body, admin, tools, response)
    return ErasureBegun(job=PrivacyJobView.of(job), crm_cases=crm_cases)


@router.get("/v1/privacy/jobs/{job_id}", summary="See how far an export or erasure is")
async def get_privacy_job(
    job_id: Annotated[str, Path(description="A job's id.", json_schema_extra={"format": "uuid"})],
    admin: Administrator,
    tools: Tools,
) -> PrivacyJobView:
    """With the link to the file, or with the proof. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        job = tx.jobs.get(parse_id(job_id, "job"))
    if job.kind not in ACTIONS:
        raise NotFound(f"No such job: {job_id[:60]!r}")
    return PrivacyJobView.of(job, _link(job, tools))


@router.get("/v1/privacy/retention", summary="Read how long things are kept")
async def get_retention(admin: Administrator, tools: Tools) -> Retention:
    """Without a rule they are kept for ever. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return Retention(rules=[RuleView(what=r.what, status=r.status, days=r.days) for r in tx.retention.rules()])


@router.put("/v1/privacy/retention", summary="Say how long things are kept")
async def replace_retention(body: Retention, admin: AdministratorInPerson, tools: Tools) -> Retention:
    """Once an hour, what is older is erased for good. For administrators who are signed in, not for API keys."""
    rules = _rules(body)
    with tools.store.begin(admin.workspace_id) as tx:
        tx.retention.replace(rules)
        tx.audit.add(
            str(admin.user.id), "privacy.retention_changed", "workspace", admin.workspace_id, body.model_dump()
        )
    return body


@router.post("/v1/privacy/retention/dry-run", summary="Count what rules would erase")
async def try_retention(body: Retention, admin: Administrator, tools: Tools) -> DryRun:
    """Nothing is erased. For administrators."""
    rules = _rules(body)
    with tools.store.begin(admin.workspace_id) as tx:
        counts = would_go(tx, rules)
    named = zip(rules, counts, strict=True)
    return DryRun(rules=[RuleCount(what=r.what, status=r.status, days=r.days, count=count) for r, count in named])


def _begin(kind: JobKind, body: Somebody, admin: Caller, tools: Container, response: Response) -> tuple[Job, list[str]]:
    with tools.store.begin(admin.workspace_id) as tx:
        job, footprint = begin_job(tx, kind, body.whom(), admin.user)
        crm_cases = tx.privacy.crm_cases(footprint)
    response.headers["Location"] = f"/v1/privacy/jobs/{job.id}"
    return job, crm_cases


def _link(job: Job, tools: Container) -> str | None:
    """None when there is no file yet, or no longer."""
    if "object_key" not in job.result or datetime.fromisoformat(job.result["expires_at"]) <= utcnow():
        return None
    return tools.file_links.download(job.result["object_key"], "export.zip", "application/zip", DOWNLOAD_TIME)


def _rules(body: Retention) -> list[RetentionRule]:
    rules = [RetentionRule(rule.what, rule.days, rule.status) for rule in body.rules]
    if any((rule.what == "tickets") != (rule.status is not None) for rule in rules):
        raise InvalidInput("rules: tickets need a status, and nothing else has one")
    if len({(rule.what, rule.status) for rule in rules}) < len(rules):
        raise InvalidInput("rules: there are two for the same thing")
    return rules
