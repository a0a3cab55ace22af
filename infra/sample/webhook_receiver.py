"""A receiver of webhooks, to copy from. It needs `pip install standardwebhooks` and the secret that was shown once:

WEBHOOK_SECRET=whsec_… python webhook_receiver.py 8099
"""

import json
import os
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

MOST_BYTES = 1_000_000


class Receiver:
    """Takes each event once: what it has seen is kept, so that a restart does not forget it."""

    def __init__(self, secret: str, memory: str = "webhooks.sqlite") -> None:
        self._webhook = Webhook(secret)
        self._seen = sqlite3.connect(memory)
        self._seen.execute("CREATE TABLE IF NOT EXISTS seen (webhook_id text PRIMARY KEY)")

    def receive(self, headers: dict[str, str], body: bytes) -> int:
        """The HTTP status to answer with."""
        try:
            # Checks the signature, and that it is not older (or newer) than five minutes.
            event = self._webhook.verify(body, headers)
        except WebhookVerificationError as error:
            print(f"refused: {error}", flush=True)
            return 401
        with self._seen:  # the event's work belongs into this transaction
            new = self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", [headers["webhook-id"]]).rowcount
            if not new:
                print(f"refused: {headers['webhook-id']} was here before", flush=True)
                return 409
            self.work(event)
        return 204

    def work(self, event: dict[str, Any]) -> None:
        """Yours to fill. Be quick: after ten seconds the desk gives up and tries again later."""
        print(f"event: {event['type']} {json.dumps(event['data'])[:200]}", flush=True)


def serve(receiver: Receiver, port: int) -> HTTPServer:
    """A server on this machine; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.receive(headers, self.rfile.read(length)) if length <= MOST_BYTES else 413
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    return HTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8099
    server = serve(Receiver(os.environ["WEBHOOK_SECRET"]), port)
    print(f"receiving on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
