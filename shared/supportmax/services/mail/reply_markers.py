# ruff: noqa: RUF001 - the languages below have letters and colons that look like Latin ones
"""How mail programs announce that they now repeat an older mail, in the languages people write in.

Three announcements exist: an attribution ("On Monday, Ann wrote:"), a separator ("--- Original message ---") and a
block of headers ("From: … Sent: … Subject: …"). Every function looks at lines and tells how many belong to one.
"""

import re

MAX_ATTRIBUTION_LINES = 4
_MAX_ATTRIBUTION_CHARS = 400

_WROTE = (
    r"wrote|writes|schrieb|geschrieben|a[\u0020\u00a0]écrit|écrivait|escribió|escribió lo siguiente|"
    r"ha scritto|scrisse|scrive|schreef|heeft geschreven|escreveu|napisał(?:\(?a\)?)?|pisze|nadesłał|"
    r"написал(?:\(?а\)?)?|пишет|пише|написав(?:ла)?|написа|skrev|skreiv|kirjoitti|napsal(?:\(a\))?|"
    r"napísal(?:\(a\))?|napisao|napisala|je napisal|a scris|írta|yazdı|έγραψε|đã viết|menulis|va escriure|"
    r"kirjutas|rašė|rakstīja|כתב|كتب|写道|寫道"
)
_WROTE_RE = re.compile(
    rf"(?<![\w])(?:{_WROTE})(?![^\W\d_])|写道|寫道|书写|님이|작성|書きました|書いた|のメール", re.IGNORECASE
)
_ENDS_OPENLY = re.compile(r"(?:[:：]|\s-{2,})[\s*_>»\"']*$")
_EMAIL = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]")
_DATED = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}\. ?\w{3,}|\d年|\d월")
_SENTENCE_END = re.compile(r"[^\W\d_]{5,}[.!?]\s+[^\W\d_]")
_NAMES = re.compile(r"(?:(?:[A-ZÀ-ÞŁŚŻĄĆĘŃŠŽČŘА-ЯІЇЄ\"'(][^\s:]*|de|von|van|der|da|di|del)\s*){1,5}")
_OPENER = re.compile(
    r"[-*_\"'«„“\s]*(?:"
    r"(?:on|at|am|um|le|el|em|il|op|den|dnia|w dniu|dne|dňa|pada|на|вiд|în|ngày|tarihinde|a|在|於|于)\s"
    r"|\d"
    r"|[^\W\d_]{2,12}[.,]{0,2}\s+(?:den\s+|d\.\s*)?\d"
    r")",
    re.IGNORECASE,
)

_MESSAGE_WORD = (
    r"messages?|e?-?mail|nachricht|mensaje|messaggio|mensagem|bericht|wiadomoś\w*|сообщени\w*|повідомленн\w*|"
    r"appointment|melding|meddeland\w*|meddelelse\w*|viesti|zpráva|správa|ileti|üzenet|mesaj\w*|μήνυμα|邮件|郵件|メッセージ|메시지|메일"
)
_RULED_WORDS = re.compile(
    rf"[\s*_>]*[-=_—]{{2,}}\s*(?=[^\n]*(?:{_MESSAGE_WORD}))[^-=\n]{{3,70}}?\s*[-=_—]{{2,}}[\s*_]*", re.IGNORECASE
)
_FORWARDED = re.compile(
    r"[\s*_>]*(?:begin forwarded message|anfang der weitergeleiteten nachricht|"
    r"début du message (?:transféré|réexpédié)|"
    r"inicio del mensaje reenviado|inizio (?:del )?messaggio inoltrato|início da mensagem (?:re)?encaminhada|"
    r"begin doorgestuurd bericht|początek przekazywanej wiadomości|rozpoczęcie przekazanej wiadomości|"
    r"начало переадресованного (?:сообщения|письма)|vidarebefordrat (?:brev|mejl|meddelande)|"
    r"videresendt (?:melding|besked))\s*:[\s*_]*",
    re.IGNORECASE,
)
_REPLY_ABOVE = re.compile(
    r"[\W_]*(?:please )?(?:type your |write your )?reply (?:above|over) this line[\W_]*|"
    r"[\W_]*(?:bitte )?(?:antworten sie |ihre antwort )?(?:bitte )?(?:oberhalb|über) dieser (?:zeile|linie)[^\n]{0,40}|"
    r"[\W_]*(?:veuillez )?répond(?:re|ez) au-dessus de cette ligne[\W_]*|"
    r"[\W_]*(?:por favor,? )?(?:responda|escriba su respuesta) por encima de esta línea[\W_]*",
    re.IGNORECASE,
)

# Novell GroupWise: >>> Ann Lee <ann@example.com> 12.11.2026 10:15 >>>
_GROUPWISE = re.compile(r">>> .{3,200}\d.{0,60} >>>\s*")

