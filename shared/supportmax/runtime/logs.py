"""Structured logs, one JSON object a line, without what customers wrote."""

import json
import logging
import re
import sys
from functools import cache
from typing import Any

from supportmax.domain.clock import utcnow

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_DIGITS = re.compile(r"(?<![\w-])\+?\d(?:[ -]?\d){7,}(?![\w-])")
_SECRET = re.compile(r"(://[^:/\s]+:)[^@\s]+@|(?i:bearer )[\w.-]+|wk_[\w-]+")


def redact(text: str) -> str:
    """Without mail addresses, long digit strings (cards, phones, accounts) and credentials."""
    text = _SECRET.sub("[secret]", text)
    return _DIGITS.sub("[number]", _ADDRESS.sub("[address]", text))


def log(level: int, message: str, **fields: Any) -> None:
    """Write one line. Values are redacted; never pass what a customer wrote."""
    if level < _threshold():
        return
    record = {"at": utcnow().isoformat(), "level": logging.getLevelName(level), "message": message, **fields}
    line = json.dumps(record, default=str, ensure_ascii=False)
    print(redact(line), file=sys.stdout, flush=True)


@cache
def _threshold() -> int:
    from supportmax.runtime import settings

    try:
        level = settings.load().log_level
    except ValueError:  # that a setting is wrong must be possible to log
        return logging.INFO
    return logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
