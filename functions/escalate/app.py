"""Queue `escalate`: a ticket goes to a human with a reason and a summary."""

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.escalate_ticket import EscalationMail, escalate_ticket


def consume(tools: Container, envelope: Envelope) -> None:
    mail = EscalationMail(tools.settings.mail_domain, tools.settings.response_promise)
    escalate_ticket(tools.store, envelope, mail)


handler = queue_handler(consume, "HandOverRequested")
