"""The visitor of a chat asks for what was said in it, by mail.

A desk must not become a relay by which strangers write to strangers. A verified visitor gets it at the address that the
host site vouches for. A claimed one gets it once, at the address that they gave, without the links that they wrote.
"""

from datetime import timedelta

from supportmax.domain.chats import Chat
from supportmax.domain.clock import utcnow
from supportmax.domain.conversation import Message
from supportmax.domain.errors import Conflict, InvalidInput, TooManyRequests
from supportmax.domain.events import ReplyReady
from supportmax.domain.ids import new_id
from supportmax.domain.people import normal_email
from supportmax.domain.ticket_events import by_customer
from supportmax.ports import Transaction
from supportmax.services.answering.links import without_links
from supportmax.services.slow_down_guessing import hashed

DAY = timedelta(days=1)
# In a day: to one address, for one visitor's network address, of one workspace to addresses that nobody has checked.
TO_ONE_ADDRESS = 3
FROM_ONE_ADDRESS = 10
UNCHECKED = 500
SUBJECT = "Your chat with {desk}"
OPENING = "Hello,\n\nhere is what was said in your chat with {desk}, as you asked. Times are UTC.\n"
SPEAKERS = {"customer": "You", "agent": "Agent", "assistant": "Assistant", "system": "Desk"}
LONGEST = 1_000


def mail_transcript(tx: Transaction, chat: Chat, email: str | None, visitor_address: str, mail_domain: str) -> str:
    """Queue it, and say to which address. `visitor_address` is where the request comes from.

    Raises InvalidInput for another address than theirs, Conflict where it was sent before, TooManyRequests.
    """
    recipient = _recipient(chat, email)
    said = tx.messages.of_session(chat.id, None, LONGEST)
    if not said:
        raise Conflict("Nothing was said in this chat yet.")
    if not tx.chat_states.claim_transcript(chat.id, recipient, again_after=DAY if chat.visitor == "verified" else None):
        raise Conflict("The transcript of this chat was sent already.")
    _count(tx, chat, recipient, visitor_address)
    desk = tx.workspace.get().name
    message = tx.messages.add(
        Message(
            id=(message_id := new_id()),
            author_kind="system",
            visibility="internal",
            channel="email",
            subject=SUBJECT.format(desk=desk),
            body="\n".join([OPENING.format(desk=desk), *(_line(m, chat) for m in said)]),
            created_at=utcnow(),
            session_id=chat.id,
            mail_message_id=f"<{message_id}@{mail_domain}>",
            recipient=recipient,
            delivery="queued",
        )
    )
    tx.outbox.add(ReplyReady(message_id=message.id))
    if chat.ticket_id:
        tx.ticket_events.add(chat.ticket_id, "transcript_sent", by_customer(chat.requester_id), {})
    return recipient


def _recipient(chat: Chat, email: str | None) -> str:
    given = normal_email(email) if email else None
    theirs = normal_email(chat.visitor_email) if chat.visitor_email else None
    if theirs and given not in {None, theirs}:
        raise InvalidInput("email: the transcript goes to the address that the chat was begun with, or to none")
    if theirs:
        return theirs
    if chat.visitor == "verified":
        raise Conflict("The host site has given no address of yours.")
    if given is None:
        raise InvalidInput("email: the address that the transcript shall go to")
    return given


def _count(tx: Transaction, chat: Chat, recipient: str, visitor_address: str) -> None:
    limits = {f"transcript-to:{hashed(recipient)}": TO_ONE_ADDRESS}
    if chat.visitor != "verified":
        limits |= {f"transcript-from:{hashed(visitor_address)}": FROM_ONE_ADDRESS, "transcripts": UNCHECKED}
    for name, window in tx.sign_in_attempts.count(list(limits), DAY).items():
        if window.count > limits[name]:
            raise TooManyRequests("Too many transcripts today.", window.seconds_left)


def _line(message: Message, chat: Chat) -> str:
    text = message.body
    if message.author_kind == "customer" and chat.visitor != "verified":
        text = without_links(text)
    return f"[{message.created_at:%Y-%m-%d %H:%M}] {SPEAKERS[message.author_kind]}: {text}"
