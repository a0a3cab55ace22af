"""What model calls cost, and whether one may be made."""

from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from supportmax.domain.model_calls import ModelCall, ModelUse, Spending


class ModelCallRepository(Protocol):
    """The ledger: one row a call."""

    def save(self, call: ModelCall) -> None:
        """A new row, or how the call of that id came out."""

    def newest(self, after: UUID | None, limit: int) -> list[ModelCall]: ...
    def of_turn(self, turn_id: UUID) -> list[ModelCall]:
        """Oldest first."""


class CallCounts(Protocol):
    def of_session(self, session_id: UUID, since: datetime) -> int: ...
    def of_requester(self, requester_id: UUID, since: datetime) -> int: ...


class Budget(Protocol):
    """Micro-dollars of a day in UTC."""

    def reserve(self, day: date, amount: int, default_budget: int) -> Spending | None:
        """Set `amount` aside; returns how the day stood before, None when it does not fit. Waits for other callers."""

    def settle(self, day: date, reserved: int, spent: int) -> None:
        """What was set aside is free again, what was spent is spent."""

    def warn_once(self, day: date) -> bool:
        """True for the first caller of the day."""


class SpendingReport(Protocol):
    def day(self, day: date, default_budget: int) -> Spending: ...
    def uses(self, day: date) -> list[ModelUse]:
        """The dearest first."""


class CircuitBreakers(Protocol):
    """Per provider; shared by all sandboxes."""

    def may_call(self, provider: str, rest: timedelta) -> bool:
        """Not while it is open, but for one caller every `rest`, who finds out whether it is back."""

    def note(self, provider: str, worked: bool, most_failures: int) -> None:
        """After so many failures in a row it opens; one success closes it."""

    def tell_once(self, provider: str, though_closed: bool, pause: timedelta) -> bool:
        """True for the first caller in each `pause` while it is open, or `though_closed`."""
