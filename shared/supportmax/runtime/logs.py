"""Structured logs, one JSON object a line, without personal data; what libraries log goes the same way."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from supportmax.domain import personal_data
from supportmax.domain.clock import utcnow

_SECRET = re.compile(r"(://[^:/\s]+:)[^@\s]+@|(?i:bearer )[\w.-]+|wk_[\w-]+")


def redact(text: str) -> str:
    """Without credentials, and with the kind of personal data in its place."""
    return personal_data.redact(_SECRET.sub("[secret]", text))


def log(level: int, message: str, **fields: Any) -> None:
    """Write one line. Values are redacted; never pass what a customer wrote."""
    if level < _threshold():
        return
    record = {"at": utcnow().isoformat(), "level": logging.getLevelName(level), "message": message, **fields}
    print(json.dumps(_redacted(record), ensure_ascii=False), file=sys.stdout, flush=True)


def keep_private() -> None:
    """From now on what any library logs in this process is redacted, its arguments and tracebacks too."""
    if getattr(logging.getLogRecordFactory(), "keeps_private", False):
        return
    make = logging.getLogRecordFactory()

    def private(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return _private(make(*args, **kwargs))

    private.keeps_private = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(private)


def private_errors(handler: Callable[[dict[str, Any], Any], Any]) -> Callable[[dict[str, Any], Any], Any]:
    """A Lambda handler whose errors the runtime may print, and put into a failed event's record, as they are."""
    keep_private()

    @wraps(handler)
    def guarded(event: dict[str, Any], context: Any) -> Any:
        try:
            return handler(event, context)
        except Exception as error:
            log(logging.ERROR, "failed", error=_trace(error))
            shown = f"{type(error).__name__}: {error}"
            if redact(shown) == shown:
                raise
            raise RuntimeError(redact(shown)) from None

    return guarded


def _private(record: logging.LogRecord) -> logging.LogRecord:
    record.msg = redact(str(record.msg))
    record.args = _redacted(record.args)
    if record.exc_info and record.exc_info[1]:
        record.exc_text, record.exc_info = _trace(record.exc_info[1]), None
    return record


def _trace(error: BaseException) -> str:
    return redact("".join(traceback.format_exception(error)).rstrip())


def _redacted(value: Any) -> Any:
    """Numbers and the like as they are; whatever else would be printed, redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(map(_redacted, value))
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))


@cache
def _threshold() -> int:
    from supportmax.runtime import settings

    try:
        level = settings.load().log_level
    except ValueError:  # that a setting is wrong must be possible to log
        return logging.INFO
    return logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
