"""Queue `webhook-send`: an event leaves to a webhook's endpoint."""

from datetime import timedelta

from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.send_webhook import WebhookSender, send_webhook


def consume(tools: Container, envelope: Envelope) -> None:
    disable_after = timedelta(hours=tools.settings.webhook_disable_after_hours)
    send_webhook(WebhookSender(tools.webhook_post, tools.token_secret, disable_after), tools.store, envelope)


handler = queue_handler(consume, "WebhookDue")
