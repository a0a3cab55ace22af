"""Queue `respond`: an answer to a classified mail, or a human."""

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.respond_to_ticket import respond_to_ticket


def consume(tools: Container, envelope: Envelope) -> None:
    respond_to_ticket(tools.answerer_for(envelope.workspace_id), tools.store, envelope, tools.settings.mail_domain)


handler = queue_handler(consume, "TicketClassified")
