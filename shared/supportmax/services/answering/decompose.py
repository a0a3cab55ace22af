"""Two questions in one message: both deserve an answer."""

import re

MOST = 3
MAX_CHARACTERS = 1_000
_MIN_WORDS = 3
_SENTENCE = re.compile(r"(?<=[.?!])\s+|\n+")
_ASKS = r"(how|what|when|where|which|who|why|whether|can|could|do|does|did|is|are|will|would|should|may|am|have|has)"
_LEAD = (
    r"^\W*((hi|hello|hey|please|sorry|and|also|plus|then|first(ly)?|second(ly)?|(another|second) question|"
    r"one more thing|finally|additionally|besides|(two|three|2|3|some|a few) (things|questions)|"
    r"(i|we)( would|'d|\u2019d)? (need|want|like|have) to (know|ask|find out)|i('m|\u2019m| am) wondering|"
    r"(can you |could you )?(tell me|let me know))\W+)*"
)
_OPENS = re.compile(rf"{_LEAD}{_ASKS}\b", re.I)
# "…, and how do I …?": a second question grown onto the first.
_JOINT = re.compile(
    rf"\s*(?:,|;|\band\b|\balso\b|\bplus\b)\s*(?:,|\band\b|\balso\b|\bthen\b|\bplus\b|\s){{0,8}}(?={_ASKS}\s+"
    r"(?:do|does|did|can|could|is|are|will|would|should|i|we|you|my|the|it|much|many|long|often|to|there|\w+ \w+)\b)",
    re.I,
)
_JOINED = re.compile(r"\b(and|also|plus)\b|;", re.I)


def questions_in(text: str) -> list[str]:
    """The questions of a message, if there are at least two that could stand alone; else nothing.

    Whether they are about different things is for the search to say. A long message is one story.
    """
    if len(text) > MAX_CHARACTERS:
        return []
    asked = [part for sentence in _SENTENCE.split(text) for part in _unjoined(sentence) if _is_question(part)]
    distinct = list(dict.fromkeys(re.sub(_LEAD, "", part, flags=re.I) for part in asked))
    return distinct[:MOST] if len(distinct) > 1 else []


def _unjoined(sentence: str) -> list[str]:
    """A sentence cut where another question begins, as long as every piece asks something."""
    pieces: list[str] = []
    rest = sentence.strip()
    for joint in _JOINT.finditer(sentence):
        before = rest[: rest.find(sentence[joint.end() :])] if sentence[joint.end() :] else rest
        if _JOINED.search(joint.group()) and _is_question(f"{before.rstrip(' ,;')}?"):
            pieces.append(before)
            rest = sentence[joint.end() :].strip()
    cleaned = [re.sub(r"(\s|,|;|\band\b|\balso\b|\bplus\b)+$", "", piece, flags=re.I) for piece in [*pieces, rest]]
    return [piece for piece in cleaned if piece]


# What people add to a question: nothing that could be looked up.
_EMPTY = re.compile(
    r"^\W*(can|could|would|will) (you|someone|anyone) (please )?(help|explain|advise|assist)( me)?( \w+){0,3}\W*$|"
    r"^\W*what('s|s| is| are)? (going on|the (problem|issue|matter)|wrong|happening)( \w+){0,3}\W*$|"
    r"^\W*(what|how) (can|should|do|must) (i|we) (do|proceed|go on)( \w+){0,3}\W*$|"
    r"^\W*(why|how) (is|did|does|has) (this|that|it) \w+( \w+){0,2}\W*$|"
    r"^\W*is (this|that|it|there) (possible|normal|ok|okay|true|correct|right|a (problem|way))( \w+){0,3}\W*$",
    re.I,
)


def _is_question(part: str) -> bool:
    return len(part.split()) >= _MIN_WORDS and bool(_OPENS.search(part)) and not _EMPTY.match(part)
