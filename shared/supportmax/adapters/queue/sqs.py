"""Events over Amazon SQS."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from supportmax.adapters.aws import client, error_code
from supportmax.domain.errors import TransientFailure
from supportmax.domain.events import Envelope, Queue
from supportmax.domain.personal_data import redact

BATCH = 10  # the most that SQS takes in one call


class SQSQueueSender:
    """`urls` names the queues this function may send to; an event for another one stays in the outbox."""

    def __init__(self, urls: Mapping[Queue, str]) -> None:
        self._urls = {queue: url for queue, url in urls.items() if url}

    def send(self, envelopes: Sequence[Envelope]) -> list[UUID]:
        by_queue: dict[str, list[Envelope]] = defaultdict(list)
        for envelope in envelopes:
            if url := self._urls.get(envelope.queue):
                by_queue[url].append(envelope)
        accepted = [
            sent
            for url, queued in by_queue.items()
            for start in range(0, len(queued), BATCH)
            for sent in self._send_batch(url, queued[start : start + BATCH])
        ]
        if envelopes and not accepted:
            raise TransientFailure(f"no queue took any of {len(envelopes)} messages")
        return accepted

    def depths(self) -> dict[Queue, int]:
        return {queue: self._depth(url) for queue, url in self._urls.items()}

    def _send_batch(self, url: str, envelopes: Sequence[Envelope]) -> list[UUID]:
        entries = [{"Id": str(envelope.id), "MessageBody": envelope.to_json()} for envelope in envelopes]
        try:
            answer = _call(self._sqs.send_message_batch, QueueUrl=url, Entries=entries)
        except TransientFailure:  # what other queues took is sent all the same
            return []
        return [UUID(entry["Id"]) for entry in answer.get("Successful", [])]

    def _depth(self, url: str) -> int:
        wanted = "ApproximateNumberOfMessages"
        answer = _call(self._sqs.get_queue_attributes, QueueUrl=url, AttributeNames=[wanted])
        return int(answer["Attributes"][wanted])

    @cached_property
    def _sqs(self) -> Any:
        return client("sqs")


class SQSDeadLetters:
    """Where a message goes that can never be processed, together with the reason."""

    def __init__(self, url: str) -> None:
        self._url = url

    def bury(self, body: str, reason: str) -> None:
        """Without personal data, wherever it came from: a body of ours has none, and can still be redriven.

        Raises TransientFailure when it could not be kept, so that SQS keeps the original instead.
        """
        body, reason = redact(body), redact(reason)
        if not self._url:
            raise TransientFailure(f"no dead-letter queue is configured for: {reason}")
        attributes = {"reason": {"DataType": "String", "StringValue": reason[:500]}}
        _call(client("sqs").send_message, QueueUrl=self._url, MessageBody=body, MessageAttributes=attributes)


def _call(operation: Callable[..., Any], **request: Any) -> Any:
    """Whatever goes wrong with a queue, trying again later is right: the message is still in the outbox."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return operation(**request)
    except (BotoCoreError, ClientError) as error:
        raise TransientFailure(f"queue: {error_code(error) or type(error).__name__}: {error}") from error
