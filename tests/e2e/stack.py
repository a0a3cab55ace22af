"""A deployed stack as a test uses it: its API, its bucket, its queues, its mailbox and its database."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import boto3
import httpx
import psycopg
from psycopg.rows import dict_row

from infra.local.ports import PREFERRED, unused

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


def eventually(look: Callable[[], T | None], seconds: float = 60) -> T:
    """The first truthy result of `look`; AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {look}"
        time.sleep(0.2)


def supportmax(environment: dict[str, str], *arguments: str) -> str:
    """Run the command line; its standard output."""
    command = [sys.executable, "-m", "infra.cli.main", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class DeployedStack:
    """`status` is what `dev status --json` says."""

    status: dict[str, Any]
    environment: dict[str, str]
    home: Path

    @classmethod
    def up(cls, home: Path, settings: dict[str, str]) -> "DeployedStack":
        """Start and deploy it in a folder of its own."""
        environment = {**os.environ, **settings, "SUPPORTMAX_HOME": str(home)}
        # A stack remembers its ports; these come from the system, so that no two stacks started at once want the same.
        (home / "state.json").write_text(json.dumps({"ports": unused(*PREFERRED)}))
        supportmax(environment, "dev", "up")
        return cls(json.loads(supportmax(environment, "dev", "status", "--json")), environment, home)

    def down(self) -> None:
        for name in {"customer", "agent"} & vars(self).keys():
            vars(self)[name].close()
        supportmax(self.environment, "dev", "down")

    # The API

    @cached_property
    def customer(self) -> httpx.Client:
        return httpx.Client(base_url=self.status["api_url"], timeout=60)

    @cached_property
    def agent(self) -> httpx.Client:
        """Signed in as the administrator."""
        token = self.customer.post("/v1/auth/token", json=self.status["agent"]).json()["access_token"]
        return self.with_token(token)

    def with_token(self, token: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.status["api_url"], timeout=60, headers=headers)

    def chat(self, message: str, session_id: str | None = None) -> dict[str, Any]:
        body = {"message": message} | ({"session_id": session_id} if session_id else {})
        answer = self.customer.post("/chat", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    # AWS

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.status["aws_endpoint_url"],
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def receive(self, raw: bytes, name: str = "") -> str:
        """Put a mail where SES would; its key."""
        key = f"inbound/{name or hashlib.sha256(raw).hexdigest()}"
        self.client("s3").put_object(Bucket=self.status["inbound_bucket"], Key=key, Body=raw)
        return key

    def enqueue(self, queue: str, *bodies: str) -> None:
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
        answer = self.client("sqs").send_message_batch(QueueUrl=self.status["queues"][queue], Entries=entries)
        assert not answer.get("Failed"), answer

    @contextmanager
    def visibility_timeout(self, queue_url: str, seconds: int) -> Iterator[None]:
        """A shorter wait until a message that was not finished comes again; the queue's own one afterwards."""
        name, sqs = "VisibilityTimeout", self.client("sqs")
        before = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=[name])["Attributes"][name]
        sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={name: str(seconds)})
        try:
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={name: before})

    def dead_letters(self, queue: str) -> list[dict[str, Any]]:
        """Up to ten messages of a dead-letter queue; they stay where they are."""
        answer = self.client("sqs").receive_message(
            QueueUrl=self.status["queues"][f"{queue}-dlq"],
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            VisibilityTimeout=0,
        )
        return list(answer.get("Messages", []))

    def kill_workers(self, function: str) -> int:
        """End every process of a function without a warning; how many there were."""
        killed = 0
        for pid in _workers(function, self.status["pids"]["ministack"]):
            os.kill(pid, signal.SIGKILL)
            killed += 1
        return killed

    # What came of it

    def rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        with psycopg.connect(self.status["migration_database_url"], row_factory=dict_row) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def ticket_of(self, subject: str) -> dict[str, Any] | None:
        tickets = self.agent.get("/v1/tickets", params={"limit": 100}).json()["tickets"]
        return next((dict(ticket) for ticket in tickets if ticket["subject"] == subject), None)

    def mails_to(self, address: str) -> list[EmailMessage]:
        """What the local SES has sent to an address."""
        return [mail for mail in self._mails() if mail["To"] == address]

    def _mails(self) -> Iterator[EmailMessage]:
        for path in sorted(Path(self.status["mailbox_dir"]).glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            if isinstance(mail, EmailMessage):
                yield mail


def _workers(function: str, parent: int) -> Iterator[int]:
    """The emulator's child processes that run a function: they name it in their command line or environment."""
    wanted = f"supportmax-local-{function}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ppid = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            names = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if ppid == parent and wanted in names:
            yield int(folder.name)
