"""Text that people can see all of: nothing zero-width, nothing that turns the direction, no hidden alphabet.

Joiners stay where writing needs them: inside an emoji, and between letters of scripts that join.
"""

import re
import unicodedata

# Controls but tab and line feed, format characters but joiners and the number signs that are drawn, private use, half
# surrogates; then letters, marks and symbols that are drawn as nothing: fillers, variation selectors.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e01ef"
    "\ud800-\uf8ff\U000f0000-\U0010ffff"
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_JOINERS, _ZWJ = "\u200c\u200d", "\u200d"
_TEXT_OR_EMOJI = "\ufe0e\ufe0f"
_JOINS = re.compile(f"[{_JOINERS}{_TEXT_OR_EMOJI}]")
# Arabic to Mandaic, the scripts of India and its neighbours, Khmer, Mongolian, Arabic presentation forms.
_JOINING_SCRIPTS = re.compile("[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufeff]")


def visible(text: str) -> str:
    """`text` without what cannot be seen, line ends unified."""
    if text.isascii() and text.isprintable():
        return text
    seen = _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    return _without_idle_joiners(seen) if _JOINS.search(seen) else seen


def _without_idle_joiners(text: str) -> str:
    kept: list[str] = []
    for place, character in enumerate(text):
        before = kept[-1] if kept else ""
        after = text[place + 1 : place + 2]
        if _is_idle(character, before, after):
            continue
        kept.append(character)
    return "".join(kept)


def _is_idle(character: str, before: str, after: str) -> bool:
    """A joiner, or an emoji's selector, that has nothing to do between its neighbours."""
    if character in _TEXT_OR_EMOJI:
        return not (before and (before in "#*0123456789" or unicodedata.category(before) in {"So", "Sm", "Po"}))
    if character not in _JOINERS:
        return False
    if _JOINING_SCRIPTS.match(before) and _JOINING_SCRIPTS.match(after):
        return False
    return not (character == _ZWJ and _is_emoji(before) and after not in _TEXT_OR_EMOJI and _is_emoji(after))


def _is_emoji(character: str) -> bool:
    return bool(character) and (
        unicodedata.category(character) == "So"
        or character in _TEXT_OR_EMOJI
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )
