"""Dead-letter queues: look into them, and send their messages back to work."""

import json
import time
from dataclasses import dataclass
from typing import Any

from supportmax.domain.errors import NotFound

SUFFIX = "-dlq"
BATCH = 10  # the most that SQS gives in one call
HIDDEN_SECONDS = 60


@dataclass(frozen=True)
class DeadLetterQueues:
    """`urls`: every queue's name (`classify`, `classify-dlq` …) and URL; `sqs` is a boto3 client."""

    sqs: Any
    urls: dict[str, str]

    @property
    def names(self) -> list[str]:
        return sorted(name for name in self.urls if name.endswith(SUFFIX))

    def name_of(self, queue: str) -> str:
        """`classify` and `classify-dlq` both name the second. Raises NotFound."""
        name = queue if queue.endswith(SUFFIX) else queue + SUFFIX
        if name not in self.urls:
            raise NotFound(f"no queue {queue!r}; there are {', '.join(self.names)}")
        return name

    def count(self, name: str) -> int:
        wanted = "ApproximateNumberOfMessages"
        answer = self.sqs.get_queue_attributes(QueueUrl=self.urls[name], AttributeNames=[wanted])
        return int(answer["Attributes"][wanted])

    def peek(self, name: str) -> list[dict[str, Any]]:
        """Up to ten messages, which stay where they are, visible to all."""
        return [_described(message) for message in self._receive(name, hidden=0)]

    def redrive(self, name: str) -> int:
        """Moves what is there now back to the queue it came from; returns how many.

        First sent, then deleted: a crash in between sends a message twice, and the inbox lets it work once.
        """
        target, left, moved = self.urls[name.removesuffix(SUFFIX)], self.count(name), 0
        while left > 0 and (messages := self._receive(name, HIDDEN_SECONDS)):
            for message in messages:
                self.sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
                self.sqs.delete_message(QueueUrl=self.urls[name], ReceiptHandle=message["ReceiptHandle"])
                moved += 1
            left -= len(messages)
        return moved

    def _receive(self, name: str, hidden: int) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(
            QueueUrl=self.urls[name],
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=hidden,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))


def _described(message: dict[str, Any]) -> dict[str, Any]:
    """A message buried by us says why; one that SQS gave up on says how often it was tried."""
    attributes = message.get("Attributes", {})
    said = message.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
    try:
        body = json.loads(message["Body"])
    except ValueError:
        body = None
    known = body if isinstance(body, dict) else {}
    sent = int(attributes.get("SentTimestamp", time.time() * 1000)) / 1000
    return {
        "type": known.get("type"),
        "id": known.get("id"),
        "reason": said or "failed at every attempt; see the function's log",
        "age_seconds": max(0, round(time.time() - sent)),
        "body": message["Body"][:500],
    }
