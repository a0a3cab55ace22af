"""What a failed request means: try again, use another model, or change a setting."""

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


class RateLimited(NoCompletion):
    """`wait`: the seconds that the server asks for."""

    wait: float = FIRST_WAIT


def explained(
    error: "openai.OpenAIError", model: str, base_url: str | None, setting: str, spent: Usage
) -> SupportMaxError:
    """Our error for the client's: one line that says what to change, without key or customer's text."""
    import openai

    where = base_url or "api.openai.com"
    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return PermanentFailure(f"{where} refuses the key: check {setting}_API_KEY")
    if isinstance(error, openai.NotFoundError):
        return PermanentFailure(f"{where} knows no model {model!r}: check {setting}_MODEL and {setting}_BASE_URL")
    if isinstance(error, openai.APITimeoutError):
        return NoCompletion(f"language model {model}: no answer in time", "timeout", None)
    if isinstance(error, openai.APIConnectionError):
        return NoCompletion(f"{where} cannot be reached: check {setting}_BASE_URL", "unavailable", spent)
    if isinstance(error, openai.APIStatusError):
        return _by_status(error, model, setting, spent)
    return PermanentFailure(f"language model {model}: {type(error).__name__}: check {setting}_*")


def _by_status(error: "openai.APIStatusError", model: str, setting: str, spent: Usage) -> SupportMaxError:
    status = error.status_code
    if status != 429 and status < 500:
        return PermanentFailure(f"language model {model}: refuses the request ({status}): check {setting}_*")
    outcome: Outcome = "rate_limited" if status == 429 else "unavailable"
    limited = RateLimited(f"language model {model}: {status}", outcome, spent)
    limited.wait = _retry_after(error.response.headers.get("retry-after"))
    return limited


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


def wait_before_retry(failure: NoCompletion, seconds_left: float) -> bool:
    """Waits as long as the server wants, if time for an answer is left then. False: give up at once."""
    if failure.usage is None:  # it may have been paid for, and its time is used up
        return False
    wait = failure.wait if isinstance(failure, RateLimited) else 0.0 if failure.outcome == "invalid" else FIRST_WAIT
    if wait + SHORTEST_ANSWER > seconds_left:
        return False
    time.sleep(wait)
    return True
