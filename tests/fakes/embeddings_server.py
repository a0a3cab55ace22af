"""A server that speaks OpenAI's embeddings, with small models of its own, and misbehaves when told to."""

import hashlib
import json
import math
import re
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from threading import Event, Lock
from typing import Any

from tests.fakes.http_server import serving

KEY = "the right key"
MOST_TEXTS = 32


@dataclass(frozen=True)
class Raw:
    """An answer as it goes out; `declared` is its Content-Length when that is a lie."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    declared: int | None = None

    @classmethod
    def vectors(cls, *vectors: object) -> "Raw":
        """Any vectors at all, numbered."""
        data = [{"index": number, "embedding": vector} for number, vector in enumerate(vectors)]
        return cls(body=json.dumps({"object": "list", "data": data}).encode())


class Hang:
    """Take the request and say nothing."""


class Drip:
    """One byte now and then: never silent for long, never done."""


Misbehaviour = Raw | Hang | Drip


@dataclass
class EmbeddingsServer:
    """`models`: their own number of dimensions, and whether a request may ask for fewer.

    `misbehaviour` is worked off first, one a request; `key` None takes any. Remembers requests.
    """

    url: str = ""
    models: dict[str, tuple[int, bool]] = field(
        default_factory=lambda: {"words-small": (256, False), "words-large": (768, True)}
    )
    misbehaviour: deque[Misbehaviour] = field(default_factory=deque)
    key: str | None = KEY
    down: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    closing: Event = field(default_factory=Event)
    lock: Any = field(default_factory=Lock)

    @classmethod
    @contextmanager
    def start(cls) -> "Iterator[EmbeddingsServer]":
        fake = cls()
        handler = type("Handler", (_Handler,), {"fake": fake})
        with serving(handler) as url:
            fake.url = f"{url}/v1"
            yield fake
            fake.closing.set()

    @property
    def texts(self) -> list[str]:
        """Every text that was sent, in order."""
        return [text for request in self.requests for text in request["input"]]

    def answer(self, request: dict[str, Any], key: str | None) -> Misbehaviour:
        """What a well-behaved server says."""
        with self.lock:
            self.requests.append(request)
            if self.misbehaviour:
                return self.misbehaviour.popleft()
        if self.down:
            return Raw(503)
        if self.key and key != f"Bearer {self.key}":
            return _error(401, "invalid_api_key")
        if request["model"] not in self.models:
            return _error(404, "model_not_found")
        return self._embed(request)

    def _embed(self, request: dict[str, Any]) -> Raw:
        own, shortens = self.models[request["model"]]
        wanted = request.get("dimensions", own)
        texts = request["input"]
        if ("dimensions" in request and not shortens) or wanted > own:
            return _error(400, "dimensions_not_supported")
        if len(texts) > MOST_TEXTS or not all(texts):
            return _error(422, "too_many_or_empty_texts")
        # Longer than one, and in no order: both are allowed.
        vectors = [[3 * number for number in embedding(text, wanted)] for text in texts]
        data = [{"object": "embedding", "index": n, "embedding": vector} for n, vector in enumerate(vectors)]
        return Raw(body=json.dumps({"object": "list", "data": data[::-1], "model": request["model"]}).encode())


def embedding(text: str, dimensions: int) -> list[float]:
    """A vector of unit length: the sum of a fixed direction for each word, so that shared words mean nearness."""
    words = re.findall(r"\w+", text.lower()) or ["nothing"]
    vector = [sum(numbers) for numbers in zip(*(_direction(word, dimensions) for word in words), strict=True)]
    length = math.hypot(*vector)
    return [number / length for number in vector]


@cache
def _direction(word: str, dimensions: int) -> tuple[float, ...]:
    raw = hashlib.shake_256(word.encode()).digest(2 * dimensions)
    return tuple(number / 65_536 - 0.5 for number in struct.unpack(f"<{dimensions}H", raw))


def _error(status: int, code: str) -> Raw:
    return Raw(status, json.dumps({"error": {"message": code, "code": code}}).encode())


class _Handler(BaseHTTPRequestHandler):
    fake: EmbeddingsServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/embeddings"
        self.close_connection = True
        answer = self.fake.answer(request, self.headers["Authorization"])
        if isinstance(answer, Hang):
            self.fake.closing.wait(30)
        elif isinstance(answer, Drip):
            self._drip()
        else:
            self._send(answer)

    def _send(self, answer: Raw) -> None:
        self.send_response(answer.status)
        self.send_header("Connection", "close")
        self.send_header("Content-Type", "application/json")
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) if answer.declared is None else answer.declared))
        self.end_headers()
        self.wfile.write(answer.body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while not self.fake.closing.wait(0.02):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
