"""Triage: labelled examples decide a ticket's category, priority, group and whether it is spam.

Too far from every example, or the examples divided: `unsure`, and a human decides, or a language model where there is
one. Nothing else asks a model.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from supportmax.domain.conversation import Message
from supportmax.domain.events import Envelope, HandOverRequested, TicketClassified, TicketOpened
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import Vector
from supportmax.domain.model_calls import CallOrigin
from supportmax.domain.ticket_events import by_system
from supportmax.domain.tickets import Priority, Ticket
from supportmax.domain.triage import UNSURE, Sentiment, Verdict
from supportmax.ports import Embedder, Store, Transaction
from supportmax.services.ask_model import Models
from supportmax.services.assign_ticket import assign
from supportmax.services.current_ticket import current_ticket
from supportmax.services.judge_text import classify_text
from supportmax.services.mail.message_text import question_of
from supportmax.services.triage.ask_which import ask_which
from supportmax.services.triage.corpus import Corpora
from supportmax.services.triage.mood import is_urgent, sentiment_of

# Spam is closed unanswered, so a customer taken for it is lost: only what is very like it counts.
SURE_OF_SPAM = 0.4
# What an angry or hurried customer's ticket gets at least.
HURRIED: Priority = "high"
CONSUMER = "classify"


@dataclass(frozen=True, slots=True)
class Classifier:
    """`detect_language` gives an ISO 639-1 code, or None for a text too short to tell; `models` decide the unsure."""

    embedder: Embedder
    corpora: Corpora
    detect_language: Callable[[str], str | None]
    models: Models | None = None


def classify_ticket(classifier: Classifier, store: Store, envelope: Envelope) -> None:
    """Handle TicketOpened: classify once, then pass on to an answer or to a human."""
    event = envelope.event
    assert isinstance(event, TicketOpened)
    with store.begin(envelope.workspace_id) as tx:
        text = question_of(tx.messages.get(event.message_id))
    judged = _judge(classifier, store, envelope, text)
    with store.begin(envelope.workspace_id) as tx:
        if not tx.inbox.first_time(CONSUMER, envelope.id):
            return
        ticket = current_ticket(tx, event.ticket_id)
        if ticket is None or ticket.status == "closed":
            return
        tx.ticket_vectors.save(ticket.id, classifier.embedder.model, judged.vector)
        ticket = tx.tickets.update(ticket.id, _changes(tx, ticket, judged), by_system("triage"))
        _pass_on(tx, ticket, event, judged.verdict, tx.messages.get(event.message_id))


@dataclass(frozen=True, slots=True)
class _Judged:
    """All that was found out about a text."""

    vector: Vector
    verdict: Verdict
    language: str | None
    sentiment: Sentiment
    urgent: bool


def _judge(classifier: Classifier, store: Store, envelope: Envelope, text: str) -> _Judged:
    model = classifier.embedder.model
    (vector,) = classifier.embedder.embed([text])
    with store.begin(envelope.workspace_id) as tx:
        verdict = classify_text(classifier.corpora, tx, model, vector)
    if verdict.unsure and classifier.models:
        verdict = _second_opinion(classifier.models, store, envelope, text, verdict)
    language, sentiment = classifier.detect_language(text), sentiment_of(text, vector, model)
    return _Judged(vector, verdict, language, sentiment, is_urgent(text))


def _second_opinion(models: Models, store: Store, envelope: Envelope, text: str, verdict: Verdict) -> Verdict:
    event = envelope.event
    assert isinstance(event, TicketOpened)
    with store.begin(envelope.workspace_id) as tx:
        ticket, labels = current_ticket(tx, event.ticket_id), tx.labels.list()
    if ticket is None or event.hand_over is not None or ticket.category not in {None, UNSURE}:
        return verdict  # a human has it already, or it is gone
    origin = CallOrigin(envelope.workspace_id, new_id(), ticket.session_id, ticket.requester_id, ticket.id)
    return ask_which(models.asking(store, origin), text, verdict, labels)


def _changes(tx: Transaction, ticket: Ticket, judged: _Judged) -> dict[str, Any]:
    """What was found out changes; a category or group that a person set stays."""
    verdict = judged.verdict
    at_least: Priority = HURRIED if judged.urgent or judged.sentiment == "negative" else ticket.priority
    changes: dict[str, Any] = {
        "triage": verdict.as_reason() | {"urgent": judged.urgent},
        "language": judged.language or ticket.language,
        "sentiment": judged.sentiment,
        "priority": _higher(ticket.priority, at_least),
    }
    if ticket.category not in {None, UNSURE}:
        return changes
    if verdict.label is None:
        return changes | {"category": UNSURE}
    label = tx.labels.by_name(verdict.label)
    if label.is_spam and verdict.confidence < SURE_OF_SPAM:
        return changes | {"category": UNSURE}
    changes |= {"category": label.name, "priority": _higher(changes["priority"], label.priority)}
    if ticket.group_id is None:
        changes["group_id"] = label.group_id
    if label.is_spam:
        changes |= {"tags": sorted({*ticket.tags, "spam"}), "status": "closed"}
    return changes


_URGENCY: tuple[Priority, ...] = ("low", "normal", "high", "urgent")


def _higher(stored: Priority, suggested: Priority) -> Priority:
    """`normal` is what nobody chose; anything else was chosen, and triage may only raise it."""
    return suggested if stored == "normal" else max(stored, suggested, key=_URGENCY.index)


def _pass_on(tx: Transaction, ticket: Ticket, event: TicketOpened, verdict: Verdict, message: Message) -> None:
    if "spam" in ticket.tags or ticket.status == "solved":  # somebody was faster
        return
    if event.hand_over is not None:
        tx.outbox.add(HandOverRequested(ticket_id=ticket.id, reason=event.hand_over))
    elif verdict.unsure or ticket.category == UNSURE:
        tx.outbox.add(HandOverRequested(ticket_id=ticket.id, reason="triage is unsure what this is about"))
    elif message.channel == "email":
        tx.outbox.add(TicketClassified(ticket_id=ticket.id, message_id=message.id))
    elif message.channel == "api" and ticket.group_id and ticket.assignee_id is None:
        assign(tx, ticket, "its group has it now")
