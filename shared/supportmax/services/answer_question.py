"""One question, one decision: contextualise → retrieve → decide → generate → verify. Recording is the caller's."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from supportmax.domain.answers import Answer, Turn, Usage
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import Hit
from supportmax.ports import LLM, Embedder, Store, Transaction
from supportmax.services.answering import compose, contextualise, intent
from supportmax.services.answering.calibrate import Assessed, assess
from supportmax.services.answering.decide import decide
from supportmax.services.answering.generate import generate
from supportmax.services.answering.retrieve import retrieve_by_vector

PASSAGES_FOR_MODEL = 6
RECORDED_ARTICLES = 5


@dataclass(frozen=True, slots=True)
class Answerer:
    """What answering needs. Without `llm` the answer is extractive."""

    embedder: Embedder
    llm: LLM | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A clean text and what was said before it: earlier turns, newest first."""

    text: str
    earlier: Sequence[Turn] = ()
    session_id: UUID | None = None
    ticket_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    assessed: Assessed
    passages: list[Hit]
    follows_up: bool


def answer_question(answerer: Answerer, store: Store, workspace_id: UUID, question: Question) -> tuple[Answer, Turn]:
    """The answer and the record of the turn. Reads the knowledge base; writes nothing."""
    started = time.perf_counter()
    if (known := intent.recognise(question.text)) is not None:
        return _finish(question, _without_search(known), None, Usage(), started)
    vectors = _embed(answerer.embedder, question)
    with store.begin(workspace_id) as tx:
        found = _find(tx, answerer.embedder.model, question, vectors)
    answer, usage = _answer(answerer, question, found)
    return _finish(question, answer, found.assessed, usage, started)


def _without_search(known: intent.Intent) -> Answer:
    if known == "human":
        return compose.handing_over(1.0, "the customer asked for a human")
    reply = compose.GREETING if known == "greeting" else compose.THANKS
    return Answer(action="small_talk", reply=reply, confidence=1.0)


def _embed(embedder: Embedder, question: Question) -> dict[str, list[float]]:
    """Vectors of the message alone and, for a follow-up, of the message in its context."""
    texts = list(dict.fromkeys([question.text, contextualise.standalone(question.text, question.earlier)]))
    return dict(zip(texts, embedder.embed(texts), strict=True))


def _find(tx: Transaction, model: str, question: Question, vectors: dict[str, list[float]]) -> _Found:
    """Of the message alone and the message in context, the reading that the knowledge base understands better."""
    rules = tx.calibrations.rules(model)
    found = [retrieve_by_vector(tx, model, text, vector) for text, vector in vectors.items()]
    readings = [assess(tx, model, retrieval, rules) for retrieval in found]
    alone, chosen = readings[0], readings[-1]
    follows_up = chosen is not alone
    if follows_up:
        chosen = _stay_on_topic(chosen, question)
        if alone.confidence > chosen.confidence:
            chosen, follows_up = alone, False
    articles = chosen.found.articles
    passages = tx.chunks.body_of(articles[0].best.article_id, alone.found.vector, model) if articles else []
    return _Found(chosen, passages, follows_up)


def _stay_on_topic(assessed: Assessed, question: Question) -> Assessed:
    """A follow-up that still finds the article of the turn before is about that article, as sure as that turn was."""
    topic = contextualise.topic_of(question.earlier)
    articles = assessed.found.articles
    if topic is None or not articles or articles[0].best.article_id != topic.article_id:
        return assessed
    return replace(assessed, confidence=max(assessed.confidence, topic.confidence))


def _answer(answerer: Answerer, question: Question, found: _Found) -> tuple[Answer, Usage]:
    assessed = found.assessed
    decision = decide(assessed)
    if decision == "clarify":
        return compose.clarifying(assessed.choices, assessed.confidence), Usage()
    if decision == "hand_over" or not found.passages:
        return compose.handing_over(assessed.confidence, "no article answers this with confidence"), Usage()
    used = Usage()
    if answerer.llm is not None:
        passages = _passages_for_model(found)
        answer, used = generate(answerer.llm, assessed.found.searched_for, passages, assessed.confidence)
        if answer is not None:
            return answer, used
    return compose.extractive(found.passages, assessed.confidence, found.follows_up), used


def _passages_for_model(found: _Found) -> list[Hit]:
    others = [article.best for article in found.assessed.found.articles[1:] if article.best.kind == "body"]
    return [*found.passages, *others][:PASSAGES_FOR_MODEL]


def _finish(
    question: Question, answer: Answer, assessed: Assessed | None, usage: Usage, started: float
) -> tuple[Answer, Turn]:
    articles = assessed.found.articles if assessed else ()
    turn = Turn(
        id=new_id(),
        session_id=question.session_id,
        ticket_id=question.ticket_id,
        question=question.text,
        searched_for=assessed.found.searched_for if assessed else question.text,
        action=answer.action,
        confidence=answer.confidence,
        article_id=articles[0].best.article_id if articles else None,
        retrieved=[
            {
                "article": a.best.external_id,
                "title": a.best.title,
                "share": round(a.share, 4),
                "similarity": round(a.best.similarity, 4),
                "words": round(a.best.word_rank, 4),
                "matched": a.best.text[:200],
            }
            for a in articles[:RECORDED_ARTICLES]
        ],
        usage=usage,
        latency_ms=(time.perf_counter() - started) * 1000,
    )
    return answer, turn
