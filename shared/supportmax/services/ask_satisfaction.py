"""Ask a customer, once for each solved ticket, how the help was: by mail, with a link that needs no sign-in."""

from contextlib import suppress
from dataclasses import dataclass, replace
from email.message import EmailMessage

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import NotFound, OutcomeUnknown, PermanentFailure
from supportmax.domain.events import Envelope, SatisfactionAsked
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.domain.satisfaction import OPEN_FOR, Rating
from supportmax.domain.ticket_events import by_system
from supportmax.domain.tickets import Ticket
from supportmax.ports import Mailer, Store, Transaction
from supportmax.services.answering.links import without_links
from supportmax.services.mail.desk_mail import desk_mail
from supportmax.services.mail.reply_address import ReplyAddresses
from supportmax.services.tokens import link_token

AT_ONCE = 200
WORDS = (
    "Hello{name},\n\nyour request #{number} was solved{about}. How was our help?\n\nGood: {link}?score=good\n"
    "Bad: {link}?score=bad\n\nThe page lets you add a comment. If something is still open, just answer this mail.\n"
)


@dataclass(frozen=True, slots=True)
class SatisfactionMail:
    """`api_url` is where the API can be reached from outside; `secret` signs the link."""

    mailer: Mailer
    sender: str
    addresses: ReplyAddresses
    api_url: str
    secret: str


def ask_those_due(tx: Transaction) -> int:
    """Returns how many. Those beyond the first ones come a minute later."""
    settings = tx.satisfaction_settings.get()
    now = utcnow()
    due = tx.satisfaction.due(now, settings, AT_ONCE) if settings.enabled else []
    for ticket in due:
        rating = Rating(id=new_id(), ticket_id=ticket.id, requester_id=ticket.requester_id, asked_at=now)
        tx.satisfaction.save(rating)
        tx.outbox.add(SatisfactionAsked(rating_id=rating.id))
    return len(due)


def send_question(post: SatisfactionMail, store: Store, envelope: Envelope) -> None:
    """Handle SatisfactionAsked. A mail that may have gone out already says the same when it is sent again."""
    event = envelope.event
    assert isinstance(event, SatisfactionAsked)
    if not post.api_url:
        raise PermanentFailure("where customers reach the API is not set: the link would lead nowhere")
    with store.begin(envelope.workspace_id) as tx:
        found = _still_to_ask(tx, event)
        desk = tx.workspace.get()
    if found is None:
        return
    rating, ticket, user = found
    token = link_token(rating.id, "satisfaction", rating.asked_at + OPEN_FOR, desk.id, post.secret)
    mail = _mail(post, found, desk.name, f"{post.api_url.rstrip('/')}/v1/satisfaction/{token}")
    with suppress(OutcomeUnknown):
        post.mailer.send(mail.as_bytes(), post.sender, str(user.email))
    with store.begin(envelope.workspace_id) as tx:
        tx.satisfaction.save(replace(tx.satisfaction.lock(rating.id), mailed_at=utcnow()))
        tx.ticket_events.add(ticket.id, "satisfaction_asked", by_system("asked how the help was"), {})


def _still_to_ask(tx: Transaction, event: SatisfactionAsked) -> tuple[Rating, Ticket, User] | None:
    """A ticket that is open again meanwhile is asked about when it is solved again."""
    try:
        rating = tx.satisfaction.lock(event.rating_id)
        ticket = tx.tickets.get(rating.ticket_id)
    except NotFound:
        return None
    if rating.mailed_at:
        return None
    user = tx.users.get(ticket.requester_id) if ticket.requester_id else None
    if ticket.status not in {"solved", "closed"} or user is None or not user.email:
        tx.satisfaction.forget(rating.id)
        return None
    return rating, ticket, user


def _mail(post: SatisfactionMail, asked: tuple[Rating, Ticket, User], desk: str, link: str) -> EmailMessage:
    rating, ticket, user = asked
    name, subject = without_links(user.name), without_links(ticket.subject)
    words = WORDS.format(
        name=f" {name.split(maxsplit=1)[0]}" if name and "@" not in name else "",
        number=ticket.number,
        about=f" ({subject})" if subject else "",
        link=link,
    )
    title = f"How was our help with #{ticket.number}?"
    mail = desk_mail(rating.id, (desk, post.sender), str(user.email), title, words)
    mail["Reply-To"] = post.addresses.for_ticket(ticket.id, str(user.email))
    return mail
