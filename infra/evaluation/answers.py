"""`eval answers`: how many questions are answered without a human, and how many of those answers are right?"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from infra.evaluation.desk import EvaluationDesk, Track, silent
from infra.evaluation.files import Query
from supportmax.domain.knowledge import ArticleDraft
from supportmax.services.answer_question import Answerer, Question, answer_question
from supportmax.services.answering.guard import visible_text


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`names`: the ids and topics of the articles an answer cites; None when there was no answer."""

    relevant: frozenset[str]
    names: set[str] | None
    ms: float


def evaluate_answers(
    desk: EvaluationDesk, articles: Sequence[ArticleDraft], questions: Sequence[Query], track: Track = silent
) -> dict[str, float | int | None]:
    """Teaches the articles and asks each question as a first message, without a language model.

    An answer is right if it cites an article whose id, or one of whose topics, is relevant.
    """
    desk.teach(articles, track)
    names = {article.external_id: {article.external_id, *article.topics} for article in articles}
    asked = [_ask(desk, question, names) for question in track(questions, "asking")]
    answerable = [outcome for outcome in asked if outcome.relevant]
    unanswerable = [outcome for outcome in asked if not outcome.relevant]
    answered = [outcome for outcome in answerable if outcome.names is not None]
    return {
        "automation_rate": len(answered) / len(answerable) if answerable else None,
        "precision": fmean(bool(o.relevant & (o.names or set())) for o in answered) if answered else None,
        "refused_unanswerable": fmean(o.names is None for o in unanswerable) if unanswerable else None,
        "p50_ms": median(outcome.ms for outcome in asked),
        "n": len(asked),
    }


def _ask(desk: EvaluationDesk, question: Query, names: dict[str, set[str]]) -> _Outcome:
    started = time.perf_counter()
    answerer = Answerer(desk.embedder)
    answer, _ = answer_question(answerer, desk.store, desk.workspace_id, Question(visible_text(question.text)))
    took = (time.perf_counter() - started) * 1000
    cited = set().union(*(names[citation.article_id] for citation in answer.citations))
    return _Outcome(question.relevant, cited if answer.action == "answer" else None, took)
