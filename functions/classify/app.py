"""Queue `classify`: category, priority, language and spam of a ticket."""

from supportmax.adapters.language import detect_language
from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.classify_ticket import Classifier, classify_ticket


def consume(tools: Container, envelope: Envelope) -> None:
    classify_ticket(Classifier(tools.embedder_for(envelope.workspace_id), detect_language), tools.store, envelope)


handler = queue_handler(consume, "TicketOpened")
