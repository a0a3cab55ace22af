# ruff: noqa: RUF001 - dashes and letters of other languages are meant
"""What stands below a person's own words: signature, "sent from my phone", legal small print."""

import re

_DELIMITER = re.compile(r"\s*(?:--|—|–|__)\s*")
_RULE = re.compile(r"\s*(?:[-_=~*#+—–]\s?){3,}|\s*[ᐧ·]+\s*")
_DEVICE = (
    r"(?:i-?phone|i-?pad|i-?pod|android|black ?berry|galaxy|samsung|htc|huawei|xiaomi|pixel|nokia|windows|outlook|"
    r"mobile?|mobil\w*|handy|smartphone|phone|telefon\w*|téléphone|teléfono|telefoon|cell|tablet|device|gmx|web\.de|"
    r"mailbox|airmail|gmail|yahoo|mail|proton\w*|spark|sparrow|thunderbird)"
)
_SENT = (
    r"sent|gesendet|verschickt|geschrieben|envoyé|enviad[oa]|inviat[oa]|verzonden|verstuurd|wysłan[oaey]|skickat|"
    r"sendt|lähetetty|odesláno|odoslané|отправлено|надіслано|gönderildi|trimis|küldve|στάλθηκε"
)
_FROM = (
    r"from|via|with|by|using|von|mit|über|depuis|avec|de|desde|con|da|dal|do|com|pelo|vanaf|met|z|ze|från|med|fra|"
    r"с|со|із|з|από"
)
_MOBILE = re.compile(
    rf"\W*(?:diese nachricht wurde\s.{{0,40}}{_DEVICE}.*"
    rf"|(?:{_SENT})\W+(?:[\w.]+\W+){{0,4}}?(?:{_FROM})\W.{{1,90}}"
    rf"|(?:von|vom) (?:meine[mr]|unterwegs).{{0,60}}(?:gesendet|geschickt)\W*"
    rf"|(?:\w+ )?(?:from|via) (?:my )?(?:mobile|iphone|ipad|phone|android)(?: (?:device|phone|\d+\w*))?\W*"
    rf"|get outlook for .*"
    rf"|(?:outlook|télécharger outlook|holen sie sich outlook|obtener outlook|scarica outlook|obter o outlook|"
    rf"download outlook|pobierz outlook|hämta outlook|hent outlook)"
    rf"\s+(?:for|für|pour|para|per|voor|dla|til|till)\s.*"
    rf"|(?:我的|从我的|從我的|发自).{{0,30}}|.{{0,20}}から送信|.{{0,20}}에서 보냄"
    rf"|lähetetty \S+st[aä]|.{{2,30}} gönderildi|az? .{{2,30}} küldve|נשלח מ.{{2,30}})\W*",
    re.IGNORECASE,
)
_SECRECY = re.compile(
    r"confidential|privileged|vertraulich|confidentiel|confidencial|riservat|confidenzial|vertrouwelijk|poufn|"
    r"конфиденциальн|konfidentiell|fortrolig",
    re.IGNORECASE,
)
_ADDRESSEE = re.compile(
    r"recipient|addressee|empfänger|adressat|destinat|geadresseerde|ontvanger|adresat|получател|mottagare|modtager|"
    r"mottaker",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"@|https?://|www\.|\+?\d[\d ()/.-]{6,}|unsubscribe|abmelden|désabonner|darse de baja|mailing ?list", re.IGNORECASE
)
_ABOUT_MONEY = re.compile(  # "Sent from my savings account on Monday." says something
    r"\b(?:account|bank|iban|transfer|payment|money|konto|überweisung|compte|virement|cuenta|conto|rekening|euros?)\b|[€$£]",
    re.IGNORECASE,
)
_MAX_NOTE_CHARS = 130
_MAX_FOOTER_LINES = 12
_MAX_AFTER_MOBILE = 4
_MAX_PASSES = 5
_MIN_SMALL_PRINT_CHARS = 120


def is_rule(line: str) -> bool:
    """A line drawn with characters, such as `------` or `======`."""
    return bool(_RULE.fullmatch(line))


def is_mobile_note(line: str) -> bool:
    """`Sent from my iPhone` and its relatives; they are one short line."""
    if len(line) > _MAX_NOTE_CHARS or line.rstrip().endswith("?") or _ABOUT_MONEY.search(line):
        return False
    return bool(_MOBILE.fullmatch(line.strip()))


def own_words_end(lines: list[str]) -> int:
    """Index of the first line that is signature, device note or small print and not the person's own words."""
    end = _delimiter(lines)
    for _ in range(_MAX_PASSES):
        before = end
        end = _without_trailing_notes(lines, end)
        end = _without_mobile_block(lines, end)
        end = _without_small_print(lines, end)
        if end == before:
            break
    return end


def _delimiter(lines: list[str]) -> int:
    footer_start = _footer_start(lines)
    for index, line in enumerate(lines):
        if _DELIMITER.fullmatch(line) or (index >= footer_start and is_rule(line)):
            return index
    return len(lines)


def _footer_start(lines: list[str]) -> int:
    """First drawn line with nothing below it but a few lines with an address, a link or a telephone number."""
    start, words, contact = len(lines), 0, False
    for index in range(len(lines) - 1, -1, -1):
        if is_rule(lines[index]):
            start = index if contact or not words else start
        elif lines[index].strip():
            words += 1
            contact = contact or bool(_CONTACT.search(lines[index][:500]))
        if words > _MAX_FOOTER_LINES:
            break
    return start


def _without_trailing_notes(lines: list[str], end: int) -> int:
    while end and (not lines[end - 1].strip() or is_mobile_note(lines[end - 1]) or is_rule(lines[end - 1])):
        end -= 1
    return end


def _without_mobile_block(lines: list[str], end: int) -> int:
    """A device note with a name or a number under it."""
    for index in range(max(0, end - _MAX_AFTER_MOBILE - 1), end):
        after = [line for line in lines[index + 1 : end] if line.strip()]
        if is_mobile_note(lines[index]) and len(after) <= _MAX_AFTER_MOBILE and all(len(line) < 60 for line in after):
            return index
    return end


def _without_small_print(lines: list[str], end: int) -> int:
    start = end
    while start and lines[start - 1].strip():
        start -= 1
    paragraph = " ".join(lines[start:end])
    is_long = len(paragraph) >= _MIN_SMALL_PRINT_CHARS
    is_small_print = is_long and _SECRECY.search(paragraph) and _ADDRESSEE.search(paragraph)
    return start if start and is_small_print else end
