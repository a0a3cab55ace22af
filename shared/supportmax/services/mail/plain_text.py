"""Markdown as people write it in a plain mail: the signs go, the words and the lists stay."""

import re

_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.M)
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.S)
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
_CODE = re.compile(r"`([^`\n]+)`")


def plain_text(markdown: str) -> str:
    """`markdown` without its marks; a link becomes `text (address)`."""
    text = _LINK.sub(lambda m: f"{m[1]} ({m[2]})" if m[1] and m[1] != m[2] else m[2], markdown)
    text = _HEADING.sub(r"\1", text)
    text = _STRONG.sub(r"\2", text)
    return _CODE.sub(r"\1", _EMPHASIS.sub(r"\1", text))
