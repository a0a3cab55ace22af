"""A customer answers how the help was, or changes their mind for some days."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Conflict, InvalidInput
from supportmax.domain.people import User
from supportmax.domain.satisfaction import CHANGEABLE_FOR, Rating, SatisfactionSettings, Score
from supportmax.domain.ticket_events import by_customer
from supportmax.ports import Transaction
from supportmax.services.answering.guard import visible_text
from supportmax.services.hand_over import notify_followers
from supportmax.services.tokens import read_link_token

COMMENT_LIMIT = 2_000
_SCORES: Mapping[str, Score] = {"good": "good", "bad": "bad"}


def rating_of(token: str, secret: str) -> tuple[UUID, UUID]:
    """(workspace id, rating id). Raises Unauthorized for a link that is not ours, or has expired."""
    return read_link_token(token, "satisfaction", secret)


def record_answer(tx: Transaction, rating_id: UUID, score: str, comment: str) -> Rating:
    """Raises NotFound, InvalidInput, and Conflict when it cannot be changed any more."""
    rating, now = tx.satisfaction.lock(rating_id), utcnow()
    if score not in _SCORES:
        raise InvalidInput("score: choose good or bad")
    if len(comment) > COMMENT_LIMIT:
        raise InvalidInput(f"comment: at most {COMMENT_LIMIT:,} characters")
    if not rating.takes_answers(now):
        raise Conflict(f"An answer can be changed for {CHANGEABLE_FOR.days} days.")
    answered = replace(
        rating,
        score=_SCORES[score],
        comment=visible_text(comment) or None,
        answered_at=rating.answered_at or now,
        changed_at=now if rating.answered_at else None,
    )
    tx.satisfaction.save(answered)
    if answered.score != rating.score:
        _tell(tx, rating, answered)
    return answered


def change_settings(tx: Transaction, settings: SatisfactionSettings, actor: User) -> SatisfactionSettings:
    tx.satisfaction_settings.save(settings)
    detail = {"enabled": settings.enabled, "delay_hours": settings.delay_hours}
    tx.audit.add(str(actor.id), "satisfaction_settings.updated", "workspace", tx.workspace_id, detail)
    return settings


def _tell(tx: Transaction, before: Rating, after: Rating) -> None:
    """The timeline, and of a bad one those who look after the ticket."""
    changes = {"satisfaction": {"from": before.score, "to": after.score}}
    tx.ticket_events.add(after.ticket_id, "rated", by_customer(after.requester_id), changes)
    if after.score == "bad":
        ticket = tx.tickets.get(after.ticket_id, deleted=True)
        notify_followers(tx, ticket, f"#{ticket.number} was rated bad: {ticket.subject}", "rated_bad")
