"""Queue `email-send`: one stored message leaves as mail."""

from supportmax.adapters.mail.ses import ses_message_id_domain
from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.send_mail import Sender, send_mail


def consume(tools: Container, envelope: Envelope) -> None:
    settings = tools.settings
    sender = Sender(
        tools.mailer,
        settings.mail_from,
        settings.workspace_name,
        tools.reply_addresses,
        ses_message_id_domain(),
        tools.attachments,
    )
    send_mail(sender, tools.store, envelope)


handler = queue_handler(consume, "ReplyReady")
