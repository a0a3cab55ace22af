"""What of an agent's reply is worth keeping for others: not the greeting, not the name below."""

import re

_GREETING = re.compile(
    r"\A\s*(hi|hello|hey|dear|good (morning|afternoon|evening))\b[^\n]{0,60}?[,!:.]?[ \t]*(\n+|\Z)", re.I
)
_GREETING_INSIDE = re.compile(r"\A\s*(hi|hello|hey|dear)\b[^\n,!.]{0,40}[,!.]\s+", re.I)
_CLOSING = re.compile(
    r"\n+[ \t]*((kind|best|warm) (regards|wishes)|regards|sincerely|yours (sincerely|truly|faithfully)|best|cheers|"
    r"thanks|thank you)[ \t]*[,!.]?[ \t]*(\n[^\n]{0,60}){0,3}\s*\Z",
    re.I,
)


def without_greeting(reply: str) -> str:
    """The reply without the line that greets someone and the lines that sign it."""
    text = _GREETING.sub("", reply.strip(), count=1)
    text = _GREETING_INSIDE.sub("", text, count=1)
    return _CLOSING.sub("", "\n" + text, count=1).strip()


def without_name(text: str, name: str | None) -> str:
    """With `[name]` wherever the customer is called by their name, or a part of it."""
    parts = [part for part in re.findall(r"\w+", name or "") if len(part) > 2]
    if not parts:
        return text
    # As names are written: `may` and `Will` are words, too.
    spelt = "|".join(re.escape(part[0].upper() + part[1:]) for part in parts)
    return re.sub(rf"\b(?:{spelt})(?:[ \t]+(?:{spelt}))*\b", "[name]", text)
