"""Mail an invitation or a link for a new password. The link is made here, so that no queue or table ever holds it."""

from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage

from supportmax.domain.access import AccountLink
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import NotFound, OutcomeUnknown
from supportmax.domain.events import AccountLinkMade, Envelope
from supportmax.domain.people import User
from supportmax.ports import Mailer, Store
from supportmax.services.mail.desk_mail import desk_mail, one_line
from supportmax.services.tokens import link_token

SUBJECTS = {"invitation": "You are invited to {desk}", "password-reset": "A new password for {desk}"}
OPENINGS = {
    "invitation": "Hello {name},\n\nyou are invited to work at {desk}. Choose a password here:",
    "password-reset": ("Hello {name},\n\nsomebody, you we hope, asked for a new password at {desk}. Choose it here:"),
}
CLOSING = "It is good once, until {until} UTC. If this was not you, do nothing: everything stays as it is."


@dataclass(frozen=True, slots=True)
class AccountMail:
    """`app_url` is where people use the desk; without one the mail holds the bare token. `secret` signs tokens."""

    mailer: Mailer
    sender: str
    app_url: str
    secret: str


def send_account_mail(post: AccountMail, store: Store, envelope: Envelope) -> None:
    """Handle AccountLinkMade. A mail that may have gone out already says the same when it is sent again."""
    event = envelope.event
    assert isinstance(event, AccountLinkMade)
    with store.begin(envelope.workspace_id) as tx:
        link = tx.account_links.get(event.link_id)
        if link is None or link.mailed_at or link.used_at or link.expires_at <= utcnow():
            return
        user, desk = tx.users.get(link.user_id), tx.workspace.get()
    if not user.email:
        raise NotFound("They have no e-mail address any more.")
    token = link_token(link.id, link.purpose, link.expires_at, desk.id, post.secret)
    mail = _mail(post, link, user, desk.name, token)
    with suppress(OutcomeUnknown):  # they can ask again
        post.mailer.send(mail.as_bytes(), post.sender, user.email)
    with store.begin(envelope.workspace_id) as tx:
        tx.account_links.mailed(link.id)


def _mail(post: AccountMail, link: AccountLink, user: User, desk: str, token: str) -> EmailMessage:
    opening = OPENINGS[link.purpose].format(name=one_line(user.name), desk=one_line(desk))
    closing = CLOSING.format(until=f"{link.expires_at:%Y-%m-%d %H:%M}")
    text = f"{opening}\n\n{_where(post.app_url, link, token)}\n\n{closing}\n"
    subject = SUBJECTS[link.purpose].format(desk=desk)
    return desk_mail(link.id, (desk, post.sender), str(user.email), subject, text)


def _where(app_url: str, link: AccountLink, token: str) -> str:
    """The token stands behind the #: no server on the way, and no referrer, gets to see it."""
    return f"{app_url.rstrip('/')}/{link.purpose}#token={token}" if app_url else token
