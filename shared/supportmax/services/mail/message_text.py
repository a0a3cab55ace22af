"""What of a message is the question: the words that are looked up and classified."""

import re

from supportmax.domain.conversation import Message

# The model reads 256 tokens; what a customer wants stands in the first lines far more often than in the last.
MAX_CHARACTERS = 1_200
_PREFIX = re.compile(r"^\s*((re|fwd?|aw|wg|tr|sv|antw)\s*(\[\d+\])?:\s*)+", re.I)
_GREETING = re.compile(
    r"^\s*(hi|hello|hey|dear|good (morning|afternoon|evening)|hallo|guten tag|bonjour)\b[^\n]{0,40}[,!.]?\s*$", re.I
)
_CLOSING = re.compile(
    r"^\s*((many |kind |best |warm )?(thanks|regards|wishes)|thank you|cheers|sincerely|yours|best|mit freundlichen"
    r"|viele gr|cordialement|merci)\b[^\n]{0,40}$",
    re.I,
)


def bare_subject(subject: str | None) -> str:
    """The subject without Re:, Fwd: and their relatives."""
    return _PREFIX.sub("", subject or "").strip()


def question_of(message: Message) -> str:
    """Subject and body as one text, without greeting and closing lines, at most 1,200 characters."""
    lines = [line.strip() for line in message.body.splitlines()]
    kept = [line for line in lines if line and not _GREETING.match(line)]
    for index, line in enumerate(kept):
        if index and _CLOSING.match(line):
            kept = kept[:index]
            break
    body = " ".join(kept) or " ".join(message.body.split())
    subject = bare_subject(message.subject) if message.channel == "email" else ""
    return f"{subject}. {body}"[:MAX_CHARACTERS] if subject else body[:MAX_CHARACTERS]
