"""The first step: what a customer wrote becomes plain text of bounded length, and nothing in it is an instruction."""

import json
from typing import Any

from supportmax.domain.errors import InvalidInput, TooLarge
from supportmax.domain.visible_text import visible

MAX_CHARACTERS = 8_000


def visible_text(text: str) -> str:
    """`text` without invisible and control characters, line ends unified, trimmed."""
    return visible(text).strip()


def fenced(data: dict[str, Any]) -> str:
    """Data for a prompt. JSON is the fence: no text in it can close it, and none holds what a person would not see."""
    return json.dumps(_cleaned(data), ensure_ascii=False)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


def accept_message(text: str) -> str:
    """A chat message fit to be stored and searched for. Raises InvalidInput or TooLarge."""
    if len(text) > MAX_CHARACTERS:
        raise TooLarge(f"message has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}")
    clean = visible_text(text)
    if not clean:
        raise InvalidInput("message must not be empty")
    return clean
