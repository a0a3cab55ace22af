"""Articles and their chunks."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from supportmax.adapters.postgres.chunk_search import ChunkSearch
from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.adapters.postgres.vectors import from_text, to_text
from supportmax.domain.errors import Conflict, NotFound
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import Article, ArticleDraft, Chunk, IndexStatus, Probe, Vector

_TEXT_CONFIG = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "sv": "swedish",
}


class Articles(Repository):
    file = "knowledge"

    def get(self, article_id: UUID) -> Article:
        return self.one(Article, "get", id=article_id)

    def list(self, after: UUID | None, limit: int) -> list[Article]:
        return self.many(Article, "list", after=after, limit=limit)

    def status(self, embedding_model: str) -> IndexStatus:
        return self.one(IndexStatus, "status", model=embedding_model)

    def save(self, draft: ArticleDraft, article_id: UUID | None = None) -> tuple[Article, str]:
        values = asdict(draft) | {"content_hash": draft.content_hash()}
        stored = self.maybe(Article, "by_external_id", external_id=draft.external_id)
        if article_id is not None:
            if stored is not None and stored.id != article_id:
                raise Conflict(f"Another article has the external_id {draft.external_id!r}.")
            stored = self.get(article_id)
        if stored is None:
            return self.one(Article, "add", id=new_id(), **values), "created"
        if (stored.content_hash, stored.external_id) == (values["content_hash"], draft.external_id):
            return stored, "unchanged"
        return self.one(Article, "update", id=stored.id, **values), "updated"

    def delete(self, article_id: UUID) -> None:
        if not self.run("delete", id=article_id):
            raise NotFound("No such article.")

    def mark_indexed(self, article_id: UUID, model: str, content_hash: str) -> None:
        self.send("mark_indexed", id=article_id, model=model, content_hash=content_hash)


class Chunks(ChunkSearch):
    """Chunks of articles, written and found."""

    def vectors(self, article_id: UUID, model: str) -> dict[str, Vector]:
        rows = self.rows("chunk_vectors", article_id=article_id, model=model)
        return {row["text"]: from_text(row["embedding"]) for row in rows}

    def probes(self, model: str, limit: int) -> list[Probe]:
        rows = self.rows("probes", model=model, limit=limit)
        return [Probe(**row | {"vector": from_text(row["vector"])}) for row in rows]

    def replace(self, article_id: UUID, model: str, language: str, chunks: Sequence[Chunk]) -> None:
        self.send("delete_chunks", article_id=article_id, model=model)
        text_config = _TEXT_CONFIG.get(language, "simple")
        shared = {"article_id": article_id, "model": model, "text_config": text_config}
        rows = [columns(chunk) | shared | {"embedding": to_text(chunk.embedding)} for chunk in chunks]
        self.run_many("add_chunk", rows)
        self.send("note_indexed", model=model, added=len(rows), text_config=text_config)
