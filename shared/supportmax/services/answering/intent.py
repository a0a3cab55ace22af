"""Messages that no article answers: small talk, and the wish for a human being."""

import re
from typing import Literal

Intent = Literal["greeting", "thanks", "human"]

_SMALL_TALK: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    (
        "greeting",
        re.compile(
            r"(hi|hello|hey|hiya|howdy|good (morning|afternoon|evening|day)|greetings)( (there|all|team))?", re.I
        ),
    ),
    (
        "thanks",
        re.compile(
            r"((ok|okay|great|perfect|super|cool)[ ,!.]*)?(many )?(thanks|thank you|thx|ty|cheers|bye|goodbye)"
            r"( (so|very) much| a lot)?( for (your|the) help)?( (bye|goodbye))?",
            re.I,
        ),
    ),
)
_PERSON = r"(human|person|someone|somebody|agent|representative|advisor|adviser|operator|staff member|real people)"
_WANTS_HUMAN = re.compile(
    rf"\b(speak|talk|chat|connect|transfer|put|get|want|need|give|pass|let)\b[^.?!\n]{{0,40}}?"
    rf"\b(to|with|me|a|an|real|live|actual)\b[^.?!\n]{{0,20}}?\b{_PERSON}\b"
    rf"|^\W*(a |an )?((real|live) )?(human|agent|representative|operator)( please)?\W*$",
    re.I,
)
# "Someone used my card": a person in the story, not one to talk to.
_NOT_A_REQUEST = re.compile(
    r"\b(used|stole|took|sent|paid|for) (someone|somebody|a person)\b|\b(someone|somebody) else", re.I
)


def recognise(text: str) -> Intent | None:
    """The intent, or None for everything that should be looked up."""
    bare = re.sub(r"[\s!.,?:;)(]+", " ", text).strip()
    for intent, pattern in _SMALL_TALK:
        if pattern.fullmatch(bare):
            return intent
    if _WANTS_HUMAN.search(text) and not _NOT_A_REQUEST.search(text):
        return "human"
    return None
