"""The desk's own fixed sentences, in the languages it can speak without a language model."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("phrases.json")
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Small talk, and what is said with a hand-over: why, then that a human has it. `{number}` is the ticket's."""

    greeting: str
    thanks: str
    unsure: str
    asked_for: str
    angry: str
    account: str
    other_language: str
    reminded: str
    rest: str


@cache
def all_phrases() -> dict[str, Phrases]:
    """By language (ISO 639-1)."""
    return {language: Phrases(**words) for language, words in json.loads(FILE.read_text("utf-8")).items()}


def phrases_in(language: str | None) -> Phrases:
    """Those of the language, English where we have none."""
    known = all_phrases()
    return known.get(language or DEFAULT, known[DEFAULT])
