"""A receiver of webhooks on a free port of this machine, which misbehaves when told to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from tests.fakes.http_server import serving


@dataclass
class WebhookReceiver:
    """`headers` go with each answer; `hang` keeps the caller waiting; `drip` sends header lines for ever."""

    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hang: bool = False
    drip: bool = False
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    released: Event = field(default_factory=Event)

    @classmethod
    @contextmanager
    def running(cls) -> "Iterator[WebhookReceiver]":
        receiver = cls()
        with serving(_handler(receiver)) as receiver.url:
            yield receiver
            receiver.released.set()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.received]


def _handler(receiver: WebhookReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append((headers, self.rfile.read(int(headers["content-length"]))))
            self.send_response(receiver.status)
            while receiver.drip and not receiver.released.wait(0.1):
                self.send_header("x-more", "to come")
                self.flush_headers()
            if receiver.hang:
                receiver.released.wait(60)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(receiver.body)))
            self.end_headers()
            self.wfile.write(receiver.body)

        def do_GET(self) -> None:
            raise AssertionError("nobody may follow a redirect")

    return Handler
