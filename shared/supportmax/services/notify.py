"""People are told what happened, each as they want to hear of it: at the desk, by mail, both, or not at all."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

from supportmax.domain.errors import NotFound, OutcomeUnknown
from supportmax.domain.events import Envelope, NoticeToMail
from supportmax.domain.notifications import Notice, NoticeKind, Preference, with_defaults
from supportmax.domain.people import User
from supportmax.ports import Mailer, Store, Transaction
from supportmax.services.answering.links import defanged
from supportmax.services.mail.desk_mail import desk_mail, one_line

SUBJECT_LIMIT = 150


@dataclass(frozen=True, slots=True)
class NoticeMail:
    """`app_url` is where people use the desk; without one the mail holds no link."""

    mailer: Mailer
    sender: str
    app_url: str


def notify(tx: Transaction, user_ids: Collection[UUID], ticket_id: UUID | None, text: str, kind: NoticeKind) -> None:
    """Whoever wants neither is not told."""
    chosen = tx.notification_preferences.of_users(user_ids) if user_ids else {}
    for user_id in sorted(user_ids):
        wanted = _of_kind(chosen.get(user_id, []), kind)
        if wanted.in_app or wanted.mail:
            notice_id = tx.notifications.add(user_id, ticket_id, text, kind, wanted.in_app)
            if wanted.mail:
                tx.outbox.add(NoticeToMail(notification_id=notice_id))


def preference(tx: Transaction, user_id: UUID, kind: NoticeKind) -> Preference:
    return _of_kind(tx.notification_preferences.of_users([user_id]).get(user_id, []), kind)


def _of_kind(chosen: list[Preference], kind: NoticeKind) -> Preference:
    return next(wanted for wanted in with_defaults(chosen) if wanted.kind == kind)


def mail_notice(post: NoticeMail, store: Store, envelope: Envelope) -> None:
    """Handle NoticeToMail. A mail that may have gone out already says the same when it is sent again."""
    event = envelope.event
    assert isinstance(event, NoticeToMail)
    with store.begin(envelope.workspace_id) as tx:
        notice = tx.notifications.to_mail(event.notification_id)
        user = _recipient(tx, notice) if notice else None
        desk = tx.workspace.get().name
    if notice is None or user is None:
        return
    with suppress(OutcomeUnknown):  # it is told at the desk, too, unless they do not want that
        post.mailer.send(_mail(post, notice, user, desk).as_bytes(), post.sender, str(user.email))
    with store.begin(envelope.workspace_id) as tx:
        tx.notifications.mailed(notice.id)


def _recipient(tx: Transaction, notice: Notice) -> User | None:
    """None for somebody who left, or a ticket that was deleted meanwhile."""
    try:
        account = tx.accounts.get(notice.user_id)
        if notice.ticket_id:
            tx.tickets.get(notice.ticket_id)
        return None if account.deactivated_at or not account.email else tx.users.get(notice.user_id)
    except NotFound:
        return None


def _mail(post: NoticeMail, notice: Notice, user: User, desk: str) -> EmailMessage:
    text = defanged(one_line(notice.text))
    subject = text if len(text) <= SUBJECT_LIMIT else f"{text[:SUBJECT_LIMIT].rsplit(' ', 1)[0]} …"
    where = f"\n{post.app_url.rstrip('/')}/tickets/{notice.ticket_id}\n" if post.app_url and notice.ticket_id else ""
    closing = "You get this mail because of your notification preferences."
    return desk_mail(notice.id, (desk, post.sender), str(user.email), subject, f"{text}\n{where}\n{closing}\n")
