"""The words of an answer without a language model: the article's own."""

from collections.abc import Sequence
from dataclasses import replace

from supportmax.domain.answers import Answer, Choice, Citation, Intent
from supportmax.domain.knowledge import Hit
from supportmax.domain.visible_text import visible
from supportmax.services.answering.intent import Recognised
from supportmax.services.answering.links import without_links
from supportmax.services.answering.phrases import phrases_in
from supportmax.services.answering.retrieve import RankedArticle

# An opening paragraph answers the article's main question, so another passage must be clearly nearer to be shown.
OPENING_BONUS = 0.1
QUOTE_CHARACTERS = 300
NOT_SURE = "no article answers this with confidence"
NONE_MEANT = "none of the topics offered was meant"
NO_SEARCH = "the embedding model is not available"


def citation(hit: Hit) -> Citation:
    """The passage as a source."""
    return Citation(hit.external_id, hit.title, hit.chunk_id, hit.text[:QUOTE_CHARACTERS])


def best_passage(passages: Sequence[Hit], follows_up: bool) -> Hit:
    """The passage to show: the one nearest to the question, the opening one preferred to begin with."""

    def merit(hit: Hit) -> float:
        return hit.similarity + (OPENING_BONUS if hit.ordinal == 0 and not follows_up else 0.0)

    return max(passages, key=merit)


def extractive(passages: Sequence[Hit], confidence: float, follows_up: bool = False) -> Answer:
    """The best of an article's passages, verbatim, with its source."""
    passage = best_passage(passages, follows_up)
    return Answer(
        action="answer",
        reply=visible(passage.text),
        confidence=confidence,
        citations=(citation(passage),),
        facts={"mode": "extractive"},
    )


def clarifying(candidates: Sequence[RankedArticle], confidence: float) -> Answer:
    """Ask which of the topics is meant."""
    choices = tuple(Choice(_label(article.best), article.best.external_id) for article in candidates)
    listed = "\n".join(f"{number}. {choice.title}" for number, choice in enumerate(choices, 1))
    reply = f"I want to be sure I understand you. Which of these is it about?\n{listed}"
    return Answer(action="clarify", reply=reply, confidence=confidence, choices=choices)


def _label(hit: Hit) -> str:
    """A choice is named, not linked: nothing here has a source that could be looked at."""
    return without_links(hit.title) or hit.external_id


def handing_over(confidence: float, reason: str, language: str = "en", intent: Intent | None = None) -> Answer:
    """The decision; its words follow once the ticket has a number."""
    return Answer(action="hand_over", reply="", confidence=confidence, reason=reason, intent=intent, language=language)


def recognised(known: Recognised) -> Answer:
    """What needs no search: small talk is answered, the others go to a human."""
    words = phrases_in(known.language)
    if known.intent in {"greeting", "thanks"}:
        reply = words.greeting if known.intent == "greeting" else words.thanks
        return Answer(action="small_talk", reply=reply, confidence=1.0, intent=known.intent, language=known.language)
    reason = "the customer asked for a human" if known.intent == "human" else "the customer is angry"
    return handing_over(1.0, reason, known.language, known.intent)


def in_another_language(confidence: float, language: str) -> Answer:
    """Articles in one language say nothing reliable about a question in another."""
    reason = f"the message is written in another language ({language}) than the articles"
    return handing_over(confidence, reason, language, "other_language")


def pointing(answer: Answer) -> Answer:
    """An answer to a question about the customer's own things: a human looks, and the article may help meanwhile."""
    reply = f"In general: {answer.reply}" if answer.action == "answer" else ""
    return Answer(
        action="hand_over",
        reply=reply,
        confidence=answer.confidence,
        citations=answer.citations,
        reason="the question is about the customer's own account or order",
        intent="account",
        facts=answer.facts,
    )


def together(answers: Sequence[Answer]) -> Answer:
    """One reply to several questions. What one part needs, a choice or a human, the whole needs."""
    said = [answer for answer in answers if answer.action == "answer"]
    asking = next((answer for answer in answers if answer.action == "clarify"), None)
    open_ended = next((answer for answer in answers if answer.action == "hand_over"), None)
    shown = [*said, asking] if asking and not open_ended else said
    last = open_ended or asking or said[-1]
    return replace(
        last,
        reply="\n\n".join(answer.reply for answer in shown),
        confidence=min(answer.confidence for answer in answers),
        citations=tuple(dict.fromkeys(one for answer in said for one in answer.citations)),
        facts={"parts": [{"action": answer.action, **answer.facts} for answer in answers]},
    )
