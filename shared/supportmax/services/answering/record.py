"""The last step: what the desk will need to explain this turn, and to learn from it."""

from collections.abc import Sequence
from typing import Any

from supportmax.domain.answers import Answer, Turn, Usage
from supportmax.domain.model_calls import CallOrigin
from supportmax.services.answering.question import Question
from supportmax.services.answering.retrieve import RankedArticle
from supportmax.services.answering.understand import Reading

RECORDED_ARTICLES = 5
MATCHED_CHARACTERS = 200


def record(
    origin: CallOrigin, question: Question, answer: Answer, readings: Sequence[Reading], usage: Usage, latency_ms: float
) -> Turn:
    """The first reading's articles are the turn's; all readings are in the decision."""
    first = readings[0] if readings else None
    articles = first.assessed.found.articles if first else ()
    return Turn(
        id=origin.turn_id,
        session_id=origin.session_id,
        ticket_id=origin.ticket_id,
        question=question.text,
        searched_for=first.assessed.found.searched_for if first else question.text,
        action=answer.action,
        confidence=answer.confidence,
        article_id=articles[0].best.article_id if articles else None,
        retrieved=[_as_json(article) for article in articles[:RECORDED_ARTICLES]],
        usage=usage,
        latency_ms=latency_ms,
        decision=_decision(question, answer, readings),
    )


def _as_json(article: RankedArticle) -> dict[str, Any]:
    return {
        "article": article.best.external_id,
        "title": article.best.title,
        "share": round(article.share, 4),
        "similarity": round(article.best.similarity, 4),
        "words": round(article.best.word_rank, 4),
        "matched": article.best.text[:MATCHED_CHARACTERS],
    }


def _decision(question: Question, answer: Answer, readings: Sequence[Reading]) -> dict[str, Any]:
    asked_in = str(question.message_id) if question.message_id else None
    said: dict[str, Any] = {
        "asked_in": asked_in,
        "intent": answer.intent,
        "language": answer.language,
        "reason": answer.reason,
    }
    said |= answer.facts
    if answer.choices:
        said["choices"] = [{"title": choice.title, "article": choice.article_id} for choice in answer.choices]
    if readings:
        said |= _assessment(readings[0])
    if len(readings) > 1:
        said["questions"] = [_question(reading) for reading in readings]
    return {name: value for name, value in said.items() if value is not None}


def _assessment(reading: Reading) -> dict[str, Any]:
    assessed = reading.assessed
    return {
        "confidence": round(assessed.confidence, 4),
        "choices_confidence": round(assessed.choices_confidence, 4),
        "threshold": round(assessed.threshold, 4),
        "with_examples": assessed.with_examples,
        "calibration": assessed.calibration,
        "follows_up": reading.follows_up,
    }


def _question(reading: Reading) -> dict[str, Any]:
    articles = reading.assessed.found.articles[:1]
    found = {"article": articles[0].best.external_id} if articles else {}
    return {"text": reading.text, "decision": reading.decision, **found, **_assessment(reading)}
