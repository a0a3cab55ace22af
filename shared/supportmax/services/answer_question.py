"""One question, one decision: contextualise → retrieve → decide → generate → verify. Recording is the caller's."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from supportmax.domain.answers import Answer, Turn, Usage
from supportmax.domain.errors import PermanentFailure, TransientFailure
from supportmax.domain.ids import new_id
from supportmax.domain.model_calls import CallOrigin
from supportmax.domain.tickets import Ticket
from supportmax.ports import Embedder, Store
from supportmax.services.answering import actions, compose, intent
from supportmax.services.answering.account import concerns_account
from supportmax.services.answering.calibrate import Prepared
from supportmax.services.answering.contextualise import declines_choices, offered
from supportmax.services.answering.generate import NO_DRAFT, generate
from supportmax.services.answering.intent import Recognised
from supportmax.services.answering.own_data import own_data
from supportmax.services.answering.question import Question
from supportmax.services.answering.record import record
from supportmax.services.answering.retrieve import RankedArticle
from supportmax.services.answering.rewrite import needs_rewriting, rewrite
from supportmax.services.answering.signals import Signal, hears
from supportmax.services.answering.speak import Say
from supportmax.services.answering.understand import Message, Reading, understand
from supportmax.services.answering.verify import Asked
from supportmax.services.ask_model import Asking, Models
from supportmax.services.triage.corpus import Corpora


def _no_language(text: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Answerer:
    """What answering needs. Without `models` answers are extractive. `corpora`: the examples that the process keeps.

    `detect_language` gives an ISO 639-1 code, or None for a text too short to tell. `say` hears the verified sentences
    of a generated answer while the rest of it is being written; the answer that is returned is the one that counts.
    """

    embedder: Embedder
    models: Models | None = None
    detect_language: Callable[[str], str | None] = _no_language
    say: Say | None = None
    corpora: Corpora = field(default_factory=Corpora)


@dataclass(slots=True)
class _Work:
    """One turn under way. `ask` is None where no language model may be asked; `vector` is the message's own."""

    answerer: Answerer
    store: Store
    question: Question
    origin: CallOrigin
    ask: Asking | None
    language: str | None
    used: Usage
    vector: Sequence[float] = ()


def answer_question(answerer: Answerer, store: Store, workspace_id: UUID, question: Question) -> tuple[Answer, Turn]:
    """The answer and the record of the turn. Reads the knowledge base; writes nothing but the models' ledger."""
    started = time.perf_counter()
    work = _begin(answerer, store, workspace_id, question)
    asking, settled = work.ask, _settled(question)
    readings = [] if settled else _read(work)
    answer = settled or _answer(work, readings)
    if asking and asking.denied:
        answer = replace(answer, facts=answer.facts | {"no_model": sorted(set(asking.denied))})
    turn = record(work.origin, question, answer, readings, work.used, (time.perf_counter() - started) * 1000)
    return answer, turn


def _settled(question: Question) -> Answer | None:
    """The answer to what needs no search."""
    if known := intent.recognise(question.text):
        return compose.recognised(known)
    if declines_choices(question.text, question.earlier):
        return compose.handing_over(1.0, compose.NONE_MEANT)
    return None


def _begin(answerer: Answerer, store: Store, workspace_id: UUID, question: Question) -> _Work:
    origin = CallOrigin(workspace_id, new_id(), question.session_id, question.requester_id, question.ticket_id)
    ask = answerer.models.asking(store, origin) if answerer.models else None
    return _Work(answerer, store, question, origin, ask, answerer.detect_language(question.text), Usage())


def _read(work: _Work) -> list[Reading]:
    """The questions of the message with what was found for each; nothing when the embedding model is away."""
    question = work.question
    rewritten = None
    if work.ask and needs_rewriting(question.text, question.earlier):
        rewritten, work.used = rewrite(work.ask, question.text, question.earlier, None, work.used)
    readings = _search(work, Message.of(question.text, question.earlier, rewritten))
    if work.ask and readings and (wanted := _language_to_search_in(work, readings[0])):
        translated, work.used = rewrite(work.ask, question.text, question.earlier, wanted, work.used)
        if translated:
            return _search(work, Message.of(translated, ()))
        work.ask = None  # without a model from here on
    return readings


def _search(work: _Work, message: Message) -> list[Reading]:
    model = work.answerer.embedder.model
    with work.store.begin(work.origin.workspace_id, wait=False) as tx:  # what it asks for is found during the embedding
        prepared = Prepared(tx, model, message.texts, work.answerer.corpora)
    try:
        vectors = message.vectors(work.answerer.embedder)
    except (TransientFailure, PermanentFailure):
        return []
    work.vector = vectors[message.text]
    with work.store.begin(work.origin.workspace_id, wait=False) as tx:
        return understand(tx, model, message, prepared, vectors)


def _language_to_search_in(work: _Work, reading: Reading) -> str | None:
    """The articles' language where the customer writes another one."""
    articles = reading.assessed.found.articles
    if work.language is None or not articles or articles[0].best.language == work.language:
        return None
    return articles[0].best.language


def _answer(work: _Work, readings: Sequence[Reading]) -> Answer:
    if not readings:
        return compose.handing_over(0.0, compose.NO_SEARCH, work.language or "en")
    if work.ask is None and _language_to_search_in(work, readings[0]):
        return compose.in_another_language(readings[0].assessed.confidence, work.language or "en")
    if _hears(work, "angry"):
        return compose.recognised(Recognised("angry", work.language or "en"))
    points = concerns_account(work.question.text) or _hears(work, "account")
    say = None if points or len(readings) > 1 else work.answerer.say  # other words come before or between
    answers = [_answer_one(work, reading, say) for reading in readings]
    answer = compose.together(answers) if len(answers) > 1 else answers[0]
    return compose.pointing(answer) if points else answer


def _hears(work: _Work, signal: Signal) -> bool:
    return hears(signal, work.vector, work.answerer.embedder.model)


def _answer_one(work: _Work, reading: Reading, say: Say | None) -> Answer:
    assessed = reading.assessed
    if reading.decision == "clarify" and not _asked_already(work.question.earlier, assessed.choices):
        return compose.clarifying(assessed.choices, assessed.confidence)
    if reading.decision != "answer":
        return compose.handing_over(assessed.confidence, compose.NOT_SURE)
    draft = generate(work.ask, reading, _asked(work), say) if work.ask else NO_DRAFT
    work.used += draft.usage
    answer = draft.answer or _in_the_articles_words(work, reading)
    return replace(answer, facts=answer.facts | draft.facts)


def _asked(work: _Work) -> Asked:
    question = work.question
    own = own_data([question.text, *(turn.question for turn in question.earlier)], question.address)
    ticket = _own_ticket(work)
    return Asked(question.text, own, work.language, work.answerer.detect_language, actions.permitted(ticket), ticket)


def _own_ticket(work: _Work) -> Ticket | None:
    """That of the session, or of the mail's thread, and of this workspace."""
    if work.question.ticket_id is None:
        return None
    with work.store.begin(work.origin.workspace_id) as tx:
        return tx.tickets.get(work.question.ticket_id)


def _in_the_articles_words(work: _Work, reading: Reading) -> Answer:
    confidence = reading.assessed.confidence
    if _language_to_search_in(work, reading):
        return compose.in_another_language(confidence, work.language or "en")
    return compose.extractive(reading.passages, confidence, reading.follows_up)


def _asked_already(earlier: Sequence[Turn], choices: Sequence[RankedArticle]) -> bool:
    """Asking the same thing again helps nobody."""
    return bool(earlier) and set(offered(earlier[0])) == {article.best.title for article in choices}
