"""Articles, their chunks, and the turns that used them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NewType, Protocol
from uuid import UUID

from supportmax.domain.answers import Turn
from supportmax.domain.conversation import Message
from supportmax.domain.explanation import RecordedTurn
from supportmax.domain.knowledge import Article, ArticleDraft, Chunk, Hit, IndexStatus, Probe, Vector
from supportmax.ports.pending import Pending


class ArticleReader(Protocol):
    def get(self, article_id: UUID) -> Article:
        """Raises NotFound."""

    def list(self, after: UUID | None, limit: int) -> list[Article]: ...
    def status(self, embedding_model: str) -> IndexStatus: ...


class ArticleWriter(Protocol):
    def save(self, draft: ArticleDraft, article_id: UUID | None = None) -> tuple[Article, str]:
        """Create or update by external id (or by `article_id`); the second is `created`, `updated` or `unchanged`."""

    def delete(self, article_id: UUID) -> None:
        """With all its chunks. Raises NotFound."""

    def mark_indexed(self, article_id: UUID, model: str, content_hash: str) -> None:
        """The article's chunks of `model` are of this content."""


class ArticleRepository(ArticleReader, ArticleWriter, Protocol):
    """Knowledge articles of the workspace."""


class ChunkWriter(Protocol):
    def vectors(self, article_id: UUID, model: str) -> dict[str, Vector]:
        """What was embedded with `model` for each chunk (a passage below its title), with its vector."""

    def replace(self, article_id: UUID, model: str, language: str, chunks: Sequence[Chunk]) -> None:
        """These are the article's chunks from now on."""


# What only the store that prepared it can read.
PreparedSearch = NewType("PreparedSearch", object)


class ChunkSearch(Protocol):
    def search(self, vector: Vector, words: str, model: str, limit: int) -> list[Hit]:
        """The nearest chunks and those sharing words with `words`, up to `limit` of each; published articles only.

        The passages of the nearest article are always among them, unless it is very long.
        """

    def prepare(self, texts: Sequence[str], model: str, limit: int) -> PreparedSearch:
        """Ask for what searches for these texts need beside vectors: for this transaction and the thread's next one."""

    def search_later(self, vector: Vector, words: str, prepared: PreparedSearch) -> Pending[list[Hit]]:
        """The same as `search`, for one of the prepared texts."""

    def body_of(self, article_id: UUID, vector: Vector, model: str) -> list[Hit]:
        """The article's own passages in reading order, each with its similarity."""


class ChunkSample(Protocol):
    def probes(self, model: str, limit: int) -> list[Probe]:
        """Titles and example questions of published articles, the same ones each time."""


class ChunkRepository(ChunkWriter, ChunkSearch, ChunkSample, Protocol):
    """Chunks of the workspace."""


class TurnWriter(Protocol):
    def add(self, turn: Turn) -> None: ...
    def add_with_reply(self, turn: Turn, reply: Message) -> Callable[[], bool]:
        """Store both unless the session has a ticket by now. Call what is returned, after the commit, for whether."""


class TurnRepository(TurnWriter, Protocol):
    def recent(self, session_id: UUID, limit: int) -> list[Turn]:
        """Newest first."""

    def machine_mails(self, ticket_id: UUID, since: datetime) -> int:
        """How many automatic mails the ticket had since then."""

    def of_message(self, message_id: UUID) -> RecordedTurn:
        """The turn that a message began, or that gave this reply. Raises NotFound."""
