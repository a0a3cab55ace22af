"""Whether something late is about what was erased: a queued message, or a mail that is delivered again."""

from uuid import UUID

from supportmax.domain.events import Envelope
from supportmax.domain.mail import ParsedMail
from supportmax.domain.privacy import mark_of_id, mark_of_words
from supportmax.ports import Store, Transaction


def was_erased(store: Store, envelope: Envelope) -> bool:
    """Whether a message names a ticket or a message that was erased: there is nothing to do then."""
    named = [value for value in envelope.event.model_dump().values() if isinstance(value, UUID)]
    with store.begin(envelope.workspace_id) as tx:
        return tx.privacy.knows([mark_of_id(value) for value in named]) is not None


def mail_was_erased(tx: Transaction, mail: ParsedMail, fingerprint: str, secret: str) -> bool:
    """The very same mail, or another one of the same sender from before the erasure. A new one is a new beginning."""
    marks = [mark_of_words(secret, "fingerprint", fingerprint)]
    if mail.message_id:
        marks.append(mark_of_words(secret, "message-id", mail.message_id))
    if tx.privacy.knows(marks):
        return True
    if mail.from_ is None or mail.date is None:
        return False
    erased_at = tx.privacy.knows([mark_of_words(secret, "address", mail.from_.address)])
    return erased_at is not None and mail.date <= erased_at
