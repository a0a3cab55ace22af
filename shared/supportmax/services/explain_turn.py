"""Answer the question "why did it say that?" from what was recorded."""

from uuid import UUID

from supportmax.domain.explanation import Explanation, RecordedTurn
from supportmax.ports import Transaction


def explain_turn(tx: Transaction, message_id: UUID) -> Explanation:
    """`message_id`: of a reply, or of the customer's message. Raises NotFound where the machine decided nothing."""
    turn = tx.turns.of_message(message_id)
    return Explanation(turn, why(turn), tx.model_calls.of_turn(turn.id))


def why(turn: RecordedTurn) -> str:
    """One sentence for a person."""
    decided = turn.decision
    if intent := decided.get("intent"):
        return f"It was recognised as {_INTENTS.get(intent, intent)}."
    if "threshold" not in decided:
        return f"Nothing was searched for: {decided.get('reason') or 'it was small talk'}."
    if "questions" in decided:
        return f"It holds {len(decided['questions'])} questions, each decided by itself; the first: {_weighed(turn)}."
    return f"{_weighed(turn)[:1].upper()}{_weighed(turn)[1:]}."


_INTENTS = {
    "greeting": "a greeting",
    "thanks": "thanks",
    "human": "the wish to speak to a human",
    "angry": "the words of an angry customer",
    "account": "a question about the customer's own account or order, which no article can answer",
    "other_language": "a message in another language than the articles",
}


def _weighed(turn: RecordedTurn) -> str:
    """How sure the desk was, against how sure it has to be."""
    decided = turn.decision
    wanted = f"{decided['threshold']:.2f} that this workspace asks for"
    sure = f"the best article answers it with a chance of {decided['confidence']:.2f}"
    if decided["confidence"] >= decided["threshold"]:
        reason = decided.get("reason") if "questions" not in decided else None
        return f"{sure}, at least the {wanted}" + (f", but {reason}" if reason else "")
    if turn.action == "clarify":
        together = decided["choices_confidence"]
        return f"{sure}, less than the {wanted}, but with {together:.2f} one of the topics offered does"
    return f"{sure}, less than the {wanted}, and no few topics together are likely enough"
