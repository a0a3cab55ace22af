"""From a batch of SQS messages to one service call each; what fails goes back, what never can succeed is buried."""

import logging
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from supportmax.domain.errors import NotFound, PermanentFailure, SupportMaxError, TransientFailure
from supportmax.domain.events import Envelope
from supportmax.runtime.container import Container, get
from supportmax.runtime.emf import emit
from supportmax.runtime.logs import keep_private, log
from supportmax.services.was_erased import was_erased

Consumer = Callable[[Container, Envelope], None]


def queue_handler(consume: Consumer, *types: str) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """A Lambda handler for an SQS trigger with ReportBatchItemFailures.

    `types` are the events that `consume` understands. TransientFailure and bugs are retried by the queue and end in
    its dead-letter queue; any other error of ours can never succeed and goes there at once, with its reason.
    """

    keep_private()

    def handle_record(record: Any) -> None:
        body = str(record["body"])
        try:
            envelope = Envelope.from_json(body)
            if envelope.event.type not in types:
                raise PermanentFailure(f"{envelope.event.type} does not belong on this queue")
            consume(get(), envelope)
        except TransientFailure as error:
            log(logging.WARNING, "message goes back", reason=error.message, sqs_message_id=record["messageId"])
            emit("Failures", 1, Kind="retried")
            raise
        except NotFound as error:
            if was_erased(get().store, envelope):
                log(logging.INFO, "message about what was erased", sqs_message_id=record["messageId"])
                return
            _bury(record, error)
        except SupportMaxError as error:
            _bury(record, error)
        except Exception as error:
            log(logging.ERROR, "bug", error=f"{type(error).__name__}: {error}", sqs_message_id=record["messageId"])
            emit("Failures", 1, Kind="bug")
            raise

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        answer = process_partial_response(event, handle_record, processor, context)
        return {"batchItemFailures": list(answer["batchItemFailures"])}

    return handler


def _bury(record: Any, error: SupportMaxError) -> None:
    log(logging.WARNING, "message buried", reason=error.message, sqs_message_id=record["messageId"])
    emit("Failures", 1, Kind="buried")
    get().dead_letters.bury(str(record["body"]), error.message)
