"""Separate what the sender wrote now from what their mail program repeated.

Rules, not a library: docs/decisions/0003-reply-trimming.md has the measurement. Nothing is lost: what is not in
`reply` is in `folded`, and when no own words are left the whole text is the reply.
"""

import re
from dataclasses import dataclass

from supportmax.services.mail.reply_markers import (
    attribution_length,
    header_block_length,
    is_quote,
    is_separator,
)
from supportmax.services.mail.signatures import is_mobile_note, is_rule, own_words_end

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_MAX_LINES = 5_000
_MAX_MARKERS = 40
_MAX_PASSES = 5
_SHORT_TAIL = 7


@dataclass(frozen=True)
class SplitReply:
    """`reply`: the new text. `folded`: quotes and signature, in their order; empty when nothing was folded."""

    reply: str
    folded: str


@dataclass(frozen=True)
class _Marker:
    start: int
    end: int
    attribution: bool


def split_reply(text: str) -> SplitReply:
    """Split a plain-text body."""
    lines = _clean_lines(text)
    kept = _kept_lines(lines[:_MAX_LINES])
    own = [index for index in kept if lines[index].strip()]
    if not any(_is_own_text(lines[index]) for index in own):
        return SplitReply(_tidy(lines), "")
    chosen = set(kept)
    folded = [line for index, line in enumerate(lines) if index not in chosen]
    return SplitReply(_tidy([lines[index] for index in kept]), _tidy(folded))


def _clean_lines(text: str) -> list[str]:
    text = _INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return [line.rstrip() for line in text.split("\n")]


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n").rstrip()


def _is_own_text(line: str) -> bool:
    return bool(line.strip()) and not (is_quote(line) or is_rule(line) or is_mobile_note(line))


def _kept_lines(lines: list[str]) -> list[int]:
    """Indexes of the lines that are the sender's own (with the quotes they answer one by one)."""
    kept: list[int] = []
    position = 0
    for round_number in range(_MAX_MARKERS + 1):
        marker = _next_marker(lines, position) if round_number < _MAX_MARKERS else None
        if marker is None:
            kept.extend(range(position, len(lines)))
            break
        kept.extend(range(position, marker.start))
        if not any(_is_own_text(lines[index]) for index in kept):
            position = _after_leading_quote(lines, marker)
        elif marker.attribution and _answers_inline(lines[marker.end :]):
            position = marker.end
        else:
            break
    return _without_ending(lines, kept)


def _next_marker(lines: list[str], position: int) -> _Marker | None:
    for index in range(position, len(lines)):
        line = lines[index]
        if not line.strip():
            continue
        if is_separator(line):
            return _Marker(index, _after_headers(lines, index + 1), attribution=False)
        if is_quote(line):
            continue
        if length := header_block_length(lines, index):
            return _Marker(index, index + length, attribution=False)
        if length := attribution_length(lines, index):
            return _Marker(index, _after_headers(lines, index + length), attribution=True)
    return None


def _after_headers(lines: list[str], position: int) -> int:
    """A separator or attribution may be followed by the header block of the same mail."""
    start = position
    while start < len(lines) and (not lines[start].strip() or is_rule(lines[start])):
        start += 1
    length = header_block_length(lines, start) if start < len(lines) else 0
    return start + length if length else position


def _after_leading_quote(lines: list[str], marker: _Marker) -> int:
    """Nothing of the sender stands above. Answer below one quoted block: skip it; otherwise keep the quotes."""
    rest = lines[marker.end :]
    blocks = _blocks(rest)
    if marker.attribution and [kind for kind, _ in blocks] == ["quote", "text"]:
        return marker.end + blocks[1][1]
    return marker.end


def _answers_inline(rest: list[str]) -> bool:
    """Own text above, then an attribution: is what follows answered piece by piece, or just repeated?"""
    blocks = _blocks(rest[: own_words_end(rest)])
    kinds = [kind for kind, _ in blocks]
    if not kinds or kinds[0] != "quote" or "text" not in kinds:
        return False
    if kinds.count("text") > 1 or kinds[-1] == "quote":
        return True
    tail = [line for line in rest[blocks[-1][1] : own_words_end(rest)] if line.strip()]
    return len(tail) >= _SHORT_TAIL


def _blocks(lines: list[str]) -> list[tuple[str, int]]:
    """Runs of quoted and own text with their first line; a line that only wrapped out of a quote counts as quote."""
    blocks: list[tuple[str, int]] = []
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        kind = "quote" if is_quote(line) or _wrapped_out(lines, index) else "text"
        if not blocks or blocks[-1][0] != kind:
            blocks.append((kind, index))
    return blocks


def _wrapped_out(lines: list[str], index: int) -> bool:
    return 0 < index < len(lines) - 1 and is_quote(lines[index - 1]) and is_quote(lines[index + 1])


def _without_ending(lines: list[str], kept: list[int]) -> list[int]:
    """Drop the signature and a quote that nobody answers below."""
    for _ in range(_MAX_PASSES):
        before = len(kept)
        shown = [lines[index] for index in kept]
        cut = own_words_end(shown)
        if any(_is_own_text(line) for line in shown[:cut]):
            kept = kept[:cut]
        kept = _without_trailing_quote(lines, kept)
        if len(kept) == before:
            break
    return kept


def _without_trailing_quote(lines: list[str], kept: list[int]) -> list[int]:
    end = len(kept)
    while end and (not lines[kept[end - 1]].strip() or is_quote(lines[kept[end - 1]])):
        end -= 1
    return kept[:end] if any(_is_own_text(lines[index]) for index in kept[:end]) else kept
