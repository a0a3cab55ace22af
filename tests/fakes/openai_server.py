"""A server that speaks OpenAI's chat completions, and misbehaves when told to."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from tests.fakes.http_server import serving


@dataclass(frozen=True)
class Raw:
    """An answer as bytes; `declared` is its Content-Length when that is a lie."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    declared: int | None = None


class Hang:
    """Take the request and say nothing."""


@dataclass(frozen=True)
class Drip:
    """One byte now and then: never silent for long, never done."""


Answer = str | dict[str, Any] | Raw | Hang | Drip


@dataclass
class OpenAIServer:
    """`answers` are given in order: a dict or text as the model's message, or misbehaviour. Remembers requests."""

    url: str = ""
    answers: deque[Answer] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    @classmethod
    @contextmanager
    def start(cls) -> "Iterator[OpenAIServer]":
        fake = cls()
        handler = type("Handler", (_Handler,), {"fake": fake})
        with serving(handler) as url:
            fake.url = f"{url}/v1"
            yield fake
            fake.closing.set()


class _Handler(BaseHTTPRequestHandler):
    fake: OpenAIServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.fake.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.fake.keys.append(self.headers["Authorization"])
        self.close_connection = True
        answer = self.fake.answers.popleft()
        if isinstance(answer, Hang):
            self.fake.closing.wait(30)
        elif isinstance(answer, Drip):
            self._drip()
        elif isinstance(answer, Raw):
            self._send(answer)
        else:
            self._send(Raw(body=json.dumps(completion(answer)).encode()))

    def _send(self, answer: Raw) -> None:
        self.send_response(answer.status)
        self.send_header("Connection", "close")
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body) if answer.declared is None else answer.declared))
        self.end_headers()
        self.wfile.write(answer.body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100")
        self.end_headers()
        try:
            for _ in range(100):
                if self.fake.closing.wait(0.05):
                    break
                self.wfile.write(b" ")
        except OSError:
            pass

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


def completion(answer: str | dict[str, Any]) -> dict[str, Any]:
    """The document around a model's message."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "scripted",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
