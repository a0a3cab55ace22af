"""Health, metrics, and the mails that were held."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from pydantic import Field

from functions.admin.prometheus import CONTENT_TYPE, Family, exposition, wants_text
from supportmax import __version__
from supportmax.adapters.postgres.migrations import SCHEMA_VERSION
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import PermanentFailure
from supportmax.domain.events import Queue
from supportmax.domain.inbound import InboundMail
from supportmax.runtime.container import Container
from supportmax.runtime.http import After, Body, Limit, SignedIn, Tools, cursor, page
from supportmax.services.check_health import check_health
from supportmax.services.read_metrics import ever_counted

router = APIRouter(tags=["Operations"])
TEXT_EXAMPLE = """# HELP supportmax_turns_total Questions, by what the machine did.
# TYPE supportmax_turns_total counter
supportmax_turns_total{action="answer"} 271
"""


class CheckView(Body):
    """What one check found, or why it failed."""

    ok: bool
    detail: Any


class HealthView(Body):
    """`status` is `ok` only if every part is; each part says what it found."""

    status: Literal["ok", "degraded"]
    version: str
    checks: dict[str, CheckView] = Field(description="`database`, `migrations`, `queues` and `knowledge`.")


class MetricsView(Body):
    """Counts since the workspace was made; what retention or erasure deleted counts on.

    `queues` are the messages that wait in each queue.
    """

    tickets: int
    unsolved_tickets: int
    sessions: int
    messages: int
    articles: int = Field(description="Published ones.")
    turns: int = Field(description="Questions that the machine has worked on, by chat and mail.")
    answered: int
    clarified: int
    handed_over: int
    automation_rate: float | None = Field(description="Answered ÷ (answered + clarified + handed over).")
    p50_latency_ms: float = Field(description="Of the last 1,000 turns.")
    outbox_waiting: int = Field(description="Messages that no queue has taken yet.")
    outbox_oldest_seconds: int = Field(description="How long the oldest of them has waited.")
    held_mails: int
    queues: dict[Queue, int]


class HeldMail(Body):
    """A mail that made no ticket: suspended (automatic) or quarantined (not understood), and why."""

    id: UUID
    outcome: Literal["suspended", "quarantined"]
    reason: str | None
    sender: str | None
    subject: str | None
    object_key: str = Field(description="Where the raw mail lies in the inbound bucket.")
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
async def get_health(tools: Tools, response: Response) -> HealthView:
    """Database, migrations, queues and the embedding model with its index: each is checked, and says what it found."""
    found = check_health(
        {
            "database": lambda: _database(tools),
            "migrations": lambda: _migrations(tools),
            "queues": lambda: dict(tools.queues.depths()),
            "model": lambda: _model(tools),
        }
    )
    response.status_code = 200 if found.ok else 503
    checks = {name: CheckView(**part) for name, part in found.parts.items()}
    return HealthView(status="ok" if found.ok else "degraded", version=__version__, checks=checks)


def _database(tools: Container) -> str:
    with tools.store.begin(tools.workspace()) as tx:
        return f"workspace {tx.workspace.get().slug}"


def _migrations(tools: Container) -> str:
    with tools.store.begin(tools.workspace()) as tx:
        applied = tx.workspace.schema_version()
    if applied < SCHEMA_VERSION:
        raise PermanentFailure(f"the database is at {applied}, this code needs {SCHEMA_VERSION}: run the migrations")
    return applied


def _model(tools: Container) -> dict[str, Any]:
    with tools.store.begin(tools.workspace()) as tx:
        model = tx.embedding.active()
        found = tx.articles.status(model)
    return {"articles": found.articles, "indexed": found.indexed, "embedding_model": model}


@router.get(
    "/metrics",
    summary="Totals of the default workspace",
    response_model=MetricsView,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": TEXT_EXAMPLE}}}},
)
async def get_metrics(
    tools: Tools,
    format_: Annotated[
        Literal["json", "prometheus"] | None,
        Query(alias="format", description="Without, what `Accept` asks for; Prometheus gets its own."),
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> MetricsView | Response:
    """What a dashboard shows: volume, how much the machine answered alone, how fast, and what waits. As JSON, or as
    text for Prometheus to scrape."""
    totals = _totals(tools)
    if format_ == "prometheus" or (format_ is None and wants_text(accept)):
        return Response(exposition(_families(totals) + _outcomes(tools)), media_type=CONTENT_TYPE)
    return totals


def _totals(tools: Container) -> MetricsView:
    with tools.store.begin(tools.workspace()) as tx:
        counts = tx.workspace.counts()
    decided = counts["answered"] + counts["clarified"] + counts["handed_over"]
    rate = round(counts["answered"] / decided, 4) if decided else None
    return MetricsView(**counts, automation_rate=rate, queues=tools.queues.depths())


def _families(totals: MetricsView) -> list[Family]:
    single = {
        "tickets": "Tickets that were opened and are not deleted.",
        "unsolved_tickets": "Tickets that are new, open or pending.",
        "sessions": "Chats.",
        "messages": "Messages of customers, agents and the machine.",
        "articles": "Published articles.",
        "outbox_waiting": "Messages that no queue has taken yet.",
        "outbox_oldest_seconds": "How long the oldest of them has waited.",
        "held_mails": "Mails that made no ticket.",
    }
    found = [Family(f"supportmax_{name}", help_, {"": getattr(totals, name)}) for name, help_ in single.items()]
    actions = {"answer": totals.answered, "clarify": totals.clarified, "hand_over": totals.handed_over}
    other = {"small_talk": totals.turns - sum(actions.values())}
    return [
        *found,
        Family("supportmax_turns_total", "Questions, by what the machine did.", actions | other, "counter", "action"),
        Family(
            "supportmax_turn_latency_seconds",
            "Of the last 1,000 turns.",
            {"0.5": round(totals.p50_latency_ms / 1000, 6)},
            label="quantile",
        ),
        Family(
            "supportmax_queue_messages",
            "Messages that wait in a queue.",
            {str(name): depth for name, depth in totals.queues.items()},
            label="queue",
        ),
    ]


def _outcomes(tools: Container) -> list[Family]:
    """What the schedule has counted of the log. Within a week an outcome can become another one: no counters."""
    with tools.store.begin(tools.workspace()) as tx:
        found = ever_counted(tx, ("automation", "satisfaction", "satisfaction_responses", "sla"), utcnow())
    kept, broken = (
        {label.removesuffix(end): count for label, count in found["sla"].items() if label.endswith(end)}
        for end in ("_met", "_breached")
    )
    return [
        Family("supportmax_conversations", "By what became of them.", found["automation"], label="outcome"),
        Family("supportmax_satisfaction_answers", "Of customers.", found["satisfaction"], label="score"),
        Family("supportmax_satisfaction_questions", "To customers.", found["satisfaction_responses"], label="outcome"),
        Family("supportmax_sla_met_total", "Promises that were kept.", kept, "counter", "target"),
        Family("supportmax_sla_breached_total", "Promises that were broken.", broken, "counter", "target"),
    ]


@router.get("/v1/quarantine", tags=["Email"], summary="List mail that made no ticket")
async def list_held_mail(agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50) -> HeldMailPage:
    """Newest first, with the reason: out-of-office notes, bounces and lists, and mail that could not be read."""
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.inbound_mails.held(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda m: m.id)
    return HeldMailPage(mails=[HeldMail.of(m) for m in shown], next_cursor=next_cursor)
