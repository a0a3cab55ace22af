"""Queue `email-send`: a stored message leaves as mail, or an invitation, a link for a new password, a notice."""

from supportmax.adapters.mail.ses import ses_message_id_domain
from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container
from supportmax.runtime.emf import emit
from supportmax.runtime.queue_handler import queue_handler
from supportmax.services.ask_satisfaction import SatisfactionMail, send_question
from supportmax.services.notify import NoticeMail, mail_notice
from supportmax.services.send_account_mail import AccountMail, send_account_mail
from supportmax.services.send_mail import Sender, send_mail
from supportmax.services.tell_of_webhook import tell_of_webhook


def send_reply(tools: Container, envelope: Envelope) -> None:
    settings = tools.settings
    sender = Sender(
        tools.mailer,
        settings.mail_from,
        settings.workspace_name,
        tools.reply_addresses,
        ses_message_id_domain(),
        tools.attachments,
    )
    if send_mail(sender, tools.store, envelope):
        emit("MailsOut", 1)


def send_link(tools: Container, envelope: Envelope) -> None:
    settings = tools.settings
    send_account_mail(
        AccountMail(tools.mailer, settings.mail_from, settings.app_url, tools.token_secret), tools.store, envelope
    )


def send_notice(tools: Container, envelope: Envelope) -> None:
    tell_of_webhook(tools.mailer, tools.settings.mail_from, tools.store, envelope)


def ask_customer(tools: Container, envelope: Envelope) -> None:
    settings = tools.settings
    post = SatisfactionMail(
        tools.mailer, settings.mail_from, tools.reply_addresses, settings.api_url, tools.token_secret
    )
    send_question(post, tools.store, envelope)


def tell_agent(tools: Container, envelope: Envelope) -> None:
    settings = tools.settings
    mail_notice(NoticeMail(tools.mailer, settings.mail_from, settings.app_url), tools.store, envelope)


WORK = {
    "SatisfactionAsked": ask_customer,
    "NoticeToMail": tell_agent,
    "ReplyReady": send_reply,
    "AccountLinkMade": send_link,
    "WebhookDisabled": send_notice,
}


def consume(tools: Container, envelope: Envelope) -> None:
    WORK[envelope.event.type](tools, envelope)


handler = queue_handler(consume, *WORK)
