"""The local mailbox: an SMTP server that keeps each mail it gets as one .eml file.

The emulated SES relays to it, so a newcomer can look at the answers. `python -m infra.local.mailbox PORT FOLDER`.
"""

import signal
import sys
import threading
import time
import uuid
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from infra.local.ports import HOST


class Mailbox:
    """Writes `<time>-<id>.eml`; names sort by arrival. A file appears complete or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        name = f"{time.time_ns()}-{uuid.uuid4().hex[:6]}"
        content = envelope.original_content or b""
        partial = self.folder / f"{name}.partial"
        partial.write_bytes(content)
        partial.rename(self.folder / f"{name}.eml")
        return "250 Message kept"


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(Mailbox(folder), hostname=HOST, port=port)
    controller.start()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()
    controller.stop()


if __name__ == "__main__":
    main()
