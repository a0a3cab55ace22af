"""What the desk prepares for agents. It lives where the embedder is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field

from supportmax.domain.copilot import DraftedReply, Mode, PointKind, SimilarTicket, TicketSummary
from supportmax.domain.ids import parse_id
from supportmax.domain.tickets import Status
from supportmax.runtime.http import Body, SignedIn, Tools
from supportmax.services.draft_reply import draft_reply
from supportmax.services.find_similar_tickets import similar_tickets, tickets_about
from supportmax.services.search_tickets import Asker
from supportmax.services.summarise_ticket import summarise_ticket

router = APIRouter(tags=["Copilot"])

TicketId = Annotated[str, Path(description="A ticket's id.", json_schema_extra={"format": "uuid"})]
Most = Annotated[int, Query(ge=1, le=50, description="At most so many tickets.")]


class SourceView(Body):
    """A passage that the draft stands on."""

    article_id: str = Field(description="The article's own id (`external_id`).")
    title: str
    quote: str = Field(description="The passage, word for word, at most 300 characters.")


class OtherArticleView(Body):
    """An article that the question may be about instead."""

    article_id: str = Field(description="The article's own id (`external_id`).")
    title: str


class DraftView(Body):
    """A reply to read, change and send. Nothing of it is kept or sent by itself."""

    reply: str = Field(description="Empty where no article is about it.")
    confidence: float = Field(ge=0, le=1, description="That it answers the question.")
    confident: bool = Field(description="Whether the desk would have answered so by itself.")
    mode: Mode = Field(description="`generated` by a language model, or `extractive`: the article's own words.")
    sources: list[SourceView]
    others: list[OtherArticleView]
    answers_message_ids: list[UUID] = Field(description="The customer's messages that it replies to.")
    language: str | None = Field(description="ISO 639-1, of those messages; null where they are too short to tell.")

    @classmethod
    def of(cls, draft: DraftedReply) -> "DraftView":
        return cls(
            reply=draft.reply,
            confidence=round(draft.confidence, 4),
            confident=draft.confident,
            mode=draft.mode,
            sources=[SourceView(article_id=c.article_id, title=c.title, quote=c.quote) for c in draft.citations],
            others=[OtherArticleView(article_id=c.article_id, title=c.title) for c in draft.others],
            answers_message_ids=list(draft.answers),
            language=draft.language,
        )


class SummaryPointView(Body):
    """A part of the summary. `kind` is null in what a language model wrote."""

    kind: PointKind | None
    text: str
    message_ids: list[UUID] = Field(description="What it stands on.")


class SummaryView(Body):
    """A ticket in a few sentences."""

    text: str
    points: list[SummaryPointView]
    mode: Mode = Field(description="`generated` by a language model, or `extractive`: the messages' own sentences.")

    @classmethod
    def of(cls, summary: TicketSummary) -> "SummaryView":
        points = [SummaryPointView(kind=p.kind, text=p.text, message_ids=list(p.message_ids)) for p in summary.points]
        return cls(text=summary.text, points=points, mode=summary.mode)


class SimilarTicketView(Body):
    """A ticket that resembles another one, or is about some words."""

    ticket_id: UUID
    number: int
    subject: str
    status: Status
    category: str | None
    similarity: float = Field(description="A cosine: 1 for the same text, about 0 for texts with nothing in common.")
    answer: str | None = Field(description="The last public reply: an agent's, else the desk's.")
    solved_at: datetime | None

    @classmethod
    def of(cls, similar: SimilarTicket) -> "SimilarTicketView":
        ticket = similar.ticket
        same = {name: getattr(ticket, name) for name in ("number", "subject", "status", "category", "solved_at")}
        return cls(ticket_id=ticket.id, similarity=round(similar.similarity, 4), answer=similar.answer, **same)


class SimilarTicketList(Body):
    """The most alike first."""

    tickets: list[SimilarTicketView]


@router.post(
    "/v1/tickets/{ticket_id}/draft",
    summary="Draft a reply",
    responses={409: {"description": "The customer has not said anything in it yet."}},
)
async def draft_ticket_reply(ticket_id: TicketId, agent: SignedIn, tools: Tools) -> DraftView:
    """To what the customer said last, from the articles, with sources and confidence.

    It is drafted also where the desk is not sure enough to answer by itself: see `confident`.
    """
    workspace, wanted = agent.workspace_id, parse_id(ticket_id, "ticket")
    return DraftView.of(draft_reply(tools.answerer_for(workspace), tools.store, workspace, wanted))


@router.post("/v1/tickets/{ticket_id}/summary", summary="Summarise a ticket")
async def summarise(ticket_id: TicketId, agent: SignedIn, tools: Tools) -> SummaryView:
    """What the customer wants, what was said, whose turn it is; each part with the messages that it stands on."""
    workspace, wanted = agent.workspace_id, parse_id(ticket_id, "ticket")
    return SummaryView.of(summarise_ticket(tools.answerer_for(workspace), tools.store, workspace, wanted))


@router.post("/v1/tickets/{ticket_id}/similar", summary="Find similar tickets")
async def find_similar(ticket_id: TicketId, agent: SignedIn, tools: Tools, limit: Most = 5) -> SimilarTicketList:
    """Solved and closed tickets that resemble it, and what was answered there."""
    workspace, wanted = agent.workspace_id, parse_id(ticket_id, "ticket")
    found = similar_tickets(tools.embedder_for(workspace), tools.store, workspace, wanted, limit)
    return SimilarTicketList(tickets=[SimilarTicketView.of(one) for one in found])


@router.get("/v1/similar-tickets", summary="Search tickets by meaning")
async def search_by_meaning(
    agent: SignedIn,
    tools: Tools,
    q: Annotated[
        str, Query(min_length=1, max_length=1_000, description="Such as `status:solved the cash machine ate my card`.")
    ],
    limit: Most = 20,
) -> SimilarTicketList:
    """Tickets that are about the words, whether or not they hold them. The filters are those of the list of tickets."""
    workspace = agent.workspace_id
    embedder, asker = tools.embedder_for(workspace), Asker(agent.user.id)
    found = tickets_about(embedder, tools.store, workspace, q, asker, limit)
    return SimilarTicketList(tickets=[SimilarTicketView.of(one) for one in found])
