"""The first step: what a customer wrote becomes plain text of bounded length, and nothing in it is an instruction."""

import unicodedata

from supportmax.domain.errors import InvalidInput, TooLarge

MAX_CHARACTERS = 8_000

# Zero-width, bidirectional and other invisible characters hide text from the people who read a conversation.
_INVISIBLE = {"Cc", "Cf", "Co", "Cs"}
_KEPT = {"\n", "\t"}


def visible_text(text: str) -> str:
    """`text` without invisible and control characters, line ends unified, trimmed."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in unified if c in _KEPT or unicodedata.category(c) not in _INVISIBLE).strip()


def accept_message(text: str) -> str:
    """A chat message fit to be stored and searched for. Raises InvalidInput or TooLarge."""
    if len(text) > MAX_CHARACTERS:
        raise TooLarge(f"message has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}")
    clean = visible_text(text)
    if not clean:
        raise InvalidInput("message must not be empty")
    return clean
