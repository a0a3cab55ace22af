"""Queue `index`: an article becomes chunks with embeddings, for each index of its workspace; and what else takes long:
the learning, changes of many tickets, exports and erasures."""

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.erase_person import erase_person
from supportmax.services.export_person import export_person
from supportmax.services.fill_index import fill_index
from supportmax.services.index_article import index_article
from supportmax.services.learn import learn
from supportmax.services.let_go import let_go
from supportmax.services.privacy_jobs import Closet
from supportmax.services.update_many import update_many

WORK = {"ArticleChanged": index_article, "IndexFellBehind": fill_index, "LearningDue": learn}


# What takes the files along.
PRIVATE = {"ExportRequested": export_person, "ErasureRequested": erase_person, "RetentionDue": let_go}


def consume(tools: Container, envelope: Envelope) -> None:
    kind = envelope.event.type
    if kind == "BulkUpdateRequested":
        update_many(tools.store, envelope)
    elif kind in PRIVATE:
        PRIVATE[kind](Closet(tools.inbound, tools.attachments, tools.token_secret), tools.store, envelope)
    else:
        WORK[kind](tools.embedders, tools.store, envelope)


handler = queue_handler(consume, *WORK, *PRIVATE, "BulkUpdateRequested")
