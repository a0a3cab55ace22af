"""What a message means: one question, a follow-up, or several questions, each with what was found for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from uuid import UUID

from supportmax.domain.answers import Turn
from supportmax.domain.knowledge import Hit
from supportmax.ports import Embedder, Transaction
from supportmax.services.answering.calibrate import Assessed, Prepared, assess
from supportmax.services.answering.contextualise import is_follow_up, names_topic, offered, standalone, topic_of
from supportmax.services.answering.decide import Decision, decide
from supportmax.services.answering.decompose import questions_in
from supportmax.services.answering.retrieve import Retrieval

# Of the topics offered, the share of the one that a message in other words must be nearest to.
CLEARLY = 0.75
Vectors = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One question as it was understood. `passages`: those of its best article, if that one is to be used."""

    text: str
    assessed: Assessed
    decision: Decision
    passages: list[Hit]
    follows_up: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """The texts to search for: the message itself, the same in its context, and the questions that it holds."""

    text: str
    in_context: str
    parts: list[str]
    earlier: Sequence[Turn] = ()

    @classmethod
    def of(cls, text: str, earlier: Sequence[Turn], rewritten: str | None = None) -> "Message":
        """`rewritten`: a language model's reading of a follow-up, which is better than our own."""
        return cls(text, rewritten or standalone(text, earlier), _in_context(questions_in(text)), earlier)

    @property
    def texts(self) -> list[str]:
        return list(dict.fromkeys([self.text, self.in_context, *self.parts]))

    def vectors(self, embedder: Embedder) -> Vectors:
        """Unit vectors of all the texts, in one call."""
        return dict(zip(self.texts, embedder.embed(self.texts), strict=True))


def _in_context(questions: Sequence[str]) -> list[str]:
    """ "And what does it cost?" is about the question before it."""
    neighbours = pairwise(["", *questions])
    return [f"{before} {part}" if before and is_follow_up(part) else part for before, part in neighbours]


def understand(tx: Transaction, model: str, message: Message, prepared: Prepared, vectors: Vectors) -> list[Reading]:
    """One reading for each question of the message. `prepared` and `vectors` are of its texts."""
    whole = _whole(tx, model, message, prepared, vectors)
    if not message.parts or whole.follows_up:
        return [whole]
    assessed = assess(tx, prepared, [(part, vectors[part]) for part in message.parts])
    parts = [_with_passages(tx, model, part, each) for part, each in zip(message.parts, assessed, strict=True)]
    return parts if _differ(parts) else [whole]


def _differ(parts: Sequence[Reading]) -> bool:
    """Whether the questions are about different articles and at least one is understood; else they are one question."""
    articles = [part.assessed.found.articles[:1] for part in parts]
    names = {found[0].best.article_id for found in articles if found}
    return len(names) == len(parts) and any(part.decision == "answer" for part in parts)


def _whole(tx: Transaction, model: str, message: Message, prepared: Prepared, vectors: Vectors) -> Reading:
    """Of the message alone and the message in context, the reading that the knowledge base understands better."""
    texts = list(dict.fromkeys([message.text, message.in_context]))
    readings = assess(tx, prepared, [(text, vectors[text]) for text in texts])
    alone, chosen = readings[0], readings[-1]
    follows_up = chosen is not alone
    if meant := _meant(message, alone):
        return _with_passages(tx, model, message.text, meant)
    if follows_up:
        chosen = _stay_on_topic(chosen, message.earlier)
        if alone.confidence > chosen.confidence:
            chosen, follows_up = alone, False
    return _with_passages(tx, model, message.text, chosen, follows_up, alone.found)


def _meant(message: Message, alone: Assessed) -> Assessed | None:
    """After a question back: the one of its topics that the message is clearly nearest to, as sure as the offer was."""
    titles = offered(message.earlier[0]) if message.earlier else []
    if not titles or not names_topic(message.text) or decide(alone) == "answer":
        return None
    among = sorted((a for a in alone.found.articles if a.best.title in titles), key=lambda a: -a.share)
    if not among or among[0].share < CLEARLY * sum(article.share for article in among):
        return None
    others = (article for article in alone.found.articles if article is not among[0])
    found = replace(alone.found, articles=(among[0], *others))
    return replace(alone, found=found, confidence=message.earlier[0].decision["choices_confidence"])


def _with_passages(
    tx: Transaction,
    model: str,
    text: str,
    assessed: Assessed,
    follows_up: bool = False,
    nearest_to: Retrieval | None = None,
) -> Reading:
    """`nearest_to`: the search whose text the passages are compared with, if not the one that found the article."""
    decision = decide(assessed)
    passages: list[Hit] = []
    if decision == "answer":
        passages = _passages(tx, model, assessed.found.articles[0].best.article_id, nearest_to or assessed.found)
    return Reading(text, assessed, decision if passages or decision != "answer" else "hand_over", passages, follows_up)


def _passages(tx: Transaction, model: str, article_id: UUID, found: Retrieval) -> list[Hit]:
    """Mostly they were found already."""
    known = [passage for passage in found.passages if passage.article_id == article_id]
    return known or tx.chunks.body_of(article_id, found.vector, model)


def _stay_on_topic(assessed: Assessed, earlier: Sequence[Turn]) -> Assessed:
    """A follow-up that still finds the article of the turn before is about that article, as sure as that turn was."""
    topic = topic_of(earlier)
    articles = assessed.found.articles
    if topic is None or not articles or articles[0].best.article_id != topic.article_id:
        return assessed
    return replace(assessed, confidence=max(assessed.confidence, topic.confidence))
