"""Counting requests, and remembering answers."""

from datetime import timedelta
from typing import Protocol

from supportmax.domain.access import Window
from supportmax.domain.traffic import KeptAnswer


class RateLimits(Protocol):
    def count(self, caller: str, window: timedelta) -> Window:
        """One request more, in one round trip."""

    def prune(self, older_than: timedelta) -> int: ...


class IdempotencyKeys(Protocol):
    def claim(self, caller: str, key: str, fingerprint: bytes, abandoned_after: timedelta) -> KeptAnswer | None:
        """None: it is ours to work on. Otherwise what is known of the request that came first."""

    def keep(self, caller: str, key: str, status: int, content_type: str, body: bytes | None) -> None: ...
    def release(self, caller: str, key: str) -> None:
        """Nothing was done: the same key may try again."""

    def prune(self, older_than: timedelta) -> int: ...
