"""From what servers send to the object that was asked for."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from supportmax.domain.answers import Usage
from supportmax.ports import OnText

MOST_TOKENS = 10_000_000

_THINKING = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>\s*", re.S)
_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n\s*```\s*\Z", re.S)


class Unreadable(Exception):  # noqa: N818 - private to the adapter
    """The answer is not what was asked for. The text says how, without quoting it."""


class Refused(Unreadable):
    """The model declined to answer."""


class Incomplete(Unreadable):
    """It broke off before it said what it cost."""


def object_in(text: str) -> dict[str, Any]:
    """The JSON object of an answer, whatever thoughts, fences and remarks are around it. Raises Unreadable."""
    bare = _THINKING.sub("", text)
    fenced = _FENCE.match(bare)
    bare = fenced[1] if fenced else bare.strip()
    start = bare.find("{")
    if start < 0:
        raise Unreadable("the answer holds no JSON object")
    try:
        found, _ = json.JSONDecoder().raw_decode(bare, start)
    except (ValueError, RecursionError):
        raise Unreadable("the answer is not a whole JSON object") from None
    if bare[:start].strip().startswith("["):
        raise Unreadable("the answer is a list, not an object")
    return dict(found)


def message_text(message: Any) -> str:
    """The text of a message. Raises Unreadable, Refused."""
    if not isinstance(message, dict):
        raise Unreadable("the document has no message")
    if message.get("refusal"):
        raise Refused("the model refused to answer")
    text = _text(message.get("content"))
    if not text.strip():
        raise Unreadable("the message is empty")
    return text


def _text(content: Any) -> str:
    """Content is a string, or a list of parts of which some are text."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


@dataclass(slots=True)
class Spoken:
    """What a stream has said so far; `on_text` hears it grow."""

    on_text: OnText | None
    text: str = ""
    usage: Usage | None = None
    refused: bool = False
    cut_off: bool = False

    def add(self, document: dict[str, Any], model: str) -> None:
        """One event of the stream."""
        self.usage = usage_in(document, model) or self.usage
        choices = document.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if choice is None or not isinstance(delta, dict):
            return
        self.refused = self.refused or bool(delta.get("refusal"))
        self.cut_off = self.cut_off or choice.get("finish_reason") == "length"
        if piece := _text(delta.get("content")):
            self.text += piece
            if self.on_text:
                self.on_text(self.text)


def usage_in(document: Any, model: str) -> Usage | None:
    """The tokens that a document counts; None where it counts none."""
    tokens = document.get("usage") if isinstance(document, dict) else None
    if not isinstance(tokens, dict) or not _count(tokens.get("prompt_tokens")):
        return None
    name = document.get("model")
    return Usage(
        model=name if isinstance(name, str) and name else model,
        input_tokens=_count(tokens.get("prompt_tokens")),
        output_tokens=_count(tokens.get("completion_tokens")),
        cached_tokens=min(_cached(tokens), _count(tokens.get("prompt_tokens"))),
    )


def estimated(model: str, asked: str, answered: bytes) -> Usage:
    """For servers that count no tokens: four bytes a token, as in English prose."""
    return Usage(model=model, input_tokens=len(asked.encode()) // 4 + 1, output_tokens=len(answered) // 4 + 1)


def _cached(tokens: dict[str, Any]) -> int:
    """Most name it as OpenAI does, DeepSeek as the second."""
    details = tokens.get("prompt_tokens_details")
    named = details.get("cached_tokens") if isinstance(details, dict) else None
    return _count(named or tokens.get("prompt_cache_hit_tokens"))


def _count(value: Any) -> int:
    """What no model can have read or written is not worth believing, nor storing."""
    return min(value, MOST_TOKENS) if isinstance(value, int) and value > 0 else 0


def first_choice(document: Any) -> dict[str, Any]:
    """Raises Unreadable."""
    choices = document.get("choices") if isinstance(document, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Unreadable("the document has no choices")
    return choices[0]


def events_in(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The documents of a stream of server-sent events. Raises Unreadable if it ends before it says so."""
    for line in lines:
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        try:
            document = json.loads(data)
        except ValueError:
            raise Incomplete("a piece of the stream is not JSON") from None
        if isinstance(document, dict):
            yield document
    raise Incomplete("the stream was cut off")
