"""Errors by whose fault they are and what the caller should do.

Entry points translate them: HTTP to problem+json, queue handlers to retry or dead-letter.
"""


class SupportMaxError(Exception):
    """Base of everything we raise on purpose; its text is safe to show to the sender."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or type(self).__name__)

    @property
    def message(self) -> str:
        """One line that says what is wrong and what to change."""
        return str(self)


class InvalidInput(SupportMaxError):  # noqa: N818 - reads as the sentence it is raised in
    """The sender must change something; repeating it cannot help."""


class NotFound(SupportMaxError):  # noqa: N818
    """No such thing in this workspace (or in another one: the answer is the same)."""


class Conflict(SupportMaxError):  # noqa: N818
    """It clashes with what is stored."""


class PreconditionFailed(SupportMaxError):  # noqa: N818
    """It changed since the sender looked at it."""


class Unauthorized(SupportMaxError):  # noqa: N818
    """Who are you? No credentials, or they are not valid."""


class Forbidden(SupportMaxError):  # noqa: N818
    """Known, but not allowed to do this."""


class OriginRefused(Forbidden):
    """A page of this origin may not use the widget."""


class TooLarge(InvalidInput):
    """More bytes or characters than the limit in the message."""


class PermanentFailure(SupportMaxError):  # noqa: N818
    """It can never succeed: keep it with this reason (dead-letter queue, quarantine)."""


class TransientFailure(SupportMaxError):  # noqa: N818
    """It may succeed later: raise it and let the queue retry."""


class OutcomeUnknown(SupportMaxError):  # noqa: N818
    """An effect outside may have happened or not: record it as unknown, never repeat it blindly."""


class TooManyRequests(SupportMaxError):  # noqa: N818
    """Not now; the same request is welcome after `seconds`."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class SecondFactorNeeded(Unauthorized):
    """The password is right, but a code is missing or wrong."""


class KeyReused(Conflict):
    """An idempotency key came back with another request."""


class StillWorking(Conflict):
    """The first request with this idempotency key is not done; ask again after `seconds`."""

    seconds = 1


class AlreadyDone(Conflict):
    """A request with this idempotency key was done; its answer was not kept."""
