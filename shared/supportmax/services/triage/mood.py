"""How a customer feels, and whether it is urgent: rules for the usual words, a classifier for the unusual ones."""

import re
from collections.abc import Sequence

from supportmax.domain.triage import Sentiment
from supportmax.services.answering.intent import recognise
from supportmax.services.answering.signals import hears

_PRAISE = re.compile(
    r"\b(thank you (so|very) much|many thanks for|thanks (a lot|so much)|(great|excellent|amazing|fantastic|brilliant|"
    r"wonderful|perfect) (service|support|help|work|job|app|product|experience|team)|"
    r"(i|we) (really |just |absolutely )?(love|appreciate|enjoy) (the|this|your|how|it)|"
    r"(very|really|so|extremely) (happy|pleased|satisfied|grateful|impressed) with|well done|keep up the good work|"
    r"vielen herzlichen dank|toller service|sehr zufrieden|merci beaucoup|très satisfait|muy contento|"
    r"excelente servicio|grazie mille|ottimo servizio|geweldige service|muito obrigad[oa])\b",
    re.I,
)
_URGENT = re.compile(
    r"\b(urgent(ly)?|asap|as soon as possible|right away|immediately|emergency|at once|right now|"
    r"dringend|sofort|eilt|notfall|umgehend|immédiatement|au plus vite|urgente|inmediatamente|emergencia|"
    r"subito|immediatamente|spoed|onmiddellijk|imediatamente)\b",
    re.I,
)
_NOT_URGENT = re.compile(r"\b(not|isn't|is not|nothing|non|nicht|pas|no) (so |very |at all )?(urgent|dringend)\b", re.I)


def sentiment_of(text: str, vector: Sequence[float], model: str) -> Sentiment:
    """`negative` for anger, `positive` for praise and thanks, `neutral` for all that merely asks or reports."""
    intent = found.intent if (found := recognise(text)) else None
    if intent == "angry" or hears("angry", vector, model):
        return "negative"
    return "positive" if intent == "thanks" or _PRAISE.search(text) else "neutral"


def is_urgent(text: str) -> bool:
    """Whether the customer says that it cannot wait."""
    return bool(_URGENT.search(text)) and not _NOT_URGENT.search(text)
