"""Knowledge articles, and the chunks by which they are found."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

ArticleStatus = Literal["draft", "published", "archived"]
ChunkKind = Literal["title", "question", "body"]
Vector = Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDraft:
    """An article as its author gives it. `external_id` is the author's own id: importing it again updates it."""

    external_id: str
    title: str
    body: str
    questions: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    language: str = "en"
    status: ArticleStatus = "published"

    def content_hash(self) -> str:
        """Changes when anything that readers or the index see changes."""
        parts = [self.title, self.body, self.questions, self.topics, self.language, self.status]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article as stored. `indexed_with` are the embedding models by which it is found as it is now."""

    id: UUID
    external_id: str
    title: str
    body: str
    questions: list[str]
    topics: list[str]
    language: str
    status: ArticleStatus
    content_hash: str
    indexed_with: list[str]
    index_error: str | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of an article with its embedding (unit length)."""

    id: UUID
    kind: ChunkKind
    ordinal: int
    text: str
    embedding: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A chunk that a search found. `similarity` is the cosine, `size` the bytes of the article's body.

    `word_rank` is the share of the question's words that the chunk holds, each counting by its rarity: 0 to 1. `whole`
    says that all passages of its article are among the hits.
    """

    chunk_id: UUID
    article_id: UUID
    external_id: str
    title: str
    topics: list[str]
    kind: ChunkKind
    ordinal: int
    text: str
    similarity: float
    word_rank: float
    language: str = "en"
    size: int = 0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """A title or example question, to be asked as a customer would, and the article that it is of."""

    chunk_id: UUID
    external_id: str
    topics: list[str]
    text: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import did."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How much of the knowledge base can be found by now."""

    articles: int
    indexed: int
    failed: int
    chunks: int
