"""`eval answers`: how many questions are answered without a human, how many of those answers are right, and does
confidence mean what it says?"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from infra.evaluation.desk import EvaluationDesk, Track, silent
from infra.evaluation.files import Query
from infra.evaluation.metrics import calibration_error
from supportmax.adapters.language import detect_language
from supportmax.domain.answers import Turn
from supportmax.domain.knowledge import ArticleDraft
from supportmax.services.answer_question import Answerer, answer_question
from supportmax.services.answering.guard import visible_text
from supportmax.services.answering.question import Question
from supportmax.services.learn_examples import Example

Figures = dict[str, float | int | None]
Topics = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came of it.

    `cited`: the ids and topics of the articles that the answer cites, None when there was no answer. `confident`: the
    confidence that the best article answers it and whether that is so; None if nothing was looked up.
    """

    relevant: frozenset[str]
    cited: set[str] | None
    asked_back: bool
    confident: tuple[float, bool] | None
    ms: float


@dataclass(frozen=True, slots=True)
class Material:
    """What the desk knows, and what it is asked."""

    articles: Sequence[ArticleDraft]
    questions: Sequence[Query]
    examples: Sequence[Example] = ()


def evaluate_answers(desk: EvaluationDesk, material: Material, track: Track = silent) -> tuple[Figures, list[Asked]]:
    """Teaches articles and examples, and asks each question as a first message, without a language model."""
    desk.teach(material.articles, track)
    if material.examples:
        desk.learn(material.examples, track)
    topics = {article.external_id: {article.external_id, *article.topics} for article in material.articles}
    asked = [_ask(desk, question, topics) for question in track(material.questions, "asking")]
    return _figures(asked), asked


def _figures(asked: Sequence[Asked]) -> Figures:
    """An answer is right if it cites an article whose id, or one of whose topics, is relevant."""
    answerable = [one for one in asked if one.relevant]
    unanswerable = [one for one in asked if not one.relevant]
    answered = [one for one in answerable if one.cited is not None]
    confident = [one.confident for one in asked if one.confident]
    return {
        "automation_rate": len(answered) / len(answerable) if answerable else None,
        "precision": fmean(bool(one.relevant & (one.cited or set())) for one in answered) if answered else None,
        "clarify_rate": fmean(one.asked_back for one in answerable) if answerable else None,
        "refused_unanswerable": fmean(one.cited is None for one in unanswerable) if unanswerable else None,
        "ece": calibration_error(confident) if confident else None,
        "p50_ms": median(one.ms for one in asked),
        "n": len(asked),
    }


def _ask(desk: EvaluationDesk, question: Query, topics: Topics) -> Asked:
    started = time.perf_counter()
    answerer = Answerer(desk.embedder, detect_language=detect_language, corpora=desk.corpora)
    answer, turn = answer_question(answerer, desk.store, desk.workspace_id, Question(visible_text(question.text)))
    took = (time.perf_counter() - started) * 1000
    cited = set().union(*(topics[citation.article_id] for citation in answer.citations))
    confident = _confident(turn, question.relevant, topics)
    return Asked(
        question.relevant, cited if answer.action == "answer" else None, answer.action == "clarify", confident, took
    )


def _confident(turn: Turn, relevant: frozenset[str], topics: Topics) -> tuple[float, bool] | None:
    if not turn.retrieved:
        return None
    return turn.confidence, bool(relevant & topics[turn.retrieved[0]["article"]])
