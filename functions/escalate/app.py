"""Queue `escalate`: a ticket goes to a human with a reason and a summary; triggers and automations act."""

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.escalate_ticket import EscalationMail, escalate_ticket
from supportmax.services.rules.run_automation import run_automation
from supportmax.services.rules.run_triggers import run_triggers


def consume(tools: Container, envelope: Envelope) -> None:
    domain = tools.settings.mail_domain
    if envelope.event.type == "TicketTouched":
        run_triggers(tools.store, envelope, domain)
    elif envelope.event.type == "AutomationDue":
        run_automation(tools.store, envelope, domain)
    else:
        escalate_ticket(tools.store, envelope, EscalationMail(domain, tools.settings.response_promise))


handler = queue_handler(consume, "HandOverRequested", "TicketTouched", "AutomationDue")
