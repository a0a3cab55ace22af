"""Webhooks over HTTP, to public addresses only."""

from collections.abc import Mapping

from supportmax.adapters.public_http import PublicHTTP
from supportmax.ports.webhooks import Reply

SECONDS = 10.0
FIRST_BYTES = 4_000


class HTTPWebhookPost:
    """`allow_private`: as PublicHTTP has it."""

    def __init__(self, allow_private: bool) -> None:
        self._http = PublicHTTP(allow_private, SECONDS)

    def check(self, url: str) -> str:
        return self._http.check(url)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        answer = self._http.post(url, headers, body, FIRST_BYTES)
        return Reply(answer.status, answer.headers, answer.body)
