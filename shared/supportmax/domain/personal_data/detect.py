"""Where a text holds personal data with a structure, in whatever spelling.

What is masked for a vendor is put back in the answer, so a false alarm costs nothing there, and a miss costs a lot:
whatever has nine digits or more is taken, whether its checksum says what it is or not. Dates, amounts, decimals and
UUIDs are not taken, nor are shorter numbers that do not look like a telephone number: orders, postcodes, prices.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from supportmax.domain.personal_data import checks
from supportmax.domain.personal_data.addresses import mail_addresses
from supportmax.domain.personal_data.shadow import shadow

Kind = Literal["email", "card", "iban", "phone", "id", "number"]
Span = tuple[int, int, Kind]
LONG_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Found:
    """A place in the text: `text[start:end]` is `value`."""

    start: int
    end: int
    kind: Kind
    value: str


def find(text: str) -> list[Found]:
    """All of it, in order; places do not overlap."""
    if not _MAY_HOLD.search(text):
        return []
    seen = shadow(text)
    taken: list[Span] = []
    rest = _UUID.sub(_blank, seen.text)
    for look in (_ibans, _mails, _lettered_ids, _numbers):
        fresh = list(look(rest))
        taken += fresh
        for start, end, _ in fresh:  # what is found is found once
            rest = rest[:start] + "\0" * (end - start) + rest[end:]
    found = [(*seen.span(start, end), kind) for start, end, kind in sorted(taken)]
    return [Found(start, end, kind, text[start:end]) for start, end, kind in found]


def same(value: str) -> str:
    """Equal for two spellings of the same data."""
    return re.sub(r"[\s\"'<>]|^mailto:", "", shadow(value).text).casefold() if "@" in value else _normal(value)


def _normal(value: str) -> str:
    characters = checks.bare(shadow(value).text)
    return characters.lstrip("0") if characters.isdigit() else characters


def _blank(match: re.Match[str]) -> str:
    return "\0" * len(match[0])


_UUID = re.compile(r"(?<![0-9A-Fa-f])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9A-Fa-f])")
_MAY_HOLD = re.compile(r"\d|[@\uff20]|\b(?:at|dot)\b|[(\[{<]\s?at", re.I)

# An account's country and check digits; how long the rest is depends on the country.
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ -]?\d[ -]?\d(?=[ ._/-]{0,2}[A-Za-z0-9])")


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        length = checks.IBAN_LENGTHS.get(match[0][:2].upper(), 0)
        end = match.start()
        for _ in range(length):
            while end < len(text) and text[end] in " .-_/\t":
                end += 1
            if end >= len(text) or not text[end].isalnum():
                break
            end += 1
        if checks.iban(checks.bare(text[match.start() : end])):
            yield match.start(), end, "iban"


def _mails(text: str) -> Iterator[Span]:
    return ((start, end, "email") for start, end in mail_addresses(text))


_S = r"[ .\-/_]?"
_EDGE, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
# Ids with letters, which no run of digits gives away. The British one has no checksum; its form is rare enough.
_LETTERED: tuple[tuple[re.Pattern[str], Callable[[str], bool] | None], ...] = tuple(
    (re.compile(f"{_EDGE}{form}{_END}", re.I), check)
    for form, check in (
        (rf"[A-Z]{{2}}{_S}\d\d{_S}\d\d{_S}\d\d{_S}[A-D]", None),  # UK: NINO
        (rf"\d\d{_S}\d{{3}}{_S}\d{{3}}{_S}[A-Z]", checks.es_dni),
        (rf"[XYZ]{_S}\d{_S}\d{{3}}{_S}\d{{3}}{_S}[A-Z]", checks.es_dni),  # NIE
        (
            r"[A-Z]{3}[ -]?[A-Z]{3}[ -]?[0-9LMNP-V]{2}[ -]?[ABCDEHLMPRST][ -]?[0-9LMNP-V]{2}[ -]?[A-Z][ -]?"
            r"[0-9LMNP-V]{3}[ -]?[A-Z]",
            checks.it_codice_fiscale,
        ),
        (rf"[12]{_S}\d\d{_S}\d\d{_S}2[AB]{_S}\d{{3}}{_S}\d{{3}}{_S}\d\d", checks.fr_nir),
        (r"\d{6}[-+ABCDEFUVWXY]\d{3}[0-9A-Y]", checks.fi_henkilotunnus),
        (rf"\d{{7}}{_S}[A-W][A-IW]?", checks.ie_pps),
        (rf"[STFG]{_S}\d{{7}}{_S}[A-Z]", checks.sg_nric),
        (r"\d{1,2}\.?\d{3}\.?\d{3}-[0-9K]", checks.cl_rut),
    )
)


def _lettered_ids(text: str) -> Iterator[Span]:
    end_of_last = 0
    places = [
        match.span()
        for form, check in _LETTERED
        for match in form.finditer(text)
        if check is None or _passes(check, match[0])
    ]
    for start, end in sorted(places):
        if start >= end_of_last:
            end_of_last = end
            yield start, end, "id"


def _passes(check: Callable[[str], bool], text: str) -> bool:
    try:
        return check(checks.bare(text))
    except ValueError:
        return False


# Digits with at most three signs between them, as people group them.
_CHAIN = re.compile(r"[+(]{0,2}\d(?:[ \t.\-/_()]{0,3}\d)*")
_COMMA_CARD = re.compile(r"(?<!\d)\d{4}([^\w\s]\s?|\s[^\w\s]\s)\d{4}\1\d{4}\1\d{1,7}(?!\d)")
_EXTENSION = re.compile(r"\s{0,2}(?:ext(?:ension)?\.?|x|#|durchwahl|-)\s{0,2}\d{1,6}(?!\d)", re.I)
_KEPT = re.compile(
    r"(?<![\d-])(?:19|20)\d\d-[01]\d-[0-3]\d"
    r"(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d)?(?:[.,]\d+)?(?:[+-]\d\d:?\d\d)?)?(?![\d-])"
    r"|(?<![\d./-])[0-3]?\d([./-])[0-3]?\d\1(?:19|20)\d\d(?!\d|[./-]\d)"  # dates
    r"|(?:[$€£¥]|\b(?:USD|EUR|GBP|CHF))\s?\d{1,3}(?:[., ']\d{3})+(?:[.,]\d\d)?(?!\d)"
    r"|(?<!\d)\d{1,3}(?:[., ']\d{3})+(?:[.,]\d\d)?\s?(?:[$€£¥]|USD|EUR|GBP|CHF)"  # amounts
    r"|(?<![\d.])0\.\d+(?![\d.])"  # decimals
)
_CALL = re.compile(
    r"(?:phone|tel|mobile|cell|fax|call|ring|whatsapp|sms|text|reach|number is|handy|telefon|rufnummer|móvil|teléfono"
    r"|téléphone|portable|telefono|telefoon)\W{0,3}(?:\w{1,12}\W{1,3}){0,3}$",
    re.I,
)
_SHORT_PHONES = re.compile(r"\d{3}[-.]\d{4}|\d{4}[- ]\d{4}|\d\d(?:([ .-])\d\d)(?:\1\d\d){2}|0\d+(?:[ /.\-]+\d+)+")
_YEARS = re.compile(r"(?:19|20)\d\d[- ](?:19|20)\d\d")


def _numbers(text: str) -> Iterator[Span]:
    for match in _COMMA_CARD.finditer(text):
        if checks.card(checks.bare(match[0])):
            yield (*match.span(), "card")
            text = text[: match.start()] + "\0" * len(match[0]) + text[match.end() :]
    text = _KEPT.sub(_blank, text)
    for chain in _CHAIN.finditer(text):
        start, end = chain.span()
        if chain[0].startswith("(") and chain[0].count("(") > chain[0].count(")"):  # around it all, or around more
            start += 1
        if kind := _kind(text[start:end], text[max(0, start - 40) : start]):
            if kind == "phone" and (extension := _EXTENSION.match(text, end)):
                end = extension.end()
            yield start, end, kind


def _kind(chain: str, before: str) -> Kind | None:
    """What a chain of digits is; None for what is short and no telephone number."""
    digits = re.sub(r"\D", "", chain)
    glued = before[-1:].isalpha() and not before.endswith(("tel", "Tel"))
    if len(digits) >= (LONG_NUMBER + 2 if glued else LONG_NUMBER):
        return _long(chain, digits)
    if glued or len(digits) < 7 or _YEARS.fullmatch(chain):
        return None
    if chain[0] in "+(" or _SHORT_PHONES.fullmatch(chain) or _CALL.search(before):
        return "phone"
    return None


def _long(chain: str, digits: str) -> Kind:
    if _holds_card(chain):
        return "card"
    if chain[0] in "+(" or digits.startswith("00"):
        return "phone"
    if re.fullmatch(r"\d{3}[ -]\d\d[ -]\d{4}", chain) and checks.us_ssn(digits):
        return "id"
    if checks.national_id(digits) and digits[0] != "0":
        return "id"
    return "phone" if len(digits) <= 12 and (digits[0] == "0" or len(re.findall(r"\d+", chain)) > 1) else "number"


def _holds_card(chain: str) -> bool:
    """All of the digits, or the first of them: an expiry date and a code may follow."""
    groups = re.findall(r"\d+", chain)
    return any(checks.card("".join(groups[: n + 1])) for n in range(len(groups)))
