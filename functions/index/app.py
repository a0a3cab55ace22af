"""Queue `index`: an article becomes chunks with embeddings, for each index of its workspace; and what else takes long:
the learning, changes of many tickets."""

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.fill_index import fill_index
from supportmax.services.index_article import index_article
from supportmax.services.learn import learn
from supportmax.services.update_many import update_many

WORK = {"ArticleChanged": index_article, "IndexFellBehind": fill_index, "LearningDue": learn}


def consume(tools: Container, envelope: Envelope) -> None:
    if envelope.event.type == "BulkUpdateRequested":
        update_many(tools.store, envelope)
    else:
        WORK[envelope.event.type](tools.embedders, tools.store, envelope)


handler = queue_handler(consume, *WORK, "BulkUpdateRequested")
