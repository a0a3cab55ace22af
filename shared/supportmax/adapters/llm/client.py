"""The HTTP client below the adapter. Heavy to import, so the adapter does so on first use."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import httpx2
import openai

# What is read of a refusal: enough for its reason.
MAX_ERROR_BYTES = 64_000


def open_client(base_url: str | None, api_key: str) -> openai.OpenAI:
    """`base_url` None is OpenAI itself; its query (Azure's `api-version`) goes with every request."""
    parts = urlsplit(base_url or "https://api.openai.com/v1")
    # Uncompressed: a few kilobytes cannot become gigabytes in one piece.
    headers = {"Accept-Encoding": "identity"}
    if (parts.hostname or "").endswith(".azure.com"):
        headers["api-key"] = api_key
    return openai.OpenAI(
        api_key=api_key or "none",  # servers on one's own machine want none; the client insists
        base_url=urlunsplit(parts._replace(query="")),
        default_query=dict(parse_qsl(parts.query)),
        default_headers=headers,
        max_retries=0,  # ours know the deadline of the whole call
        http_client=openai.DefaultHttpxClient(event_hooks={"response": [_bound_refusal]}),
    )


def _bound_refusal(response: httpx2.Response) -> None:
    """The client reads the body of every refusal to its end, which a broken server may never send."""
    if response.is_error and isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = _Beginning(response.stream)


class _Beginning(httpx2.SyncByteStream):
    """The first bytes of a stream."""

    def __init__(self, whole: httpx2.SyncByteStream) -> None:
        self._whole = whole

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._whole:
            yield chunk
            size += len(chunk)
            if size >= MAX_ERROR_BYTES:
                return

    def close(self) -> None:
        self._whole.close()
