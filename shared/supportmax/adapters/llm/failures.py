"""What a failed request means: try again, use another model, or change a setting."""

import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from supportmax.domain.answers import Usage
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import PermanentFailure, SupportMaxError
from supportmax.domain.model_calls import Outcome
from supportmax.ports import NoCompletion

if TYPE_CHECKING:
    import openai

# Without a Retry-After.
FIRST_WAIT = 0.2
# What an answer takes at least: with less time left, a retry only makes the customer wait.
SHORTEST_ANSWER = 0.5
# An account without money is answered with one of these; waiting does not help.
NO_CREDIT = {"insufficient_quota", "insufficient_balance", "billing_hard_limit_reached"}
_CODE = re.compile(r"[a-z0-9_.-]{1,60}", re.I)


class NothingDone(NoCompletion):
    """The server has not worked, so nothing is to be paid. `wait`: the seconds after which it may be asked again."""

    def __init__(self, message: str, outcome: Outcome, wait: float = FIRST_WAIT) -> None:
        super().__init__(message, outcome, Usage())
        self.wait = wait


def explained(error: "openai.OpenAIError", model: str, base_url: str | None, setting: str) -> SupportMaxError:
    """Our error for the client's: one line that says what to change, without key or customer's text."""
    import openai

    where = base_url or "api.openai.com"
    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return PermanentFailure(f"{where} refuses the key: check {setting}_API_KEY")
    if isinstance(error, openai.NotFoundError):
        return PermanentFailure(f"{where} knows no model {model!r}: check {setting}_MODEL and {setting}_BASE_URL")
    if isinstance(error, openai.APIConnectionError):
        return _unreached(error, model, where, setting)
    if isinstance(error, openai.APIStatusError):
        return _by_status(error, model, setting)
    return PermanentFailure(f"language model {model}: {type(error).__name__}: check {setting}_*")


def _unreached(error: "openai.APIConnectionError", model: str, where: str, setting: str) -> SupportMaxError:
    """A request that has left may have been worked on: nobody knows what it cost."""
    import httpx2

    cause = error.__cause__
    if isinstance(cause, (httpx2.UnsupportedProtocol, httpx2.InvalidURL)):
        return PermanentFailure(f"{where} is no address such as https://api.example.com/v1: check {setting}_BASE_URL")
    if isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)):
        return NothingDone(f"{where} cannot be reached: check {setting}_BASE_URL", "unavailable")
    if isinstance(cause, httpx2.TimeoutException):
        return NoCompletion(f"language model {model}: no answer in time", "timeout", None)
    return NoCompletion(f"language model {model}: {where} broke off the connection", "disconnected", None)


def _by_status(error: "openai.APIStatusError", model: str, setting: str) -> SupportMaxError:
    status, code = error.status_code, _code(error)
    if status == 402 or code in NO_CREDIT:
        return PermanentFailure(f"language model {model}: the account has no credit left: add some, or change its key")
    if status != 429 and status < 500:
        said = f"{status}, {code}" if code else str(status)
        return PermanentFailure(f"language model {model}: refuses the request ({said}): check {setting}_*")
    outcome: Outcome = "rate_limited" if status == 429 else "unavailable"
    wait = _retry_after(error.response.headers.get("retry-after"))
    return NothingDone(f"language model {model}: {'too many requests' if status == 429 else status}", outcome, wait)


def _code(error: "openai.APIStatusError") -> str:
    """The vendor's name for what is wrong, such as `context_length_exceeded`. Never its prose, which may quote."""
    for said in (error.code, error.type):
        if isinstance(said, str) and _CODE.fullmatch(said):
            return said
    return ""


def _retry_after(value: str | None) -> float:
    """Seconds, from a number of seconds or an HTTP date (RFC 9110, section 10.2.3)."""
    if value is None:
        return FIRST_WAIT
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - utcnow()).total_seconds())
    except (TypeError, ValueError):
        return FIRST_WAIT


def wait_before_retry(failure: NothingDone, seconds_left: float) -> bool:
    """Waits as long as the server wants, if time for an answer is left then. False: give up at once."""
    if not failure.wait + SHORTEST_ANSWER <= seconds_left:  # so that "nan" gives up, too
        return False
    time.sleep(failure.wait)
    return True
