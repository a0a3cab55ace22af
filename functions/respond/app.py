"""Queue `respond`: an answer to a classified mail, or a human."""

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.emf import note_turn
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.respond_to_ticket import respond_to_ticket


def consume(tools: Container, envelope: Envelope) -> None:
    answerer = tools.answerer_for(envelope.workspace_id)
    turn = respond_to_ticket(answerer, tools.store, envelope, tools.settings.mail_domain)
    if turn:
        note_turn(turn.action, turn.latency_ms)


handler = queue_handler(consume, "TicketClassified")
