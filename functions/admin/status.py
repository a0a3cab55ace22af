"""Health, metrics, and the mails that were held."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from supportmax import __version__
from supportmax.adapters.postgres.migrations import SCHEMA_VERSION
from supportmax.domain.errors import PermanentFailure
from supportmax.ports import InboundMail
from supportmax.runtime.container import Container
from supportmax.runtime.http import After, Body, Limit, Problem, SignedIn, Tools, cursor, page
from supportmax.services.check_health import check_health

router = APIRouter(tags=["Operations"])
EMBEDDING_MODEL = "all-MiniLM-L6-v2-int8"


class HealthView(Body):
    """`status` is `ok` only if every part is; each part says what it found."""

    status: str
    version: str
    checks: dict[str, Any]


class HeldMail(Body):
    """A mail that made no ticket: suspended (automatic) or quarantined (not understood), and why."""

    id: UUID
    outcome: str
    reason: str | None
    sender: str | None
    subject: str | None
    object_key: str
    ticket_id: UUID | None
    created_at: datetime | None

    @classmethod
    def of(cls, mail: InboundMail) -> "HeldMail":
        return cls(**{name: getattr(mail, name) for name in cls.model_fields})


class HeldMailPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    mails: list[HeldMail]
    next_cursor: str | None


@router.get(
    "/health", responses={503: {"model": HealthView, "description": "Some part does not work."}}, summary="Check health"
)
async def health(tools: Tools, response: Response) -> HealthView:
    found = check_health(
        {
            "database": lambda: _database(tools),
            "migrations": lambda: _migrations(tools),
            "queues": lambda: dict(tools.queues.depths()),
            "knowledge": lambda: _knowledge(tools),
        }
    )
    response.status_code = 200 if found.ok else 503
    return HealthView(status="ok" if found.ok else "degraded", version=__version__, checks=found.parts)


def _database(tools: Container) -> str:
    with tools.store.begin(tools.workspace()) as tx:
        return f"workspace {tx.workspace.get().slug}"


def _migrations(tools: Container) -> str:
    with tools.store.begin(tools.workspace()) as tx:
        applied = tx.workspace.schema_version()
    if applied < SCHEMA_VERSION:
        raise PermanentFailure(f"the database is at {applied}, this code needs {SCHEMA_VERSION}: run the migrations")
    return applied


def _knowledge(tools: Container) -> dict[str, Any]:
    with tools.store.begin(tools.workspace()) as tx:
        found = tx.articles.status(EMBEDDING_MODEL)
    return {"articles": found.articles, "indexed": found.indexed, "embedding_model": EMBEDDING_MODEL}


@router.get("/metrics", summary="Totals of the default workspace")
async def metrics(tools: Tools) -> dict[str, Any]:
    with tools.store.begin(tools.workspace()) as tx:
        counts = tx.workspace.counts()
    decided = counts["answered"] + counts["clarified"] + counts["handed_over"]
    rate = round(counts["answered"] / decided, 4) if decided else None
    return {**counts, "automation_rate": rate, "queues": dict(tools.queues.depths())}


@router.get(
    "/v1/quarantine", responses={401: {"model": Problem}}, tags=["Email"], summary="List mail that made no ticket"
)
async def held_mail(agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50) -> HeldMailPage:
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.inbound_mails.held(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda m: m.id)
    return HeldMailPage(mails=[HeldMail.of(m) for m in shown], next_cursor=next_cursor)
