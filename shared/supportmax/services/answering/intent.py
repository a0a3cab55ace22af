"""Messages that no article answers: small talk, anger, and the wish for a human being."""

import re
from dataclasses import dataclass

from supportmax.domain.answers import Intent


@dataclass(frozen=True, slots=True)
class Recognised:
    """`language`: that of the words it was recognised by."""

    intent: Intent
    language: str = "en"


_GREETINGS = {
    "en": r"(hi|hello|hey|hiya|howdy|good (morning|afternoon|evening|day)|greetings)( (there|all|team))?",
    "de": r"(hallo|moin|servus|guten (tag|morgen|abend)|grüß (gott|dich)|grüezi)( (zusammen|liebes team))?",
    "fr": r"(bonjour|bonsoir|salut|coucou)( (à tous|madame|monsieur))?",
    "es": r"(hola|buenas|buenos días|buenas (tardes|noches))( a todos)?",
    "it": r"(ciao|salve|buongiorno|buonasera)( a tutti)?",
    "nl": r"(hoi|dag|goede(n)?(morgen|middag|avond)|goede(n)? (morgen|middag|avond))( allemaal)?",
    "pt": r"(olá|ola|oi|bom dia|boa (tarde|noite))( a todos)?",
}
_THANKS = {
    "en": r"((ok|okay|great|perfect|super|cool|got it)[ ,!.]*)?(many )?(thanks|thank you|thx|ty|cheers|bye|goodbye)"
    r"( (so|very) much| a lot| a million)?( for (your|the) help)?( (bye|goodbye))?",
    "de": r"((ok|super|prima|perfekt) )?(danke|vielen dank|dankeschön|tschüss|auf wiedersehen)"
    r"( (schön|sehr|für die hilfe))?",
    "fr": r"((ok|super|parfait) )?(merci|au revoir)( (beaucoup|bien|pour votre aide))?",
    "es": r"((ok|vale|perfecto) )?(gracias|muchas gracias|adiós)( por (la|su|tu) ayuda)?",
    "it": r"((ok|perfetto) )?(grazie|molte grazie|grazie mille|arrivederci)( per l'aiuto)?",
    "nl": r"((ok|oke|top) )?(bedankt|dank je|dank u|dankjewel|tot ziens)( (wel|voor de hulp))?",
    "pt": r"((ok|perfeito) )?(obrigad[oa]|muito obrigad[oa]|adeus|tchau)( pela ajuda)?",
}
_PERSON = (
    r"(human|person|someone|somebody|agent|representative|advisor|adviser|operator|staff member|supervisor|manager|"
    r"real people)"
)
_STAFF = (
    r"(human( being| agent)?|(real|live|actual) person|agent|representative|advisor|adviser|operator|staff member|"
    r"supervisor|manager)"
)
_HUMAN = {
    "en": rf"\b(speak|talk|chat)\b[^.?!\n]{{0,20}}?\b(to|with)\b[^.?!\n]{{0,20}}?\b{_PERSON}\b(?! on the phone)|"
    rf"\b(connect|transfer|put|pass|get|hand) me\b[^.?!\n]{{0,20}}?\b(to|with|through)\b[^.?!\n]{{0,20}}?\b{_PERSON}\b|"
    rf"\b(connect|transfer|pass|escalate)\b[^.?!\n]{{0,20}}?\b(to|with) (a|an|the|your|another) ([a-z]+ )?{_STAFF}\b|"
    rf"\b(want|need|get|give|have|prefer)\b( me)? (a|an|some|your|the) (live |real |actual )?{_STAFF}\b|"
    rf"^\W*(a |an )?((real|live) )?{_STAFF}( please)?\W*$",
    "de": r"\b(mit (einem|einer|jemandem?)|einen?|an einen?)\b[^.?!\n]{0,25}\b(mensch(en)?|mitarbeiter(in)?|"
    r"berater(in)?|kollegen|person)\b[^.?!\n]{0,20}\b(sprechen|reden|verbinden|weiterleiten|chatten|bitte)\b|"
    r"^\W*(mensch|mitarbeiter|berater)( bitte)?\W*$",
    "fr": r"\b(parler|discuter|échanger|passe[zr]|mett(re|ez))\b[^.?!\n]{0,30}\b(humain|personne|conseill(er|ère)|"
    r"agent|quelqu'un|opérateur)\b|^\W*(un )?(humain|conseiller|agent)\W*$",
    "es": r"\b(hablar|chatear|comunicar(me)?|pása(me|r)|conecta(r|me))\b[^.?!\n]{0,30}\b(persona|humano|agente|"
    r"alguien|asesor|operador)\b|^\W*(un )?(humano|agente|asesor)\W*$",
    "it": r"\b(parlare|chattare|mett(ere|imi)|passa(re|mi))\b[^.?!\n]{0,30}\b(persona|umano|operatore|qualcuno|"
    r"consulente|agente)\b|^\W*(un )?(operatore|umano)\W*$",
    "nl": r"\b(met een|een)\b[^.?!\n]{0,20}\b(mens|medewerker|persoon|collega|adviseur)\b[^.?!\n]{0,20}"
    r"\b(spreken|praten|chatten|verbinden|graag)\b|^\W*(een )?(medewerker|mens)\W*$",
    "pt": r"\b(falar|conversar|passa(r|-me)|transferir)\b[^.?!\n]{0,30}\b(pessoa|humano|agente|alguém|atendente|"
    r"operador)\b|^\W*(um )?(atendente|humano|agente)\W*$",
}
# "Someone used my card": a person in the story, not one to talk to.
_NOT_A_REQUEST = re.compile(
    r"\b(used|stole|took|sent|paid|for) (someone|somebody|a person)\b|\b(someone|somebody) else|\bin person\b|"
    r"\bdo i (need|have) to (speak|talk)\b",
    re.I,
)
_OUTRAGEOUS = (
    r"(ridiculous|unacceptable|outrageous|disgusting|disgraceful|infuriating|pathetic|shameful|appalling|bullshit|"
    r"insane)"
)
_ANGER = {
    "en": r"\b(this|that|it)('s| is| was) (just |absolutely |so |totally |completely |beyond |bloody |fucking )*"
    rf"{_OUTRAGEOUS}\b|"
    r"\b(this|it)('s| is) (just |such )?(a|one) (\w+ )?(joke|disgrace|scandal|nightmare|disaster)\b(?! \w)|"
    rf"\b(absolutely|utterly|completely|totally|simply|just|beyond) {_OUTRAGEOUS}\b|"
    r"\b(i am|i'm|im|we are|we're) (just |so |absolutely |really |very |beyond |getting )*"
    r"(furious|livid|fed up|sick of|sick and tired|disgusted|fuming|outraged|angry|pissed( off)?)\b|"
    r"\b(i've|i have|ive) (really )?had (it|enough)( with| of|\W|$)|\bhad enough of (this|you)\b|"
    r"\b(worst|terrible|awful|appalling|horrible|useless|incompetent|pathetic|rubbish|shitty|crappy) "
    r"(\w+ )?(service|support|company|bank|experience|bot|people|staff|app|website)\b|"
    r"\b(third|fourth|fifth|sixth|tenth|hundredth) time (that )?i('ve|'m| have| am)? "
    r"(ask|writ|wrot|contact|call|tell|told|complain|say|said|explain)|"
    r"\bhow (many (more )?times|often) (do|must|should) i (have to )?"
    r"(ask|tell|explain|say|write|call|repeat|complain|contact)\b|"
    r"\b(nobody|no one|noone) (ever |even )?(answers|responds|replies|helps|cares|listens|picks up)\b|"
    r"\b(taking|take) (you to court|legal action)\b|\b(i will|i'll|going to|gonna) (sue|report you)\b|"
    r"\b(what the (hell|fuck)|wtf|bullshit|fuck(ing)?)\b|\bshame on you\b|"
    r"\b(you|you're|you are|bunch of|pack of) ((people|guys|lot|all|just) )*(are )?(a )?((bunch|pack|load) of )?"
    r"(scammers|thieves|liars|idiots|crooks|criminals|clowns|fraudsters|useless|incompetent)\b|"
    r"\b(total|utter|complete) (rubbish|garbage|crap|joke|nonsense|disgrace|waste of time)\b|"
    r"\bare you (people )?(kidding|joking)\b",
    "de": r"\b(unverschämt(heit)?|frechheit|unfassbar|inakzeptabel|eine zumutung|saftladen|stinksauer|anwalt)\b",
    "fr": r"\b(inadmissible|scandaleux|honteux|ras[- ]le[- ]bol|inacceptable|furieux|furieuse|mon avocat)\b",
    "es": r"\b(inaceptable|vergüenza|estoy harto|estoy harta|indignante|mi abogado|furios[oa])\b",
    "it": r"\b(inaccettabile|vergognoso|una vergogna|sono stufo|sono stufa|furios[oa]|mio avvocato)\b",
    "nl": r"\b(onacceptabel|schandalig|belachelijk|woedend|ik ben het zat|mijn advocaat)\b",
    "pt": r"\b(inaceitável|uma vergonha|estou farto|estou farta|furios[oa]|meu advogado)\b",
}


def _compiled(patterns: dict[str, str]) -> list[tuple[str, re.Pattern[str]]]:
    return [(language, re.compile(pattern, re.I)) for language, pattern in patterns.items()]


_SMALL_TALK: tuple[tuple[Intent, list[tuple[str, re.Pattern[str]]]], ...] = (
    ("greeting", _compiled(_GREETINGS)),
    ("thanks", _compiled(_THANKS)),
)
_WANTS_HUMAN = _compiled(_HUMAN)
_ANGRY = _compiled(_ANGER)


def recognise(text: str) -> Recognised | None:
    """The intent, or None for everything that should be looked up."""
    bare = re.sub(r"[\s!.,?:;)(¡¿]+", " ", text).strip()
    for intent, patterns in _SMALL_TALK:
        for language, pattern in patterns:
            if pattern.fullmatch(bare):
                return Recognised(intent, language)
    if (language := _found(_WANTS_HUMAN, text)) and not _NOT_A_REQUEST.search(text):
        return Recognised("human", language)
    if language := _found(_ANGRY, text):
        return Recognised("angry", language)
    return None


def _found(patterns: list[tuple[str, re.Pattern[str]]], text: str) -> str:
    return next((language for language, pattern in patterns if pattern.search(text)), "")
