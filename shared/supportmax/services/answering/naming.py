"""What a question calls by its name: codes, numbers, quoted words, products. There, letters say more than meaning.

A model of meaning sees hardly any difference between `ERR_42` and `ERR_43`, or between two products it never heard of.
"""

import re
from collections.abc import Sequence

# As much cosine as a text gains that holds all that the question names. Between texts that differ only by a code the
# model's cosines differ by up to 0.2.
CODE_BONUS = 0.3
NAME_BONUS = 0.1
# What more of the candidates hold is their subject: it tells none of them apart.
COMMON = 0.25

# Letters and digits together, or digits that are no amount: ERR_42, E1204, PB-1234, 2-40017, 10.0.3.2, error 404.
_CODE = re.compile(
    r"(?=[\w./#-]*\d)(?=[\w./#-]*[^\W\d]|(?:\d[./#-]?){5})\w[\w./#-]*\w"
    r"|(?<=error )\d{3,4}|(?<=code )\d{3,4}|(?<=fehler )\d{3,4}|(?<=erreur )\d{3,4}|(?<=#)\d{3,}",
    re.I,
)
_QUOTED = re.compile(r"[\"“„«]\s*([^\"“”„«»]{3,80}?)\s*[\"”“»]")
# What Titles In Capitals write like a name.
_PLAIN = re.compile(
    r"the|how|what|when|where|which|who|whom|whose|why|whether|can|could|does|did|doing|don|didn|"
    r"are|was|were|will|would|should|may|might|must|have|has|had|been|being|this|that|these|"
    r"those|there|here|you|your|our|they|their|his|her|its|and|but|for|nor|not|with|without|"
    r"from|into|onto|over|under|about|after|before|while|until|than|then|too|very|just|also|any|"
    r"all|some|such|both|each|few|more|most|other|own|same|only|out|off|again|once|please|help|"
    r"need|want|get|got|wie|wann|wer|wem|wen|warum|wieso|welche|kann|können|ist|sind|wird|werden|"
    r"soll|habe|hat|und|oder|nicht|mein|meine|comment|pourquoi|quand|quel|quelle|est|sont|puis|"
    r"pas|mon|mes|cómo|qué|cuándo|dónde|quién|por|puedo|puede|está|son|mi|come|cosa|quando|dove|"
    r"perché|posso|sono|hoe|wat|wanneer|waar|waarom|kan|zijn|quem|porque"
)
_WORD = re.compile(r"[^\W\d_][\w-]{2,}")


def scores(question: str, texts: Sequence[str]) -> list[float]:
    """For each text, how much cosine it gains by holding what the question names."""
    bonus = dict.fromkeys(_names(question, "\n".join(texts)), NAME_BONUS)
    bonus |= dict.fromkeys([*_CODE.findall(question), *_QUOTED.findall(question)], CODE_BONUS)
    lowered = [text.lower() for text in texts] if bonus else []
    gained = [0.0] * len(texts)
    for name, worth in bonus.items():
        holds = [bool(found) for found in map(_whole(name).search, lowered)]
        if sum(holds) <= COMMON * len(holds):
            gained = [so_far + worth * held for so_far, held in zip(gained, holds, strict=True)]
    return [min(so_far, CODE_BONUS) for so_far in gained]


def _names(question: str, known: str) -> list[str]:
    """Words of the question that the known texts always write with a capital letter, inside sentences too."""
    words = {word.lower() for word in _WORD.findall(question)}
    return [word for word in sorted(words) if not _PLAIN.fullmatch(word) and _is_name(word, known)]


def _is_name(word: str, known: str) -> bool:
    """Plain finding first: it is quick, and hardly any word gets further."""
    found = known.find(f" {word.capitalize()}")
    while found > 0 and not known[found - 1].isalnum():
        found = known.find(f" {word.capitalize()}", found + 1)
    return found > 0 and not _whole(word).search(known)


def _whole(name: str) -> "re.Pattern[str]":
    """Not as a part of a longer word or number."""
    return re.compile(rf"(?<!\w){re.escape(name.lower())}(?!\w)")
