"""A reply for an agent to send: from the articles, in their words or in a language model's, checked like an answer.

An agent reads it first, so it is drafted also where the desk would not have dared to say it; the confidence is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from supportmax.domain.answers import Answer, Choice
from supportmax.domain.copilot import DraftedReply
from supportmax.domain.errors import Conflict
from supportmax.domain.ids import new_id
from supportmax.domain.model_calls import CallOrigin
from supportmax.ports import Store, Transaction
from supportmax.services.answer_question import Answerer
from supportmax.services.answering.calibrate import Prepared
from supportmax.services.answering.compose import extractive
from supportmax.services.answering.generate import generate
from supportmax.services.answering.own_data import own_data
from supportmax.services.answering.understand import Message as Searched
from supportmax.services.answering.understand import Reading, understand
from supportmax.services.answering.verify import Asked
from supportmax.services.ask_model import Asking
from supportmax.services.conversation_of import Conversation, conversation_of, text_of

OTHERS = 3


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be answered, and by whom."""

    conversation: Conversation
    question: str
    asked: Asked
    ask: Asking | None


def draft_reply(answerer: Answerer, store: Store, workspace_id: UUID, ticket_id: UUID) -> DraftedReply:
    """Raises NotFound, Conflict where the customer has said nothing, TransientFailure without an embedding model."""
    with store.begin(workspace_id) as tx:
        conversation = conversation_of(tx, ticket_id)
        address = _address(tx, conversation)
    if not conversation.asked:
        raise Conflict("The customer has not said anything in this ticket yet.")
    task = _task(answerer, store, workspace_id, conversation, address)
    message = Searched.of(task.question, ())
    vectors = message.vectors(answerer.embedder)
    with store.begin(workspace_id) as tx:
        model = answerer.embedder.model
        understood = understand(tx, model, message, Prepared(tx, model, message.texts), vectors)
        readings = [_with_passages(tx, model, reading) for reading in understood]
    return _together(task, readings, [_answer(task, reading) for reading in readings if reading.passages])


def _task(
    answerer: Answerer, store: Store, workspace_id: UUID, conversation: Conversation, address: str | None
) -> _Task:
    question = text_of(conversation.asked[-1])
    own = own_data([message.body for run in conversation.asked for message in run], address)
    asked = Asked(question, own, answerer.detect_language(question), answerer.detect_language)
    # The agent asks, not the customer: no limit of the customer's is used up.
    origin = CallOrigin(workspace_id, new_id(), ticket_id=conversation.ticket.id)
    ask = answerer.models.asking(store, origin) if answerer.models else None
    return _Task(conversation, question, asked, ask)


def _address(tx: Transaction, conversation: Conversation) -> str | None:
    requester = conversation.ticket.requester_id
    return tx.users.get(requester).email if requester else None


def _with_passages(tx: Transaction, model: str, reading: Reading) -> Reading:
    """Also where the desk is not sure: what the nearest article says."""
    found = reading.assessed.found
    if reading.passages or not found.articles:
        return reading
    return replace(reading, passages=tx.chunks.body_of(found.articles[0].best.article_id, found.vector, model))


def _answer(task: _Task, reading: Reading) -> Answer:
    draft = generate(task.ask, reading, task.asked, purpose="draft").answer if task.ask else None
    if draft and draft.action == "answer":
        return draft
    return extractive(reading.passages, reading.assessed.confidence, reading.follows_up)


def _together(task: _Task, readings: Sequence[Reading], answers: Sequence[Answer]) -> DraftedReply:
    generated = bool(answers) and all(answer.facts.get("mode") == "generated" for answer in answers)
    citations = tuple(dict.fromkeys(one for answer in answers for one in answer.citations))
    return DraftedReply(
        reply="\n\n".join(answer.reply for answer in answers),
        confidence=min((reading.assessed.confidence for reading in readings), default=0.0),
        confident=bool(answers) and all(reading.decision == "answer" for reading in readings),
        mode="generated" if generated else "extractive",
        citations=citations,
        others=_others(readings, {citation.article_id for citation in citations}),
        answers=tuple(message.id for message in task.conversation.asked[-1]),
        language=task.asked.language,
    )


def _others(readings: Sequence[Reading], cited: set[str]) -> tuple[Choice, ...]:
    hits = [article.best for reading in readings for article in reading.assessed.found.articles]
    titles = {hit.external_id: hit.title for hit in hits if hit.external_id not in cited}
    return tuple(Choice(title, key) for key, title in list(titles.items())[:OTHERS])
