"""Mail an administrator that a webhook was switched off."""

from contextlib import suppress

from supportmax.domain.errors import NotFound, OutcomeUnknown
from supportmax.domain.events import Envelope, WebhookDisabled
from supportmax.domain.webhooks import Endpoint
from supportmax.ports import Mailer, Store
from supportmax.services.mail.desk_mail import desk_mail, one_line

REASONS = {
    "gone": "Its receiver answered 410 Gone: it does not want anything any more.",
    "failing": "Its receiver has taken nothing for days.",
}
TEXT = """Hello {name},

the webhook to {url} was switched off. {reason}

What happens meanwhile is not sent there. When the receiver works again, switch the webhook on (PATCH
/v1/webhooks/{id} with "enabled": true) and replay what it missed; its log lists it.
"""


def tell_of_webhook(mailer: Mailer, sender: str, store: Store, envelope: Envelope) -> None:
    """Handle WebhookDisabled. A mail that may have gone out already says the same when it is sent again."""
    event = envelope.event
    assert isinstance(event, WebhookDisabled)
    with store.begin(envelope.workspace_id) as tx:
        try:
            endpoint, account = tx.webhook_endpoints.get(event.endpoint_id), tx.accounts.get(event.user_id)
        except NotFound:  # deleted meanwhile
            return
        desk = tx.workspace.get().name
    if endpoint.enabled or account.deactivated_at or not account.email:
        return
    text = _text(endpoint, account.name)
    mail = desk_mail(envelope.id, (desk, sender), account.email, "A webhook was switched off", text)
    with suppress(OutcomeUnknown):  # it is said at the desk, too
        mailer.send(mail.as_bytes(), sender, account.email)


def _text(endpoint: Endpoint, name: str) -> str:
    reason = REASONS[endpoint.disabled_because or "failing"]
    return TEXT.format(name=one_line(name), url=endpoint.url, id=endpoint.id, reason=reason)
