"""One suite for every queue: the one in memory, and SQS."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from supportmax.adapters import aws
from supportmax.adapters.queue.sqs import SQSDeadLetters, SQSQueueSender
from supportmax.domain.errors import TransientFailure
from supportmax.domain.events import QUEUES, ArticleChanged, Envelope, Event, Queue, TicketChanged, TicketOpened
from supportmax.domain.ids import new_id
from supportmax.ports import QueueSender
from tests.fakes.memory import MemoryQueue


@dataclass
class World:
    """A sender, what lies in a queue, and an outage."""

    sender: QueueSender
    bodies: Callable[[Queue], list[str]]
    break_down: Callable[[], None]


def _memory() -> World:
    sender = MemoryQueue()

    def bodies(queue: Queue) -> list[str]:
        return [envelope.to_json() for envelope in sender.waiting if envelope.queue == queue]

    def break_down() -> None:
        sender.down = True

    return World(sender, bodies, break_down)


def _sqs() -> World:
    sqs = aws.client("sqs")
    urls: dict[Queue, str] = {queue: sqs.create_queue(QueueName=queue)["QueueUrl"] for queue in QUEUES}

    def bodies(queue: Queue) -> list[str]:
        found: list[str] = []
        while got := sqs.receive_message(QueueUrl=urls[queue], MaxNumberOfMessages=10).get("Messages"):
            found += [message["Body"] for message in got]
        return found

    def break_down() -> None:
        for url in urls.values():
            sqs.delete_queue(QueueUrl=url)

    return World(SQSQueueSender(urls), bodies, break_down)


@pytest.fixture(params=["memory", "sqs"])
def world(request: pytest.FixtureRequest, account: None) -> World:
    return _memory() if request.param == "memory" else _sqs()


def _envelope(event: Event | None = None) -> Envelope:
    return Envelope.of(new_id(), event or TicketChanged(ticket_id=new_id()))


def test_each_message_goes_to_the_queue_of_its_event(world: World) -> None:
    changed, article = _envelope(), _envelope(ArticleChanged(article_id=new_id()))
    assert set(world.sender.send([changed, article])) == {changed.id, article.id}
    assert world.bodies("crm-sync") == [changed.to_json()]
    assert world.bodies("index") == [article.to_json()]
    assert world.bodies("classify") == []


def test_what_arrives_is_what_was_sent(world: World) -> None:
    envelope = _envelope(TicketOpened(ticket_id=new_id(), message_id=new_id(), hand_over="“Grüße” 💳"))
    world.sender.send([envelope])
    (body,) = world.bodies("classify")
    assert Envelope.from_json(body) == envelope


def test_more_than_one_batch_all_arrive(world: World) -> None:
    envelopes = [_envelope() for _ in range(23)]
    assert world.sender.send(envelopes) == [envelope.id for envelope in envelopes]
    assert len(world.bodies("crm-sync")) == 23


def test_nothing_to_send_is_no_error(world: World) -> None:
    assert world.sender.send([]) == []


def test_depths_count_every_queue(world: World) -> None:
    world.sender.send([_envelope() for _ in range(3)])
    assert world.sender.depths() == dict.fromkeys(QUEUES, 0) | {"crm-sync": 3}


def test_an_outage_is_a_failure_that_may_pass(world: World) -> None:
    world.break_down()
    with pytest.raises(TransientFailure):
        world.sender.send([_envelope()])


# What only SQS has


def test_a_queue_that_this_function_may_not_use_is_left_to_the_sweep(account: None) -> None:
    url = aws.client("sqs").create_queue(QueueName="index")["QueueUrl"]
    sender = SQSQueueSender({"index": url, "crm-sync": ""})
    article, changed = _envelope(ArticleChanged(article_id=new_id())), _envelope()
    assert sender.send([changed, article]) == [article.id]
    assert sender.depths() == {"index": 1}
    with pytest.raises(TransientFailure):
        sender.send([changed])


def test_one_queue_that_is_gone_does_not_hide_what_the_others_took(account: None) -> None:
    url = aws.client("sqs").create_queue(QueueName="index")["QueueUrl"]
    sender = SQSQueueSender({"index": url, "crm-sync": url.replace("index", "gone")})
    article, changed = _envelope(ArticleChanged(article_id=new_id())), _envelope()
    assert sender.send([changed, article]) == [article.id]
    assert sender.send([article, changed]) == [article.id]


def test_depths_of_a_queue_that_is_gone_are_a_failure_that_may_pass(account: None) -> None:
    with pytest.raises(TransientFailure, match="queue: "):
        SQSQueueSender({"index": "https://sqs.eu-central-1.amazonaws.com/1/gone"}).depths()


def test_a_buried_message_keeps_its_body_and_a_reason_of_any_length(account: None) -> None:
    url = aws.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    SQSDeadLetters(url).bury("poison 💥", "why " * 500)
    (message,) = aws.client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == "poison 💥"
    assert message["MessageAttributes"]["reason"]["StringValue"] == ("why " * 500)[:500]


@pytest.mark.parametrize("url", ["", "https://sqs.eu-central-1.amazonaws.com/1/gone"])
def test_what_cannot_be_buried_stays_where_it_was(url: str, account: None) -> None:
    with pytest.raises(TransientFailure):
        SQSDeadLetters(url).bury("poison", "reason")
