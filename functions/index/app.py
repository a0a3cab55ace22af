"""Queue `index`: an article becomes chunks with embeddings, for each index of its workspace."""

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.fill_index import fill_index
from supportmax.services.index_article import index_article


def consume(tools: Container, envelope: Envelope) -> None:
    work = fill_index if envelope.event.type == "IndexFellBehind" else index_article
    work(tools.embedders, tools.store, envelope)


handler = queue_handler(consume, "ArticleChanged", "IndexFellBehind")
