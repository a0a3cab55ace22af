"""Mail addresses, also as people write them who hide from robots: "jane (at) example dot com"."""

import re
from collections.abc import Iterator

_LOCAL = re.compile(r"[\w.!#$%&'*+?^`{|}~-]")
_MAX_LOCAL = 64
_HOST = re.compile(
    r"\[[\d.:a-fA-F]{3,45}\]|(?:[\w-]{1,63}\.){0,8}[^\W\d_][\w-]{0,62}"  # an IP address; labels, the last with a letter
)
_BEFORE = r"(?<![\w.+-])[\w.+-]{1,64}"
_LABEL = r"[\w-]{1,63}"
_BRACKETS = re.compile(
    rf"{_BEFORE}\s{{0,2}}[\[({{<]\s?(?:at|@)\s?[\])}}>]\s{{0,2}}{_LABEL}"
    rf"(?:\s{{0,2}}(?:\.|[\[({{<]\s?(?:dot|\.)\s?[\])}}>]|\sdot\s)\s{{0,2}}{_LABEL}){{1,5}}",
    re.I,
)
_WORDS = re.compile(rf"{_BEFORE}(?: dot {_LABEL}){{0,3}} at {_LABEL}(?: dot {_LABEL}){{1,5}}(?![\w-])", re.I)
# Where only the @ is spelled out, "it at example.com" would be one too: the name must look like a mailbox's, or the
# host be one that has mailboxes.
_PROVIDERS = (
    r"(?:g(?:oogle)?mail|outlook|hotmail|live|yahoo|icloud|aol|gmx|web|proton(?:mail)?|mail|yandex|qq|163|t-online"
    r"|orange)"
)
_ONLY_AT = re.compile(
    rf"(?<![\w.+-])(?:(?=[^\W_]{{0,64}}[._+\d])[\w.+-]{{1,64}}\s(?:at|AT)\s(?:{_LABEL}\.){{1,5}}[a-zA-Z]{{2,24}}"
    rf"|[\w.+-]{{1,64}}\s(?:at|AT)\s{_PROVIDERS}\.[a-z.]{{2,8}})(?![\w-])"
)


def mail_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Their places, in order; they do not overlap."""
    reached = 0
    for start, end in sorted({*_with_sign(text), *_spelled_out(text)}):
        if start >= reached:
            reached = end
            yield start, end


def _with_sign(text: str) -> Iterator[tuple[int, int]]:
    at = text.find("@")
    while at >= 0:
        if place := _around(text, at):
            yield place
        at = text.find("@", place[1] if place else at + 1)


def _around(text: str, at: int) -> tuple[int, int] | None:
    """The address around an @; with a space beside it only if the host has a dot."""
    left = at - 1 if text[at - 1 : at] == " " else at
    right = at + 2 if text[at + 1 : at + 2] == " " else at + 1
    host = _HOST.match(text, right)
    start = _local_start(text, left)
    if host is None or start == left:
        return None
    if (left < at or right > at + 1) and "." not in host[0]:
        return None
    return start, host.end()


def _local_start(text: str, end: int) -> int:
    if text[end - 1 : end] == '"' and (opening := text.rfind('"', max(0, end - _MAX_LOCAL - 2), end - 1)) >= 0:
        return opening
    start = end
    while start > max(0, end - _MAX_LOCAL) and _LOCAL.match(text[start - 1]):
        start -= 1
    while start < end and text[start] in ".'`*|?!{}":  # signs of the sentence
        start += 1
    return start


def _spelled_out(text: str) -> Iterator[tuple[int, int]]:
    for form in (_BRACKETS, _WORDS, _ONLY_AT):
        for match in form.finditer(text):
            yield match.span()
