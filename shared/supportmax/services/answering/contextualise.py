"""Follow-ups: "and how long does that take?" means nothing without the turn before it."""

import re
from collections.abc import Sequence

from supportmax.domain.answers import Turn
from supportmax.services.answering.calibrate import MAX_CHOICES, MIN_SHARE

_MAX_WORDS = 10
_OPENS_WITH = re.compile(r"^\W*(and|but|or|so|then|also|what about|how about|what if|ok but|okay but)\b", re.I)
_POINTS_BACK = re.compile(r"\b(it|its|that|this|these|those|they|them|there|then|one|the same)\b", re.I)
# A question of three words or fewer ("how long?", "for free?") never stands alone.
_ELLIPTIC_WORDS = 3
_NUMBER = re.compile(r"(?:(?:the |number |no\.? |option )*)(\d)(?:st|nd|rd|th)?(?: one)?\W*(?:please)?\W*", re.I)


def is_follow_up(text: str) -> bool:
    """Whether the message leans on the one before: short, and opening or pointing back like one."""
    words = text.split()
    if len(words) > _MAX_WORDS:
        return False
    return bool(_OPENS_WITH.search(text) or _POINTS_BACK.search(text)) or len(words) <= _ELLIPTIC_WORDS


def topic_of(turns: Sequence[Turn]) -> Turn | None:
    """The latest turn (of turns, newest first) that was about something in the knowledge base."""
    return next((turn for turn in turns if turn.action in {"answer", "clarify"}), None)


def standalone(text: str, turns: Sequence[Turn]) -> str:
    """What to search for: the message itself, or the earlier question and the message together."""
    topic = topic_of(turns)
    if topic is None:
        return text
    if topic is turns[0] and (chosen := _choice(text, topic)):
        return chosen
    if topic is turns[0] and topic.action == "clarify" and len(text.split()) <= _MAX_WORDS:
        return f"{topic.searched_for} {text}"
    return f"{topic.searched_for} {text}" if is_follow_up(text) else text


def picks_choice(text: str, turns: Sequence[Turn]) -> bool:
    """Whether the message picks from the list of the turn before."""
    return bool(turns) and _choice(text, turns[0]) is not None


def _choice(text: str, asked: Turn) -> str | None:
    """The title that the message picks from the list that was shown: by its number ("2", "No. 2, please") or itself."""
    if asked.action != "clarify":
        return None
    shown = [str(found.get("title", "")) for found in asked.retrieved[:MAX_CHOICES] if found["share"] >= MIN_SHARE]
    if picked := _NUMBER.fullmatch(text.strip()):
        return dict(enumerate(shown, 1)).get(int(picked[1]))
    return next((title for title in shown if title.casefold() == text.strip().casefold()), None)
