"""Queue `index`: an article becomes chunks with embeddings."""

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.index_article import index_article


def consume(tools: Container, envelope: Envelope) -> None:
    index_article(tools.embedder, tools.store, envelope)


handler = queue_handler(consume, "ArticleChanged")
