"""The words of an answer without a language model: the article's own."""

from collections.abc import Sequence

from supportmax.domain.answers import Answer, Citation
from supportmax.domain.knowledge import Hit
from supportmax.services.answering.retrieve import RankedArticle

# An opening paragraph answers the article's main question, so another passage must be clearly nearer to be shown.
OPENING_BONUS = 0.12
QUOTE_CHARACTERS = 300

GREETING = "Hello! What can I help you with?"
THANKS = "You are welcome. Is there anything else?"


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
    return Answer(action="answer", reply=passage.text, confidence=confidence, citations=(citation(passage),))


def clarifying(candidates: Sequence[RankedArticle], confidence: float) -> Answer:
    """Ask which of the topics is meant."""
    titles = tuple(article.best.title for article in candidates)
    listed = "\n".join(f"{number}. {title}" for number, title in enumerate(titles, 1))
    reply = f"I want to be sure I understand you. Which of these is it about?\n{listed}"
    return Answer(action="clarify", reply=reply, confidence=confidence, choices=titles)


def handing_over(confidence: float, reason: str) -> Answer:
    """The decision; its words follow once the ticket has a number."""
    return Answer(action="hand_over", reply="", confidence=confidence, reason=reason)
