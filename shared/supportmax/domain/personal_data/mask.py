"""Personal data leaves under a placeholder, and comes back where the placeholder does."""

import re
from typing import Any

from supportmax.domain.personal_data.detect import Kind, find

_PLACEHOLDER = re.compile(r"\\?\[\s*(EMAIL|CARD|IBAN|PHONE|ID|NUMBER)[_ ](\d{1,4})\s*\\?\]", re.I)
_MAY_GROW = re.compile(r"\\?\[[A-Za-z_ \d]{0,14}\\?\Z")
# What an embedding model reads instead.
_WORDS: dict[Kind, str] = {
    "email": "e-mail address",
    "card": "card number",
    "iban": "account number",
    "phone": "phone number",
    "id": "id number",
    "number": "number",
}


class Mask:
    """The placeholders of one call: the same data, the same placeholder. `beside`: text whose own ones are avoided."""

    def __init__(self, beside: str = "") -> None:
        self._taken = {_name(match) for match in _PLACEHOLDER.finditer(beside)}
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, str] = {}

    def hide(self, value: Any) -> Any:
        """`value` with its texts masked: a text, or JSON data of texts. Keys stay."""
        if isinstance(value, str):
            return _replaced(value, self._placeholder)
        if isinstance(value, dict):
            return {key: self.hide(item) for key, item in value.items()}
        return [self.hide(item) for item in value] if isinstance(value, list) else value

    def restore(self, value: Any) -> Any:
        """The reverse; a placeholder that stands for nothing stays."""
        if isinstance(value, str):
            return _PLACEHOLDER.sub(lambda match: self._values.get(_name(match), match[0]), value) if value else value
        if isinstance(value, dict):
            return {key: self.restore(item) for key, item in value.items()}
        return [self.restore(item) for item in value] if isinstance(value, list) else value

    def restore_json(self, text: str) -> str:
        """JSON under way: values are escaped, and a placeholder that is not whole yet is held back."""
        whole = _MAY_GROW.sub("", text)

        def escaped(match: re.Match[str]) -> str:
            value = self._values.get(_name(match))
            return match[0] if value is None else _escaped(value)

        return _PLACEHOLDER.sub(escaped, whole)

    def _placeholder(self, kind: Kind, value: str) -> str:
        if value not in self._placeholders:
            number = 1
            while (name := f"[{kind.upper()}_{number}]") in self._taken:
                number += 1
            self._taken.add(name)
            self._placeholders[value] = name
            self._values[name] = value
        return self._placeholders[value]


def redact(text: str) -> str:
    """With the kind of the data instead of the data: `[email]`."""
    return _replaced(text, lambda kind, _: f"[{kind}]")


def generalise(text: str) -> str:
    """The same in words: two texts that differ in such data only become the same."""
    return _replaced(text, lambda kind, _: _WORDS[kind])


def stray_placeholder(text: str) -> str | None:
    """A placeholder in a text that should hold none."""
    match = _PLACEHOLDER.search(text)
    return match[0] if match else None


def _replaced(text: str, instead: Any) -> str:
    parts: list[str] = []
    at = 0
    for found in find(text):
        parts += [text[at : found.start], instead(found.kind, found.value)]
        at = found.end
    return "".join([*parts, text[at:]])


def _name(match: re.Match[str]) -> str:
    return f"[{match[1].upper()}_{match[2]}]"


def _escaped(value: str) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)[1:-1]
