"""Counters of requests, and the answers that may be asked for again."""

from datetime import timedelta

from supportmax.adapters.postgres.repository import Repository
from supportmax.domain.access import Window
from supportmax.domain.traffic import KeptAnswer


class RateLimits(Repository):
    file = "traffic"

    def count(self, caller: str, window: timedelta) -> Window:
        return self.one(Window, "count_request", caller=caller, window=window)

    def prune(self, older_than: timedelta) -> int:
        return self.run("prune_requests", older_than=older_than)


class IdempotencyKeys(Repository):
    file = "traffic"

    def claim(self, caller: str, key: str, fingerprint: bytes, abandoned_after: timedelta) -> KeptAnswer | None:
        mine = self.run("claim", caller=caller, key=key, fingerprint=fingerprint, abandoned_after=abandoned_after)
        return None if mine else self.one(KeptAnswer, "kept", caller=caller, key=key)

    def keep(self, caller: str, key: str, status: int, content_type: str, body: bytes | None) -> None:
        self.send("keep", caller=caller, key=key, status=status, content_type=content_type, body=body)

    def release(self, caller: str, key: str) -> None:
        self.send("release", caller=caller, key=key)

    def prune(self, older_than: timedelta) -> int:
        return self.run("prune_keys", older_than=older_than)
