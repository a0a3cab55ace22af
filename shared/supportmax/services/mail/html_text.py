"""HTML bodies: as safe HTML for the dashboard, and as plain text with quotes marked the way plain mails mark them."""

import html as html_entities
import re
from typing import Any

MAX_HTML_CHARS = 3_000_000
_MAX_DEPTH = 240
_URL_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_SIGNATURE_IDS = {"Signature", "signature", "ms-outlook-mobile-signature", "AppleMailSignature"}
_HEAD_JUNK = re.compile(
    r"<(style|script|title|xml|o:\w+)\b.*?</\1\s*>|<!--.*?-->|<!\[.*?\]>", re.IGNORECASE | re.DOTALL
)
_BLANK_DOCUMENT = re.compile(r"<!--.*?-->|<!doctype[^>]*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d|hr)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,10000}>")
_OPENING = re.compile(r"<(/?)(?!br\b|img\b|hr\b|p\b|input\b|meta\b|link\b|li\b|col\b)[a-z]", re.IGNORECASE)


def sanitise_html(html: str) -> str:
    """HTML that runs nothing and fetches nothing: no scripts, styles or remote images; links open without referrer."""
    import nh3

    if _too_deep(html):
        return f"<pre>{html_entities.escape(_bare_words(html))}</pre>"
    attributes = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
    return nh3.clean(
        html[:MAX_HTML_CHARS], url_schemes=_URL_SCHEMES, attributes=attributes, attribute_filter=_only_enclosed_images
    )


def _only_enclosed_images(tag: str, attribute: str, value: str) -> str | None:
    """A remote image tells its sender when an agent reads the mail."""
    is_source = tag in {"img", "source"} and attribute in {"src", "srcset"}
    return None if is_source and not value.lower().startswith("cid:") else value


def html_to_text(html: str) -> str:
    """Plain text; a block quote becomes lines with `> `. Broken or hostile HTML gives at least its bare words."""
    html = html[:MAX_HTML_CHARS]
    if not _BLANK_DOCUMENT.sub("", html).strip():
        return ""
    if _too_deep(html):
        return _bare_words(html)
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        return _render(html)
    except (LxmlError, ValueError, RecursionError, AssertionError, LookupError, TypeError, AttributeError):
        return _bare_words(html)


def _too_deep(html: str) -> bool:
    """The renderer calls itself for every level, and the sanitiser's time grows with the square of the depth."""
    depth = 0
    for match in _OPENING.finditer(html):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _MAX_DEPTH:
            return True
    return False


def _render(html: str) -> str:
    from lxml import html as lxml_html  # type: ignore[import-untyped]

    tree = lxml_html.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", html))
    if isinstance(tree.tag, str) and tree.tag != "html":
        wrapper = lxml_html.Element("div")
        wrapper.append(tree)
        tree = wrapper
    for rule in list(tree.iter("hr")):
        _replace(rule, "--------------------------------")
    for signature in [element for element in tree.iter() if element.get("id") in _SIGNATURE_IDS]:
        delimiter = lxml_html.Element("pre")
        delimiter.text = "--"
        signature.addprevious(delimiter)
    for quote in reversed(list(tree.iter("blockquote"))):
        tail, quote.tail = quote.tail, None  # the renderer would take what follows for a part of it
        quote_lines = _plain(quote).strip("\n").split("\n")
        quote.tail = tail
        _replace(quote, "\n".join(f"> {line}".rstrip() for line in quote_lines))
    return _plain(tree)


def _replace(element: Any, text: str) -> None:
    """Put preformatted text where the element was; what follows the element stays."""
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "pre", text, tail


def _plain(element: Any) -> str:
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.html_engine import Inscriptis
    from inscriptis.model.config import ParserConfig

    text = Inscriptis(element, ParserConfig(css=CSS_PROFILES["strict"].copy())).get_text()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n")))


def _bare_words(html: str) -> str:
    html = html[:MAX_HTML_CHARS]
    text = _TAG.sub("", _BREAK.sub("\n", _HEAD_JUNK.sub(" ", html)))
    return re.sub(r"[ \t]*\n\s*\n\s*", "\n\n", html_entities.unescape(text)).strip()
