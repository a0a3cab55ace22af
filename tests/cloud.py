"""The functions as AWS runs them: settings in the environment, a simulated account, a real database."""

import importlib
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from moto import mock_aws
from moto.backends import get_backend

from supportmax.adapters import aws
from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.domain.events import QUEUES, Queue
from supportmax.domain.people import Role, User
from supportmax.runtime import container, logs, secret_values, settings
from supportmax.services.tokens import issue_token

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "infra" / "layers" / "embedder" / "model"
SECRET = "a secret of at least thirty-two characters"
ACCOUNT = "123456789012"  # moto's
REGION = "eu-central-1"
FROM = "support@desk.example"
INBOUND, ATTACHMENTS = "desk-inbound", "desk-attachments"
Response = Any
"""What the test client gives back: its HTTP library's own class."""
CONTEXT = SimpleNamespace(function_name="test", aws_request_id="test", memory_limit_in_mb=512)
_FUNCTIONS: dict[Queue, str] = {
    "crm-sync": "salesforce_sync",
    "email-send": "email_send",
    "webhook-send": "webhook_send",
}
_CACHES = (container.get, settings.load, secret_values._fetch, logs._threshold)


@dataclass
class Cloud:
    """Drive a function by HTTP (`http`) or by its event (`invoke`), look at what lies in queues and buckets."""

    workspace_id: UUID
    stack: ExitStack
    clients: dict[str, TestClient] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def open(cls, url: str, embedder: MiniLMEmbedder, environment: pytest.MonkeyPatch) -> "Iterator[Cloud]":
        sign_in(environment)
        with ExitStack() as stack:
            stack.enter_context(simulated_account())
            stack.callback(_forget)
            _forget()
            given = _account() | {"DATABASE_URL": url, "EMBEDDER_MODEL_DIR": str(MODEL)}
            for name, value in given.items():
                environment.setenv(f"SUPPORTMAX_{name}", value)
            tools = container.get()
            tools.embedder = embedder  # it is loaded already
            stack.callback(tools.database.close)
            yield cls(tools.workspace(), stack)

    @property
    def tools(self) -> container.Container:
        return container.get()

    def forget(self) -> None:
        """A new sandbox: settings are read again."""
        container.get().database.close()
        _forget()
        self.stack.callback(container.get().database.close)

    def http(self, function: str) -> TestClient:
        """A client of one function. It keeps one thread, and so one database connection, as a sandbox does."""
        if function not in self.clients:
            app = importlib.import_module(f"functions.{function}.app").app
            client = self.stack.enter_context(TestClient(app, raise_server_exceptions=False))
            self.stack.callback(lambda: client.portal and client.portal.call(container.get().database.close))
            self.clients[function] = client
        return self.clients[function]

    def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """What Lambda does."""
        answer: dict[str, Any] = importlib.import_module(f"functions.{function}.app").handler(event, CONTEXT)
        return answer

    def person(self, role: Role = "agent", workspace_id: UUID | None = None) -> tuple[User, dict[str, str]]:
        """Someone new, with the header that says who they are."""
        workspace_id = workspace_id or self.workspace_id
        with self.tools.store.begin(workspace_id) as tx:
            user = tx.users.add(role, role.capitalize(), f"{uuid4().hex}@desk.example", None)
        return user, {"Authorization": f"Bearer {issue_token(user, workspace_id, SECRET)}"}

    def waiting(self, queue: str) -> list[dict[str, Any]]:
        """The messages of a queue, which are taken out of it: `body`, and `reason` in a dead-letter queue."""
        sqs, there = aws.client("sqs"), _simulated("sqs").queues[queue]
        wanted = {"QueueUrl": _url(queue), "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        found: list[dict[str, Any]] = []
        while there.messages:  # a look inside: to ask an empty queue takes as long as a short test
            received = sqs.receive_message(**wanted)["Messages"]
            taken = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(received)]
            sqs.delete_message_batch(QueueUrl=wanted["QueueUrl"], Entries=taken)
            for message in received:
                reason = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
                found.append({"body": message["Body"], "reason": reason})
        return found

    def mail(self) -> list[str]:
        """Raw mails that SES took."""
        return [str(mail.raw_data) for mail in _simulated("ses").sent_messages]

    def drain(self) -> None:
        """Hand every waiting message to its function until none waits."""
        while sum(self.deliver(queue) for queue in QUEUES):
            pass

    def deliver(self, queue: Queue) -> int:
        """Hand what waits in one queue to its function; returns how many messages that were."""
        bodies = [message["body"] for message in self.waiting(queue)]
        if bodies:
            assert self.invoke(_FUNCTIONS.get(queue, queue), batch(*bodies)) == {"batchItemFailures": []}
        return len(bodies)


def sign_in(environment: pytest.MonkeyPatch) -> None:
    """Credentials that open nothing."""
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": REGION}.items():
        environment.setenv(f"AWS_{name}", value)
    environment.setenv("AWS_REGION", REGION)


def simulated_account() -> AbstractContextManager[object]:
    """An empty AWS account; clients that exist are kept."""
    account: AbstractContextManager[object] = mock_aws(config={"core": {"reset_boto3_session": False}})
    return account


@contextmanager
def one_aws_session() -> Iterator[None]:
    """AWS clients take longer to make than most tests: what is made inside is shared, and gone afterwards."""
    with patch("boto3.DEFAULT_SESSION", None):
        aws.client.cache_clear()
        yield
    aws.client.cache_clear()


def batch(*bodies: str) -> dict[str, Any]:
    """An SQS event; the messages' ids are their places: "0", "1" …"""
    return {"Records": [_record(str(number), body) for number, body in enumerate(bodies)]}


def _record(message_id: str, body: str) -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": message_id,
        "body": body,
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue",
        "awsRegion": REGION,
    }


def event(name: str) -> dict[str, Any]:
    """One of events/*.json."""
    path = ROOT / "events" / f"{name}.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _account() -> dict[str, str]:
    """Queues, buckets and a verified sender, put where they would come to be; returns the settings that name them."""
    for name in (*QUEUES, "dead-letters"):
        _simulated("sqs").create_queue(name)
    for bucket in (INBOUND, ATTACHMENTS):
        _simulated("s3").create_bucket(bucket, REGION)
    _simulated("ses").verify_email_identity(FROM)
    queues = {f"QUEUE_{queue.upper().replace('-', '_')}_URL": _url(queue) for queue in QUEUES}
    return queues | {
        "DEAD_LETTER_URL": _url("dead-letters"),
        "INBOUND_BUCKET": INBOUND,
        "ATTACHMENT_BUCKET": ATTACHMENTS,
        "MAIL_FROM": FROM,
        "TOKEN_SECRET": SECRET,
        "LOG_LEVEL": "CRITICAL",
    }


def _simulated(service: str) -> Any:
    """What stands behind the API of the account's service."""
    backends: Any = get_backend  # typed service by service
    return backends(service)[ACCOUNT]["global" if service == "s3" else REGION]


def _url(queue: str) -> str:
    return f"{aws.client('sqs').meta.endpoint_url}/{ACCOUNT}/{queue}"


def _forget() -> None:
    """What a process keeps for its lifetime is of the test before."""
    for cached in _CACHES:
        cached.cache_clear()