_LABELS = {
    "from": "From|Von|De|Da|Van|Od|От|Від|Från|Fra|Lähettäjä|Kimden|Feladó|De la|Από|"
    "差出人|发件人|寄件者|寄件人|보낸 ?사람",
    "date": "Sent|Date|Gesendet|Datum|Envoyé(?: le)?|Enviad[oa](?: el| em)?|Fecha|Data(?: wysłania)?|Inviato|Verzonden|"
    "Wysłan[oey]|Отправлено|Дата|Надіслано|Skickat|Sendt|Dato|Lähetetty|Päivämäärä|Odesláno|Odoslané|Gönderi\\w*|"
    "Tarih|Küldve|Dátum|Trimis|送信日時|日付|发送时间|日期|傳送時間|보낸 ?날짜|날짜",
    "to": "To|An|À|A|Para|Aan|Do|Кому|Till|Til|Vastaanottaja|Komu|Kime|Címzett|Către|Προς|"
    "宛先|收件人|收件者|받는 ?사람",
    "subject": "Subject|Betreff|Objet|Sujet|Asunto|Assunto|Oggetto|Onderwerp|Temat|Тема|Ämne|Emne|Aihe|Předmět|Predmet|"
    "Konu|Tárgy|Subiect|Θέμα|件名|主题|主旨|제목",
    "other": "Cc|Bcc|Kopie|Kopia|Kopi|CCi|DW|Копия|Копія|Reply-To|Antwort an|Répondre à|Responder a|Rispondi a|"
    "Importance|Wichtigkeit|Priority|Organi[sz]ation|Attachments?|Anlagen|Newsgroups|参考|抄送|참조",
}
_LABEL_RE = re.compile(
    r"[\s*_>]{0,6}(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS.items())
    + r")[*_]?\s?[:：][*_]?(?:\s|$)",
    re.IGNORECASE,
)
_MAX_HEADER_LINES = 16


def is_quote(line: str) -> bool:
    """A line that a mail program marked as quoted."""
    return line.lstrip().startswith(">")


def attribution_length(lines: list[str], start: int) -> int:
    """Number of lines of the attribution ("… wrote:") that begins at `start`, 0 when none does."""
    if not _may_open(lines[start]):
        return 0
    joined = ""
    for length in range(1, MAX_ATTRIBUTION_LINES + 1):
        if start + length > len(lines) or not lines[start + length - 1].strip() or is_quote(lines[start + length - 1]):
            return 0
        joined = f"{joined} {lines[start + length - 1].strip()}".strip()
        if len(joined) > _MAX_ATTRIBUTION_CHARS:
            return 0
        if _is_attribution(joined, quote_follows=_next_is_quote(lines, start + length)):
            return length
    return 0


def _may_open(line: str) -> bool:
    """Only a line that starts like an attribution may join with the lines after it."""
    if len(line) > _MAX_ATTRIBUTION_CHARS:
        return False
    return bool(_OPENER.match(line) or _EMAIL.search(line) or "<" in line or _WROTE_RE.search(line))


def _is_attribution(joined: str, *, quote_follows: bool) -> bool:
    dated, address = bool(_DATED.search(joined)), bool(_EMAIL.search(joined) or "&lt;" in joined)
    ends_openly = bool(_ENDS_OPENLY.search(joined))
    wrote = _last_match(_WROTE_RE, joined)
    if wrote is None:
        return dated and address and (ends_openly or quote_follows) and joined.rstrip(":： ").endswith(">")
    if not (ends_openly or (quote_follows and dated)):
        return False
    tail = joined[wrote.end() :].strip(" :：-*_\"'>\u00a0")
    names_writer = bool(_EMAIL.search(tail) or _NAMES.fullmatch(tail))
    tail_is_part = not tail or names_writer or (address and bool(_DATED.search(tail)))
    is_sentence = bool(_SENTENCE_END.search(joined[: wrote.start()]))
    return tail_is_part and not is_sentence and (dated or address or quote_follows)


def _last_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is what we want
        pass
    return found


def _next_is_quote(lines: list[str], start: int) -> bool:
    for line in lines[start : start + 3]:
        if line.strip():
            return is_quote(line) or line.lstrip().startswith("|")
    return False


def is_separator(line: str) -> bool:
    """A line such as `-----Original Message-----`, `Begin forwarded message:` or "reply above this line"."""
    return len(line) <= _MAX_ATTRIBUTION_CHARS and any(
        pattern.fullmatch(line) for pattern in (_RULED_WORDS, _FORWARDED, _REPLY_ABOVE, _GROUPWISE)
    )


def header_block_length(lines: list[str], start: int) -> int:
    """Number of lines of the header block ("From: … Date: … Subject: …") that begins at `start`, 0 when none does."""
    seen: list[str] = []
    end = start
    for index in range(start, min(start + _MAX_HEADER_LINES, len(lines))):
        kind = _label(lines[index])
        if kind:
            seen.append(kind)
            end = index + 1
        elif not seen or not _continues(lines, index):
            break
    return end - start if _is_header_block(seen, " ".join(lines[start:end])) else 0


def _label(line: str) -> str | None:
    match = _LABEL_RE.match(line)
    return match.lastgroup if match else None


def _continues(lines: list[str], index: int) -> bool:
    """Between headers: one empty line, or a folded line (which may also be the last one)."""
    below = lines[index + 1] if index + 1 < len(lines) else ""
    if _label(below) is not None:
        return True
    return bool(lines[index].strip()) and not below.strip()


def _is_header_block(seen: list[str], text: str) -> bool:
    kinds = set(seen)
    if len(kinds) < 2 or "from" not in kinds or not kinds & {"date", "subject"}:
        return False
    return bool(_EMAIL.search(text)) or (len(kinds) >= 3 and "subject" in kinds)
