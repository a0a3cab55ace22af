"""Bytes of unknown honesty to clean text: mails often declare a charset that is wrong, unknown or missing."""

import codecs
import re

from supportmax.domain.visible_text import visible

# What mail programs declare, and the superset that they really write (as browsers read it).
_ALIASES = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
# 8-bit text called ASCII, Latin-1 or nothing is UTF-8 when it happens to be valid UTF-8
_OFTEN_WRONG = {"", "cp1252", "utf-8"}
_MULTIBYTE = {"gb18030", "big5", "cp949", "cp932", "euc-jp", "iso-2022-jp"}
_UNSAFE = {
    "idna",
    "oem",
    "mbcs",
    "punycode",
    "unicode_escape",
    "unicode-escape",
    "raw_unicode_escape",
    "raw-unicode-escape",
    "undefined",
}
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_ISO_2022 = (b"\x1b$", b"\x1b(")


def decode_bytes(data: bytes, charset: str | None) -> str:
    """Text of `data`: the declared charset if it fits, else UTF-8 if it fits, else Windows-1252; never fails."""
    if charset is None or charset.lower().startswith(("utf", "'utf", '"utf')):
        for bom, encoding in _BOMS:
            if data.startswith(bom):
                return data.decode(encoding, "replace")
    declared = _codec(charset)
    if declared in _OFTEN_WRONG and any(mark in data for mark in _ISO_2022):
        declared = "iso-2022-jp"
    for encoding in ("utf-8",) if declared in _OFTEN_WRONG else (declared, "utf-8"):
        try:
            return data.decode(encoding)
        except ValueError:
            continue
    return data.decode(_for_damaged(data, declared), "replace")


def _for_damaged(data: bytes, declared: str) -> str:
    if declared in _MULTIBYTE:
        return declared
    return "utf-8" if _mostly_utf8(data, good_per_bad=1 if declared == "utf-8" else 4) else "cp1252"


def _mostly_utf8(data: bytes, *, good_per_bad: int) -> bool:
    """UTF-8 with a few bad bytes, such as a name that was cut inside a character."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(char > "\x7f" for char in text) - bad
    return good >= good_per_bad * bad


def _codec(charset: str | None) -> str:
    """Name of a text codec, "" when none is declared or Python does not know it."""
    name = (charset or "").strip("'\" \t").lower()
    name = _ALIASES.get(name, name)
    try:
        info = codecs.lookup(name) if name else None
    except (LookupError, ValueError):
        return ""
    # "base64", "rot13" and "zip" are codecs as well, but not from bytes to text
    return name if info is not None and getattr(info, "_is_text_encoding", True) and name not in _UNSAFE else ""


def clean_text(text: str) -> str:
    """Body text with \\n line ends, without NUL (Postgres refuses it), lone surrogates and control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n").replace("\x0c", "\n")
    return _CONTROL.sub("", text)


def clean_line(text: str) -> str:
    """One line for a header value or a name: no control, direction or invisible characters, single spaces."""
    return " ".join(visible(" ".join(text.split())).split())
