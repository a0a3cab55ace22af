"""A draft is spoken while it is being written: each sentence once it is whole and its sources carry it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

Say = Callable[[str], None]


@dataclass(slots=True)
class Speaker:
    """`check` gives the words of a sentence as the customer may read them, None if its sources do not carry it."""

    say: Say
    check: Callable[[Any], str | None]
    said: int = 0
    silent: bool = False
    text: str = ""

    def hear(self, text: str) -> None:
        """`text`: the draft's JSON so far. Its last sentence may still grow: it waits for the next one, or the end.

        A draft that starts again is not spoken if anything of the one before was: the customer gets the whole answer.
        """
        if not text.startswith(self.text) and self.said:
            self.silent = True
        self.text = text
        for sentence in _whole_sentences(text)[self.said :]:
            if not self.silent:
                self._speak(self.check(sentence))

    def _speak(self, words: str | None) -> None:
        if words is None:
            self.silent = True
            return
        self.say(f" {words}" if self.said else words)
        self.said += 1


def _whole_sentences(text: str) -> list[Any]:
    """Of an answer under way; none as long as it may turn out not to be one."""
    try:
        draft = from_json(text[text.find("{") :], allow_partial=True)
    except ValueError:
        return []
    if not isinstance(draft, dict) or draft.get("action") != "answer":
        return []
    sentences = draft.get("sentences")
    return sentences[:-1] if isinstance(sentences, list) else []
