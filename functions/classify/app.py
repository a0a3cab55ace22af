"""Queue `classify`: category, priority, sentiment, language and spam of a ticket; and what agents correct of it."""

from supportmax.adapters.language import detect_language
from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.classify_ticket import Classifier, classify_ticket
from supportmax.services.learn_correction import learn_correction


def consume(tools: Container, envelope: Envelope) -> None:
    embedder = tools.embedder_for(envelope.workspace_id)
    if envelope.event.type == "CategoryChanged":
        learn_correction(embedder, tools.corpora, tools.store, envelope)
    else:
        classify_ticket(Classifier(embedder, tools.corpora, detect_language, tools.models), tools.store, envelope)


handler = queue_handler(consume, "TicketOpened", "CategoryChanged")
