"""Triage: the labelled examples nearest to a ticket decide its category, priority, group and whether it is spam.

No model call. Too far from every example, or the neighbours divided: `unsure`, and a human decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from supportmax.domain.conversation import Message
from supportmax.domain.events import Envelope, HandOverRequested, TicketClassified, TicketOpened
from supportmax.domain.tickets import Priority, Ticket
from supportmax.domain.triage import UNSURE, Verdict
from supportmax.ports import Embedder, Store, Transaction
from supportmax.services.judge_text import classify_text
from supportmax.services.mail.message_text import question_of

# Spam is closed unanswered, so a customer taken for it is lost: only what is very like it counts.
SURE_OF_SPAM = 0.4
CONSUMER = "classify"


@dataclass(frozen=True, slots=True)
class Classifier:
    """`detect_language` gives an ISO 639-1 code, or None for a text too short to tell."""

    embedder: Embedder
    detect_language: Callable[[str], str | None]


def classify_ticket(classifier: Classifier, store: Store, envelope: Envelope) -> None:
    """Handle TicketOpened: classify once, then pass on to an answer or to a human."""
    event = envelope.event
    assert isinstance(event, TicketOpened)
    with store.begin(envelope.workspace_id) as tx:
        text = question_of(tx.messages.get(event.message_id))
    vector = classifier.embedder.embed([text])[0]
    language = classifier.detect_language(text)
    with store.begin(envelope.workspace_id) as tx:
        if not tx.inbox.first_time(CONSUMER, envelope.id):
            return
        ticket = tx.tickets.lock(event.ticket_id)
        verdict = classify_text(tx, classifier.embedder.model, vector)
        tx.tickets.update(ticket.id, _changes(tx, ticket, verdict, language))
        _pass_on(tx, event, verdict, tx.messages.get(event.message_id))


def _changes(tx: Transaction, ticket: Ticket, verdict: Verdict, language: str | None) -> dict[str, Any]:
    """What the verdict changes; a category or group that a person set stays."""
    changes: dict[str, Any] = {"triage": verdict.as_reason(), "language": language or ticket.language}
    if ticket.category not in {None, UNSURE}:
        return changes
    if verdict.label is None:
        return changes | {"category": UNSURE}
    label = tx.labels.by_name(verdict.label)
    if label.is_spam and verdict.confidence < SURE_OF_SPAM:
        return changes | {"category": UNSURE}
    changes |= {"category": label.name, "priority": _higher(ticket.priority, label.priority)}
    if ticket.group_id is None:
        changes["group_id"] = label.group_id
    if label.is_spam:
        changes |= {"tags": sorted({*ticket.tags, "spam"}), "status": "closed"}
    return changes


_URGENCY: tuple[Priority, ...] = ("low", "normal", "high", "urgent")


def _higher(stored: Priority, suggested: Priority) -> Priority:
    """`normal` is what nobody chose; anything else was chosen, and triage may only raise it."""
    return suggested if stored == "normal" else max(stored, suggested, key=_URGENCY.index)


def _pass_on(tx: Transaction, event: TicketOpened, verdict: Verdict, message: Message) -> None:
    ticket = tx.tickets.get(event.ticket_id)
    if "spam" in ticket.tags:
        return
    if event.hand_over is not None:
        tx.outbox.add(HandOverRequested(ticket_id=ticket.id, reason=event.hand_over))
    elif verdict.unsure or ticket.category == UNSURE:
        tx.outbox.add(HandOverRequested(ticket_id=ticket.id, reason="triage is unsure what this is about"))
    elif message.channel == "email":
        tx.outbox.add(TicketClassified(ticket_id=ticket.id, message_id=message.id))
