"""What a reader could click, or a browser would load or draw, in whatever disguise it comes."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from supportmax.domain.personal_data import find
from supportmax.domain.visible_text import visible

_COMMON_ENDS = "com|net|org|info|biz|io|co|me|app|dev|xyz|top|site|online|shop|link|click|eu|de|uk|ru|cn|in"
_DOT = re.compile(
    rf"\s?[\[({{]\s?(?:\.|dot)\s?[\])}}]\s?|\u3002(?=[a-z0-9])|\s\.\s?(?=(?:{_COMMON_ENDS})\b)"
    rf"|(?<=\w)\sdot\s(?=(?:{_COMMON_ENDS})\b)"
)
_COLON = re.compile(r"[\[({]\s?:(?://)?\s?[\])}]")
_HTTP = re.compile(r"\bh(?:xx|\*\*|__|tt)p(?=s?[:\[(])")
_STOP = r"[^\s<>\"'`)\]|]"
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)?|\[[^\]]*\]?)?")
_MARKDOWN = re.compile(r"\]\(\s*<?([^)>\s]*)|\[[^\]]+\]\s?\[([^\]]*)\]|^[ \t]*\[[^\]]+\]:\s*(\S+)", re.M)
_TAG = re.compile(r"<[/!?]?[a-z][^>]{0,500}>?")
_URL = re.compile(rf"[a-z][a-z0-9+.-]{{1,20}}:[/\\]{{1,3}}{_STOP}+|(?<![\w:])(?://|\\\\)[\w-]+\.{_STOP}+")
_SCHEME = re.compile(
    r"\b(?:javascript|vbscript|data|mailto|tel|sms|callto|skype|whatsapp|file|blob|about|intent|magnet|bitcoin|facetime"
    rf"|ftp):{_STOP}+"
)
_HOST = re.compile(
    rf"(?<![\w@.-])(?:\w[\w-]{{0,62}}\.)+(?:xn--[a-z0-9-]{{2,59}}|[^\W\d_]{{2,24}})(?![\w-])(?::\d+)?(?:[/?#]{_STOP}*)?"
    rf"|(?<![\d.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![\d.])(?:[:/]{_STOP}*)?"
)


def foreign_link(text: str, sources: Iterable[str]) -> str | None:
    """The first link, image or tag of `text` that no source has; None if all are from there.

    A source's page may also be named by its host alone.
    """
    known = {item for source in sources for item in _items(source)}
    known |= {item.split("/", 1)[0] for item in known}
    return next((item for item in _items(text) if item not in known), None)


def without_links(text: str) -> str:
    """For a line that quotes what a stranger wrote: words that are links go, and so do tags.

    Mail programs make a link of an address, too.
    """
    kept = [word for word in _TAG_AS_WRITTEN.sub(" ", text).split() if not _is_clickable(word)]
    line = " ".join(kept)
    return line if foreign_link(line, ()) is None else ""


def _is_clickable(word: str) -> bool:
    return foreign_link(word, ()) is not None or any(found.kind == "email" for found in find(word))


def defanged(text: str) -> str:
    """For a text that must show what a stranger wrote: its links can be read, and not be clicked."""
    return " ".join(_defanged_word(word) for word in text.split(" "))


_TAG_AS_WRITTEN = re.compile(r"<[/!?]?[A-Za-z][^>]{0,500}>?")


def _defanged_word(word: str) -> str:
    if foreign_link(word, ()) is None:
        return word
    harmless = re.sub(r"(?i)\bhttp(s?)(?=:)", r"hxxp\1", word).replace(":", "[:]", 1)
    return re.sub(r"(?<=\w)\.(?=\w)", "[.]", harmless).replace("<", "(").replace(">", ")")


def _items(text: str) -> Iterator[str]:
    """Links and markup in one spelling each."""
    plain = _plain(text)
    for image in _IMAGE.finditer(plain):
        yield f"image {image[0]}"
    for target in _MARKDOWN.finditer(plain):
        yield _key(next((group for group in target.groups() if group), target[0]))
    for tag in _TAG.finditer(plain):
        yield f"tag {tag[0]}"
    for pattern in (_URL, _SCHEME, _HOST):
        for link in pattern.finditer(plain):
            yield _key(link[0])


def _plain(text: str) -> str:
    """Without disguise: escapes, wide letters, [.], hxxp. Mail addresses have a check of their own and are left out."""
    for _ in range(2):
        text = html.unescape(unquote(text))
    text = unicodedata.normalize("NFKC", visible(text))
    for found in reversed(find(text)):
        if found.kind == "email":
            text = f"{text[: found.start]} {text[found.end :]}"
    text = _DOT.sub(".", _COLON.sub("://", text.casefold()))
    return _HTTP.sub("http", text)


def _key(link: str) -> str:
    """The same for a link with and without scheme, www and a slash or full stop at its end."""
    bare = re.sub(r"^(?:https?:)?[/\\]+(?:www\.)?|^www\.", "", link.rstrip(".,;:!?*_"))
    return bare.rstrip("/").rstrip(".,;:!?")
