"""A server that speaks OpenAI's chat completions, and misbehaves when told to."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
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
    headers: dict[str, str] = field(default_factory=dict)


class Hang:
    """Take the request and say nothing."""


@dataclass(frozen=True)
class Stream:
    """The message in pieces, as server-sent events; without `done` the stream breaks off."""

    pieces: Sequence[str]
    done: bool = True


@dataclass(frozen=True)
class Drip:
    """One byte now and then, of the body or of the headers: never silent for long, never done."""

    headers: bool = False


class Cut:
    """Take the request and close the connection."""


@dataclass(frozen=True)
class Endless:
    """A body without an end."""

    status: int


USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
Answer = str | dict[str, Any] | Raw | Hang | Drip | Stream | Cut | Endless


@dataclass
class OpenAIServer:
    """`answers` are given in order: a dict or text as the model's message, or misbehaviour. Remembers requests.

    `behave`, if set, decides by the request instead. `silent` counts the requests that wait for an answer in vain,
    `sent` the bytes of endless bodies.
    """

    url: str = ""
    answers: deque[Answer] = field(default_factory=deque)
    behave: Callable[[dict[str, Any]], Answer] | None = None
    silent: int = 0
    sent: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
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
        self.fake.paths.append(self.path)
        self.close_connection = True
        request = self.fake.requests[-1]
        answer = self.fake.behave(request) if self.fake.behave else self.fake.answers.popleft()
        if isinstance(answer, Hang):
            self.fake.silent += 1
            self.fake.closing.wait(30)
            self.fake.silent -= 1
        elif isinstance(answer, Stream):
            self._stream(answer)
        elif isinstance(answer, Drip):
            self._drip(answer)
        elif isinstance(answer, Cut):
            pass
        elif isinstance(answer, Endless):
            self._flood(answer)
        elif isinstance(answer, Raw):
            self._send(answer)
        else:
            self._send(Raw(body=json.dumps(completion(answer)).encode()))

    def do_GET(self) -> None:
        """The list of models."""
        answer = self.fake.behave({}) if self.fake.behave else Raw(404, b"{}")
        self.close_connection = True
        assert isinstance(answer, Raw)
        self._send(answer)

    def _send(self, answer: Raw) -> None:
        self.send_response(answer.status)
        self.send_header("Connection", "close")
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body) if answer.declared is None else answer.declared))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def _stream(self, answer: Stream) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        events = [json.dumps(_delta(piece)) for piece in answer.pieces]
        if answer.done:
            events += [json.dumps({"choices": [], "model": "scripted", "usage": USAGE}), "[DONE]"]
        try:
            for event in events:
                self.wfile.write(f"data: {event}\n\n".encode())
                self.wfile.flush()
        except OSError:
            pass

    def _drip(self, answer: Drip) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100")
        if answer.headers:
            self.flush_headers()
        else:
            self.end_headers()
        try:
            while not self.fake.closing.wait(0.05):
                self.wfile.write(b"x" if answer.headers else b" ")
        except OSError:
            pass

    def _flood(self, answer: Endless) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        try:
            while not self.fake.closing.is_set():
                self.wfile.write(b" " * 65_536)
                self.fake.sent += 65_536
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
        "usage": USAGE,
    }


def _delta(piece: str) -> dict[str, Any]:
    return {"model": "scripted", "choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}
