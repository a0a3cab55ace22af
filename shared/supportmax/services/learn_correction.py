"""An agent changed a ticket's category: its text becomes an example of that label, and counts at once."""

from uuid import UUID

from supportmax.domain.conversation import Message
from supportmax.domain.errors import NotFound
from supportmax.domain.events import CategoryChanged, Envelope
from supportmax.domain.tickets import Ticket
from supportmax.domain.triage import Label, NewExample
from supportmax.ports import Embedder, Store, Transaction
from supportmax.services.current_ticket import current_ticket
from supportmax.services.judge_text import classify_text
from supportmax.services.mail.message_text import question_of
from supportmax.services.screen_example import add_screened, retire
from supportmax.services.triage.corpus import Corpora

CONSUMER = "learn-correction"
FIRST_MESSAGES = 50


def learn_correction(embedder: Embedder, corpora: Corpora, store: Store, envelope: Envelope) -> None:
    """Handle CategoryChanged. What the ticket taught before is undone first, so changing it back leaves nothing."""
    event = envelope.event
    assert isinstance(event, CategoryChanged)
    with store.begin(envelope.workspace_id) as tx:
        message = _request(tx, event.ticket_id)
    vectors = embedder.embed([question_of(message)]) if message else []
    with store.begin(envelope.workspace_id) as tx:
        if not tx.inbox.first_time(CONSUMER, envelope.id):
            return
        ticket = current_ticket(tx, event.ticket_id)
        if ticket is None:
            return
        label = _taught(tx, ticket)
        for taught in tx.examples.of_ticket(ticket.id):
            if label is None or taught.label != label.name:
                retire(tx, taught, event.user_id)
        if label is None or message is None:
            return
        verdict = classify_text(corpora, tx, embedder.model, vectors[0])
        example = NewExample(label.id, question_of(message), vectors[0], ticket_id=ticket.id)
        add_screened(tx, embedder.model, example, label, tx.users.get(event.user_id), verdict)


def _request(tx: Transaction, ticket_id: UUID) -> Message | None:
    """What the customer asked for first."""
    messages = tx.messages.of_ticket(ticket_id, None, FIRST_MESSAGES)
    return next((message for message in messages if message.author_kind == "customer"), None)


def _taught(tx: Transaction, ticket: Ticket) -> Label | None:
    """The label of which the ticket is an example; None where its category is what triage had said by itself."""
    said = (ticket.triage or {}).get("label")
    if ticket.category is None or ticket.category == said:
        return None
    try:
        return tx.labels.by_name(ticket.category)
    except NotFound:  # `unsure`, or a label that is gone
        return None
