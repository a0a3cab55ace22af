"""The endpoints of the knowledge base."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field, StringConstraints

from supportmax.domain.errors import InvalidInput
from supportmax.domain.ids import parse_id
from supportmax.domain.knowledge import Article, ArticleDraft, ArticleStatus
from supportmax.runtime.http import After, Body, Limit, SignedIn, Tools, cursor, page
from supportmax.services.answering.calibrate import Prepared, assess
from supportmax.services.answering.guard import visible_text
from supportmax.services.import_articles import delete_article, import_articles, save_article

router = APIRouter(tags=["Knowledge"])
ArticleId = Annotated[str, Path(description="An article's id.", json_schema_extra={"format": "uuid"})]

Line = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class ArticleBody(Body):
    """An article in Markdown. `questions` are examples of what it answers, in customers' words."""

    external_id: ExternalId = Field(description="Your own id. Saving it again updates the article.")
    title: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
    body: str = Field(
        max_length=200_000, description="May be empty: then the article is found, and a human gives the answer."
    )
    questions: Annotated[list[Line], Field(max_length=200, default_factory=list)]
    topics: Annotated[list[Line], Field(max_length=50, default_factory=list)]
    language: Language = Field(default="en", description="ISO 639-1.")
    status: ArticleStatus = Field(default="published", description="Only published articles answer questions.")

    def draft(self) -> ArticleDraft:
        return ArticleDraft(**self.model_dump())


class ArticleView(ArticleBody):
    """An article as stored. `indexed` turns true when answers can use it."""

    id: UUID
    version: int
    indexed: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, article: Article, model: str) -> "ArticleView":
        indexed = model in article.indexed_with
        names = set(cls.model_fields) - {"indexed"}
        return cls(indexed=indexed, **{name: getattr(article, name) for name in names})


class ArticlePage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    articles: list[ArticleView]
    next_cursor: str | None


class ImportBody(Body):
    """Up to 100 articles; those that are stored already with the same content are left alone."""

    articles: Annotated[list[ArticleBody], Field(min_length=1, max_length=100)]


class ImportView(Body):
    """What the import did."""

    created: int
    updated: int
    unchanged: int


class SearchResult(Body):
    """An article that was found. `score` is its share of the vote; `similarity` the cosine of its best passage."""

    article_id: str
    title: str
    passage: str
    score: float
    similarity: float


class SearchView(Body):
    """Best first. `confidence`: the chance that the first one answers the query."""

    confidence: float
    results: list[SearchResult]


class StatusView(Body):
    """How much of the knowledge base can be found by now."""

    articles: int
    indexed: int = Field(description="Those that answers can use as they are now.")
    failed: int
    chunks: int = Field(description="Titles, example questions and passages, each with its embedding.")
    embedding_model: str


@router.get("/v1/articles", summary="List articles")
async def list_articles(agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50) -> ArticlePage:
    with tools.store.begin(agent.workspace_id) as tx:
        rows, model = tx.articles.list(cursor(after), limit + 1), tx.embedding.active()
    shown, next_cursor = page(rows, limit, lambda a: a.id)
    return ArticlePage(articles=[ArticleView.of(a, model) for a in shown], next_cursor=next_cursor)


@router.post("/v1/articles", status_code=201, summary="Write an article")
async def create_article(body: ArticleBody, agent: SignedIn, tools: Tools) -> ArticleView:
    """It is indexed in the background, within seconds. A stored article with this `external_id` is replaced."""
    with tools.store.begin(agent.workspace_id) as tx:
        article, _ = save_article(tx, body.draft(), str(agent.user.id))
        return ArticleView.of(article, tx.embedding.active())


@router.post("/v1/articles/import", summary="Import articles", operation_id="import_articles")
async def bulk_import(body: ImportBody, agent: SignedIn, tools: Tools) -> ImportView:
    """All of them or none. Sending the same articles again changes nothing."""
    drafts = [article.draft() for article in body.articles]
    counts = import_articles(tools.store, agent.workspace_id, drafts, str(agent.user.id))
    return ImportView(created=counts.created, updated=counts.updated, unchanged=counts.unchanged)


@router.get("/v1/articles/{article_id}", summary="Get an article")
async def get_article(article_id: ArticleId, agent: SignedIn, tools: Tools) -> ArticleView:
    with tools.store.begin(agent.workspace_id) as tx:
        return ArticleView.of(tx.articles.get(parse_id(article_id, "article")), tx.embedding.active())


@router.put(
    "/v1/articles/{article_id}",
    summary="Replace an article",
    responses={409: {"description": "Another article has this `external_id`."}},
)
async def replace_article(article_id: ArticleId, body: ArticleBody, agent: SignedIn, tools: Tools) -> ArticleView:
    """Only passages that changed are embedded again."""
    wanted = parse_id(article_id, "article")
    with tools.store.begin(agent.workspace_id) as tx:
        tx.articles.get(wanted)  # before anything about the new content is said
        article, _ = save_article(tx, body.draft(), str(agent.user.id), wanted)
        return ArticleView.of(article, tx.embedding.active())


@router.delete("/v1/articles/{article_id}", status_code=204, summary="Delete an article", operation_id="delete_article")
async def remove_article(article_id: ArticleId, agent: SignedIn, tools: Tools) -> None:
    """It is gone from answers at once."""
    with tools.store.begin(agent.workspace_id) as tx:
        delete_article(tx, parse_id(article_id, "article"), str(agent.user.id))


@router.get("/v1/knowledge/search", summary="Search the knowledge base")
async def search_knowledge(
    agent: SignedIn,
    tools: Tools,
    q: Annotated[str, Query(min_length=1, max_length=2_000, description="What to look for.")],
    limit: Limit = 10,
) -> SearchView:
    """By meaning and by words, the way a chat turn searches: use it to see why a question found what it found."""
    if not (text := visible_text(q)):
        raise InvalidInput("q: must not be empty")
    embedder = tools.embedder_for(agent.workspace_id)
    vector = embedder.embed([text])[0]
    with tools.store.begin(agent.workspace_id) as tx:
        (assessed,) = assess(tx, Prepared(tx, embedder.model, [text]), [(text, vector)])
    results = [
        SearchResult(
            article_id=article.best.external_id,
            title=article.best.title,
            passage=article.best.text,
            score=round(article.share, 4),
            similarity=round(article.best.similarity, 4),
        )
        for article in assessed.found.articles[:limit]
    ]
    return SearchView(confidence=round(assessed.confidence, 4), results=results)


@router.get("/v1/knowledge/status", summary="See how much is indexed")
async def knowledge_status(agent: SignedIn, tools: Tools) -> StatusView:
    with tools.store.begin(agent.workspace_id) as tx:
        model = tx.embedding.active()
        now = tx.articles.status(model)
    return StatusView(
        articles=now.articles,
        indexed=now.indexed,
        failed=now.failed,
        chunks=now.chunks,
        embedding_model=model,
    )
