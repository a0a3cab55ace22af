"""Whether what one agent says counts at once, or waits for a second opinion.

Whoever corrects triage teaches it, so one person's mistakes must not become everybody's: what contradicts the examples
strongly waits, and so does what would make one agent's word most of a label. An administrator is taken at their word.
"""

from uuid import UUID

from supportmax.domain.people import User
from supportmax.domain.triage import Label, LabelledExample, NewExample, Verdict
from supportmax.ports import Transaction

# This far ahead, another label has the text's whole neighbourhood.
CONTRADICTED = 0.5
# An agent may bring that many examples of a label, then a quarter of all that it has.
FREE = 5
SHARE = 0.25
# Two people mean the same when their texts are this alike.
SAME_MATTER = 0.85


def screen(tx: Transaction, label: Label, user: User, verdict: Verdict) -> str | None:
    """Why it waits; None: it counts at once. `verdict`: what the examples say of the text without it."""
    if user.role == "admin":
        return None
    if verdict.label is not None and verdict.label != label.name and verdict.confidence >= CONTRADICTED:
        return f"the examples say {verdict.label}"
    own, total = tx.examples.shares(label.id, user.id)
    if own >= FREE and own + 1 > SHARE * (total + 1):
        return f"{own} of {total} examples of {label.name} are corrections by the same agent"
    return None


def add_screened(tx: Transaction, model: str, example: NewExample, label: Label, user: User, verdict: Verdict) -> bool:
    """Store it, with what it settles; returns whether it counts already.

    A second agent who says the same of a like text is the second opinion, for both.
    """
    agreeing = [
        other
        for other in tx.examples.waiting_near(label.id, example.vector, SAME_MATTER, model)
        if other.created_by != user.id
    ]
    waits_for = None if agreeing else screen(tx, label, user, verdict)
    stored = NewExample(
        label.id, example.text, example.vector, "agent", waits_for, example.ticket_id, created_by=user.id
    )
    for other in agreeing:
        count_it(tx, other, user.id)
    for added in tx.examples.add([stored], model):
        detail = {"label": label.name, "waits_for": waits_for, "ticket_id": str(example.ticket_id or "")}
        tx.audit.add(str(user.id), "example.added", "labelled_example", added, detail)
    if waits_for is None:
        _replace_others(tx, example.text, label.name, user.id)
    return waits_for is None


def count_it(tx: Transaction, example: LabelledExample, user_id: UUID) -> None:
    """From now on it counts, in place of what said otherwise of the very same text."""
    tx.examples.set_status(example.id, "active", user_id)
    tx.audit.add(str(user_id), "example.approved", "labelled_example", example.id, {"label": example.label})
    _replace_others(tx, example.text, example.label, user_id)


def retire(tx: Transaction, example: LabelledExample, user_id: UUID) -> None:
    """It no longer counts; it stays for the record."""
    tx.examples.set_status(example.id, "retired", user_id)
    tx.audit.add(str(user_id), "example.retired", "labelled_example", example.id, {"label": example.label})


def _replace_others(tx: Transaction, text: str, label: str, user_id: UUID) -> None:
    for other in tx.examples.with_text(text):
        if other.label != label:
            retire(tx, other, user_id)
