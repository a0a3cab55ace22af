"""What a model may do: ask. Whether it is done is decided here, by workspace and session, whatever it was talked into.

It cannot name a ticket, a customer or a workspace: an action is about the conversation's own ones or about nothing.
"""

from supportmax.domain.answers import Answer
from supportmax.domain.tickets import Ticket

ANSWER, HAND_OVER, TICKET_STATUS = "answer", "hand_over", "ticket_status"
ACTIONS = (ANSWER, HAND_OVER, TICKET_STATUS)
NOT_PERMITTED = "the model asked for something that this conversation does not permit"
_STATES = {
    "new": "It has reached us and waits for a colleague.",
    "open": "A colleague is looking into it.",
    "pending": "We have answered and wait for your reply.",
    "solved": "It is marked as solved; write to us and it is opened again.",
    "closed": "It is closed; write to us and we open a new one.",
}


def permitted(ticket: Ticket | None) -> tuple[str, ...]:
    """The actions of a conversation: the state of its own ticket can be told where it has one."""
    return ACTIONS if ticket else (ANSWER, HAND_OVER)


def denied(action: str, confidence: float) -> Answer:
    """Nothing is done; the record says what was asked for, and a human looks."""
    facts = {"denied_action": action[:40]}
    return Answer(action="hand_over", reply="", confidence=confidence, reason=NOT_PERMITTED, facts=facts)


def told(ticket: Ticket | None, confidence: float) -> Answer:
    """The state of the conversation's own ticket, in the desk's words."""
    if ticket is None:
        return denied(TICKET_STATUS, confidence)
    reply = f"Your request has the number #{ticket.number}. {_STATES[ticket.status]}"
    return Answer(action="answer", reply=reply, confidence=confidence, facts={"tool": TICKET_STATUS})
