"""Follow-ups: "and how long does that take?" means nothing without the turn before it."""

import re
from collections.abc import Sequence

from supportmax.domain.answers import Turn

_MAX_WORDS = 10
_OPENS_WITH = re.compile(r"^\W*(and|but|or|so|then|also|what about|how about|what if|ok but|okay but)\b", re.I)
_POINTS_BACK = re.compile(r"\b(it|its|that|this|these|those|they|them|there|then|one|the same)\b", re.I)
# A question of three words or fewer ("how long?", "for free?") never stands alone.
_ELLIPTIC_WORDS = 3
_ORDINALS = ("first", "second", "third")
_NUMBER = re.compile(
    rf"(?:(?:the |number |no\.? |option )*)(\d|{'|'.join(_ORDINALS)})(?:st|nd|rd|th)?(?: one)?\W*(?:please)?\W*", re.I
)
_NONE = re.compile(
    r"(no,? |sorry,? )*(none|neither|nothing|not any)( of (these|those|them|the above|that))?( please)?\W*|"
    r"(no,? |it is |it's |i mean |i meant )*(something|anything) (else|different)\W*|no\W*",
    re.I,
)
# The glue of titles says nothing about which one is meant.
_GLUE = frozenset(["the", "and", "for", "with", "from", "your", "you", "this", "that", "one", "not", "about"])
# What names a topic is short and asks nothing itself: "by card", not "how do I get a card?".
_NAMING_WORDS = 7
_ASKS = re.compile(r"^\W*(how|what|when|where|which|who|why|can|could|do|does|did|is|are|will|would|should)\b", re.I)


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


def declines_choices(text: str, turns: Sequence[Turn]) -> bool:
    """Whether the message says that nothing on the list of the turn before was meant."""
    return bool(turns) and bool(offered(turns[0])) and _NONE.fullmatch(text.strip()) is not None


def offered(turn: Turn) -> list[str]:
    """The titles that the turn asked the customer to choose from."""
    return [str(choice["title"]) for choice in turn.decision.get("choices", ())] if turn.action == "clarify" else []


def names_topic(text: str) -> bool:
    """Whether the message can be a choice in other words."""
    return len(text.split()) <= _NAMING_WORDS and not _ASKS.search(text)


def _choice(text: str, asked: Turn) -> str | None:
    """The title that the message picks: by number ("2", "No. 2, please", "the second one"), by name, or by words that
    no other title has ("the one with cash")."""
    shown = offered(asked)
    if number := _number(text.strip().casefold(), len(shown)):
        return shown[number - 1] if number <= len(shown) else None
    exact = (title for title in shown if title.casefold() == text.strip().casefold())
    return next(exact, None) or _by_words(text, shown)


def _number(text: str, count: int) -> int:
    """Counting from 1; 0 if the message is no number."""
    if text.rstrip(" .!") in {"last", "the last", "last one", "the last one"}:
        return count
    if picked := _NUMBER.fullmatch(text):
        return int(picked[1]) if picked[1].isdigit() else _ORDINALS.index(picked[1]) + 1
    return 0


def _by_words(text: str, titles: Sequence[str]) -> str | None:
    """The only title with one of its own words in the message."""
    if not names_topic(text):
        return None
    known = [_words(title) for title in titles]
    own = [words - set().union(*known[:n], *known[n + 1 :]) for n, words in enumerate(known)]
    named = [title for title, words in zip(titles, own, strict=True) if words & _words(text)]
    return named[0] if len(named) == 1 else None


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w{3,}", text.casefold()) if word not in _GLUE}
