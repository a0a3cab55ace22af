"""Which personal data a customer may be told: what a source says, and what is the customer's own."""

import re
from collections.abc import Iterable

from supportmax.domain.personal_data import find, same, stray_placeholder

# "My number is …", "write to me at …": somebody speaks of themselves. A sentence that tells the desk what to tell
# others does not. English, German, French, Spanish, Italian, Dutch, Portuguese.
_MYSELF = re.compile(
    r"\b(?:i|i['\u2019]\w+|my|me|mine|myself|we|our|ours|us|ich|mein\w*|mir|mich|wir|uns\w*|je|j['\u2019]\w*|mon|ma|mes"
    r"|moi|nous|notre|nos|yo|mi|mis|m\u00ed|nuestr\w+|io|mio|mia|noi|nostr\w+|ik|mijn|wij|ons|onze|eu|meu|minha|meus)\b",
    re.I,
)
_CLAUSE_ENDS = re.compile(r"[.!?;\n]\s+|\n")


def own_data(said: Iterable[str], address: str | None = None) -> frozenset[str]:
    """What customers gave of themselves: in the sentences that speak of them, alone on a line, or as the sender.

    In the spelling of `same`. What somebody else's words inside a message name is not theirs.
    """
    theirs = {same(address)} if address else set()
    for text in said:
        for found in find(text):
            before = list(_CLAUSE_ENDS.finditer(text, 0, found.start))
            after = _CLAUSE_ENDS.search(text, found.end)
            clause = text[before[-1].end() if before else 0 : after.start() if after else len(text)]
            rest = clause.replace(found.value, " ")
            if _MYSELF.search(rest) or len(rest.split()) <= 2:
                theirs.add(same(found.value))
    return frozenset(theirs)


def foreign_data(text: str, sources: Iterable[str], own: frozenset[str]) -> str | None:
    """The kind of the first personal data in `text` that is neither a source's nor the customer's own."""
    if stray_placeholder(text):
        return "placeholder"
    known = own | {same(found.value) for source in sources for found in find(source)}
    return next((found.kind for found in find(text) if same(found.value) not in known), None)
