"""Make an article findable: split it into chunks, embed what is new, replace the old chunks in one step."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from supportmax.domain.errors import NotFound, PermanentFailure, TransientFailure
from supportmax.domain.events import ArticleChanged, Envelope
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import Article, Chunk, ChunkKind, Vector
from supportmax.ports import Embedder, Embedders, Store, Transaction

if TYPE_CHECKING:
    from semantic_text_splitter import MarkdownSplitter

# Characters. The model reads 256 tokens, about 1,000 characters; a passage is also what a customer gets to read.
PASSAGE = (400, 900)

Piece = tuple[ChunkKind, int, str]


def index_article(embedders: Embedders, store: Store, envelope: Envelope) -> None:
    """Handle ArticleChanged. Doing it twice, or late, ends in the same chunks, so it needs no inbox."""
    event = envelope.event
    assert isinstance(event, ArticleChanged)
    with store.begin(envelope.workspace_id) as tx:
        models = tx.embedding.hold()
    for model in models[:1]:
        index_with(embedders.named(model), store, envelope.workspace_id, event.article_id)
    for model in models[1:]:
        _index_spare(embedders, store, envelope.workspace_id, event.article_id, model)


def _index_spare(embedders: Embedders, store: Store, workspace_id: UUID, article_id: UUID, model: str) -> None:
    """A second index that has trouble must not hold up the first: the schedule fills in what it lacks."""
    try:
        index_with(embedders.named(model), store, workspace_id, article_id)
    except (PermanentFailure, TransientFailure) as failure:
        with store.begin(workspace_id) as tx:
            tx.embedding.trouble(failure.message)


def index_with(embedder: Embedder, store: Store, workspace_id: UUID, article_id: UUID) -> None:
    """Bring one article up to date in the index of one model."""
    with store.begin(workspace_id) as tx:
        try:
            article = tx.articles.get(article_id)
        except NotFound:
            return  # deleted in the meantime, its chunks with it
        known = tx.chunks.vectors(article.id, embedder.model)
    if embedder.model in article.indexed_with:
        return
    chunks = embed_pieces(embedder, split(article), known)
    with store.begin(workspace_id) as tx:
        _replace(tx, article, chunks, embedder.model)


def _replace(tx: Transaction, article: Article, chunks: list[Chunk], model: str) -> None:
    """Only if article and index are still those that were read: a newer edit has its own message on the way."""
    if model not in tx.embedding.hold():
        return
    try:
        current = tx.articles.get(article.id)
    except NotFound:
        return
    if current.content_hash == article.content_hash:
        tx.chunks.replace(article.id, model, article.language, chunks)
        tx.articles.mark_indexed(article.id, model, article.content_hash)


def split(article: Article) -> list[Piece]:
    """The title, each example question, and the body's passages: (kind, number, text)."""
    questions = [q.strip() for q in article.questions if q.strip()]
    pieces: list[Piece] = [("title", 0, article.title.strip())]
    pieces += [("question", n, text) for n, text in enumerate(dict.fromkeys(questions))]
    pieces += [("body", n, text) for n, text in enumerate(_splitter().chunks(article.body.strip()))]
    return pieces


def embed_pieces(embedder: Embedder, pieces: Sequence[Piece], known: dict[str, Vector]) -> list[Chunk]:
    """Chunks with their vectors; what was embedded before is not embedded again. The first piece is the title."""
    texts = meanings(pieces)
    new = list(dict.fromkeys(text for text in texts if text not in known))
    vectors = known | dict(zip(new, embedder.embed(new), strict=True))
    return [
        Chunk(id=new_id(), kind=kind, ordinal=n, text=text, embedding=vectors[meaning])
        for (kind, n, text), meaning in zip(pieces, texts, strict=True)
    ]


def meanings(pieces: Sequence[Piece]) -> list[str]:
    """What is embedded of each piece, the title being the first: a passage says what it is about only below its title.

    `vectors` of the chunks' repository puts the same together from what is stored.
    """
    title = pieces[0][2]
    return [f"{title}\n{text}" if kind == "body" else text for kind, _, text in pieces]


@cache
def _splitter() -> "MarkdownSplitter":
    from semantic_text_splitter import MarkdownSplitter

    return MarkdownSplitter(PASSAGE)
