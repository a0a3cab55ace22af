"""What the desk proposes to write, and how the knowledge base is doing."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field, StringConstraints

from functions.knowledge.routes import ArticleView, Line
from supportmax.domain.ids import parse_id
from supportmax.domain.improvement import ArticleUse, Failure, Proposal, ProposalKind, ProposalStatus
from supportmax.runtime.http import After, Body, Limit, SignedIn, Tools, cursor, page
from supportmax.services.decide_proposal import Wording, accept_proposal, dismiss_proposal
from supportmax.services.propose_articles import propose_articles
from supportmax.services.report_knowledge import report_knowledge

router = APIRouter(tags=["Knowledge"])
ProposalId = Annotated[str, Path(description="A proposal's id.", json_schema_extra={"format": "uuid"})]


class EvidenceView(Body):
    """A question that was not settled: not answered, answered unhelpfully, or reopened after its answer."""

    turn_id: UUID = Field(description="Of a mail that no answer was looked up for: the message's id.")
    ticket_id: UUID | None
    question: str
    failure: Failure


class ProposalView(Body):
    """A drafted article, or a change of `article_id`. An empty `body` waits for a human to write it."""

    id: UUID
    kind: ProposalKind
    article_id: UUID | None
    title: str
    body: str
    questions: list[str]
    evidence: list[EvidenceView]
    status: ProposalStatus
    decided_by: UUID | None
    decided_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposalView":
        names = set(cls.model_fields) - {"evidence"}
        evidence = [
            EvidenceView(**{name: getattr(e, name) for name in EvidenceView.model_fields}) for e in proposal.evidence
        ]
        return cls(evidence=evidence, **{name: getattr(proposal, name) for name in names})


class ProposalPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    proposals: list[ProposalView]
    next_cursor: str | None


class AcceptBody(Body):
    """What to change of the draft; what is left out stays as proposed."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)] | None = None
    body: Annotated[str, StringConstraints(min_length=1, max_length=200_000)] | None = None
    questions: Annotated[list[Line], Field(max_length=200)] | None = None


class ArticleUseView(Body):
    """An article in the report. Answers and ratings are those of the period."""

    article_id: UUID
    external_id: str
    title: str
    updated_at: datetime
    answers: int
    helpful: int
    unhelpful: int
    last_answered_at: datetime | None

    @classmethod
    def list_of(cls, uses: list[ArticleUse]) -> "list[ArticleUseView]":
        return [cls(**{name: getattr(use, name) for name in cls.model_fields}) for use in uses]


class KnowledgeReportView(Body):
    """How the knowledge base did since then. Each list holds up to 20 published articles."""

    since: datetime
    questions: int
    answered: int
    clarified: int
    handed_over: int
    unhelpful: int = Field(description="Replies that a customer rated as not helpful.")
    reopened: int = Field(description="Answers after which the customer needed a human all the same.")
    coverage: float | None = Field(description="The share answered without a bad rating or a return; null: none asked.")
    most_used: list[ArticleUseView]
    answers_nothing: list[ArticleUseView] = Field(description="Older than the period, and no answer cited them in it.")
    stale: list[ArticleUseView] = Field(description="Not changed for 180 days, oldest first.")
    badly_rated: list[ArticleUseView] = Field(description="Three ratings or more, most of them bad.")


@router.get("/v1/article-proposals", summary="List proposed articles")
async def list_article_proposals(
    agent: SignedIn,
    tools: Tools,
    status: Annotated[ProposalStatus | None, Query(description="Only those.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> ProposalPage:
    """Articles, and changes of articles, that would have answered what was not answered."""
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.proposals.list(status, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda p: p.id)
    return ProposalPage(proposals=[ProposalView.of(p) for p in shown], next_cursor=next_cursor)


@router.post("/v1/article-proposals", status_code=201, summary="Propose articles now")
async def make_article_proposals(agent: SignedIn, tools: Tools) -> list[ProposalView]:
    """Looks at the last 30 days; it also happens by itself every day. Each question is used for one proposal only."""
    proposals = propose_articles(tools.embedders, tools.store, agent.workspace_id)
    return [ProposalView.of(proposal) for proposal in proposals]


@router.get("/v1/article-proposals/{proposal_id}", summary="Get a proposed article")
async def get_article_proposal(proposal_id: ProposalId, agent: SignedIn, tools: Tools) -> ProposalView:
    with tools.store.begin(agent.workspace_id) as tx:
        return ProposalView.of(tx.proposals.get(parse_id(proposal_id, "proposal")))


@router.post(
    "/v1/article-proposals/{proposal_id}/accept",
    summary="Accept a proposed article",
    responses={409: {"description": "It was decided already."}},
)
async def accept_article_proposal(
    proposal_id: ProposalId, body: AcceptBody, agent: SignedIn, tools: Tools
) -> ArticleView:
    """Saves the article, in your words where you give some. Within seconds its questions are answered."""
    wording = Wording(body.title, body.body, body.questions)
    with tools.store.begin(agent.workspace_id) as tx:
        article = accept_proposal(tx, parse_id(proposal_id, "proposal"), wording, agent.user)
        return ArticleView.of(article, tx.embedding.active())


@router.post(
    "/v1/article-proposals/{proposal_id}/dismiss",
    summary="Dismiss a proposed article",
    responses={409: {"description": "It was decided already."}},
)
async def dismiss_article_proposal(proposal_id: ProposalId, agent: SignedIn, tools: Tools) -> ProposalView:
    """Its questions will not be proposed again."""
    with tools.store.begin(agent.workspace_id) as tx:
        return ProposalView.of(dismiss_proposal(tx, parse_id(proposal_id, "proposal"), agent.user))


@router.get("/v1/knowledge/report", summary="See how the knowledge base does")
async def knowledge_report(
    agent: SignedIn,
    tools: Tools,
    days: Annotated[int, Query(ge=1, le=365, description="How many days to look back.")] = 30,
) -> KnowledgeReportView:
    """What it covers, which articles answer nothing, which are stale, which are rated badly."""
    with tools.store.begin(agent.workspace_id) as tx:
        report = report_knowledge(tx, days)
    counts = {name: getattr(report.counts, name) for name in report.counts.__slots__}
    return KnowledgeReportView(
        since=report.since,
        coverage=None if report.coverage is None else round(report.coverage, 4),
        most_used=ArticleUseView.list_of(report.most_used),
        answers_nothing=ArticleUseView.list_of(report.answers_nothing),
        stale=ArticleUseView.list_of(report.stale),
        badly_rated=ArticleUseView.list_of(report.badly_rated),
        **counts,
    )
