"""The step after the model: what it wrote is said only if the passages that it names carry it.

Nothing here asks a model. Whatever talked the model into something, this code never read it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from supportmax.domain.knowledge import Hit
from supportmax.domain.personal_data import find
from supportmax.domain.tickets import Ticket
from supportmax.domain.visible_text import visible
from supportmax.services.answering import actions, support
from supportmax.services.answering.links import foreign_link
from supportmax.services.answering.own_data import foreign_data


class Unsupported(Exception):  # noqa: N818 - a draft that must be written again
    """The draft says something that its sources do not carry. The text never quotes the draft."""


def _unknown_language(text: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """The customer's side: the message and its language, and the customer's own data (own_data.py).

    `actions`: what the model may choose from; `ticket`: the conversation's own. `language_of` tells the language of a
    sentence, None if it is too short to tell.
    """

    message: str
    own: frozenset[str] = frozenset()
    language: str | None = None
    language_of: Callable[[str], str | None] = _unknown_language
    actions: Sequence[str] = (actions.ANSWER, actions.HAND_OVER)
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a sentence may stand on. `secret`: the instructions, which no answer repeats."""

    passages: Sequence[Hit]
    asked: Asked
    secret: str = ""

    def checked(self, sentence: Any, before: str = "") -> tuple[str, dict[str, Hit]]:
        """The words of a sentence and its passages by id; `before`: the words said already. Raises Unsupported."""
        text, ids = _parts(sentence)
        by_id = {str(number): hit for number, hit in enumerate(self.passages, 1)}
        if any(one not in by_id for one in ids):
            raise Unsupported("a sentence names a passage that does not exist")
        cited = {one: by_id[one] for one in ids}
        self._check(text, before, list(cited.values()))
        return text, cited

    def _check(self, text: str, before: str, cited: Sequence[Hit]) -> None:
        sources = [f"{hit.title}\n{hit.text}" for hit in cited]
        if foreign_link(text, sources) is not None:
            raise Unsupported("a link or markup is in none of its sources")
        if kind := foreign_data(text, sources, self.asked.own):
            raise Unsupported(f"a sentence names personal data ({kind}) that is in none of its sources")
        tail = " ".join(before.split()[-support.LEAK_WORDS :])
        if support.is_encoded(text) or support.leaks(f"{tail} {text}", self.secret, sources):
            raise Unsupported("a sentence is not an answer")
        own, bare = _without_data(text)
        if support.unknown_number(bare, [*sources, self.asked.message]) is not None:
            raise Unsupported("a sentence names a number that is in none of its sources")
        if support.echoes(text, self.asked.message, sources) or not self._carried(text, bare, own, sources):
            raise Unsupported("a sentence says what its sources do not say")

    def _carried(self, text: str, bare: str, own: int, sources: Sequence[str]) -> bool:
        """By its words; of a translation no word is left, so only that it is one can be seen."""
        articles = self.passages[0].language
        if self.asked.language not in {None, articles} and self.asked.language_of(text) != articles:
            return True
        # The customer's own data is as good as words of the source: "We write to ann@example.com."
        count = len(support.content(bare))
        return support.unsupported_share(bare, sources) * count <= (1 - support.SHARE) * (count + 2 * own)


def _parts(sentence: Any) -> tuple[str, list[str]]:
    text = sentence.get("text") if isinstance(sentence, dict) else None
    ids = sentence.get("sources") if isinstance(sentence, dict) else None
    if not isinstance(text, str) or not text.strip() or not isinstance(ids, list) or not ids:
        raise Unsupported("a sentence names no source")
    return visible(text).strip(), [str(one) for one in ids]


def _without_data(text: str) -> tuple[int, str]:
    """How much personal data it holds, and the text without it."""
    found = find(text)
    for one in reversed(found):
        text = f"{text[: one.start]} {text[one.end :]}"
    return len(found), text
