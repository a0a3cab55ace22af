"""Text as a detector should see it: one spelling for every digit, dash, space and @, nothing invisible."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Escapes of JSON, URLs and HTML: a log line or an error may hold text in any of them.
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\+[nrt]|%40|%2[Bb]|%20|&#0*64;|&#[xX]0*40;|&commat;|&nbsp;")
_MEANING = {"%40": "@", "%2b": "+", "%20": " ", "&nbsp;": " "}
# Middle dots, bullets, and the full stops of East Asian writing.
_DOTS = frozenset("\u00b7\u2022\u2219\u22c5\u30fb\u3002\uff0e\uff61")
_DASHES = frozenset("\u2212\u2043")  # minus, hyphen bullet; the others have a category of their own
# Of characters that stand for one of ASCII, or for nothing.
_BY_CATEGORY = {"Cf": "", "Mn": "", "Me": "", "Pd": "-", "Zs": " ", "Zl": "\n", "Zp": "\n"}


@dataclass(frozen=True, slots=True)
class Shadow:
    """`text` is what to search; `starts` and `ends` give each of its characters' place in the original."""

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a match is in the original."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def shadow(text: str) -> Shadow:
    """ASCII without escapes is its own shadow."""
    if text.isascii() and not _ESCAPE.search(text):
        return Shadow(text)
    seen: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, character in _characters(text):
        if character:
            seen.append(character)
            starts.append(start)
            ends.append(end)
    return Shadow("".join(seen), starts, ends)


def _characters(text: str) -> "list[tuple[int, int, str]]":
    found: list[tuple[int, int, str]] = []
    at = 0
    for escape in _ESCAPE.finditer(text):
        found += [(i, i + 1, plain(text[i])) for i in range(at, escape.start())]
        found.append((escape.start(), escape.end(), _unescaped(escape)))
        at = escape.end()
    return found + [(i, i + 1, plain(text[i])) for i in range(at, len(text))]


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return plain(chr(int(escape[1], 16)))
    if escape[0].startswith("\\"):
        return "\n"
    return _MEANING.get(escape[0].lower(), "@")


@lru_cache(maxsize=4096)
def plain(character: str) -> str:
    """One character, or none for what cannot be seen."""
    if character.isascii():
        return character
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    if character in _DOTS:
        return "."
    if character in _DASHES:
        return "-"
    folded = unicodedata.normalize("NFKC", character)
    return _BY_CATEGORY.get(unicodedata.category(character), folded if len(folded) == 1 else character)
