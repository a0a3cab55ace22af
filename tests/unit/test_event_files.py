"""events/*.json say what AWS and our own queues say."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from supportmax.domain.events import QUEUES, Envelope

EVENTS = Path(__file__).parents[2] / "events"


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EVENTS / name).read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("queue", QUEUES)
def test_queue_events_carry_our_envelopes(queue: str) -> None:
    (record,) = _load(f"sqs_{queue.replace('-', '_')}.json")["Records"]
    envelope = Envelope.from_json(record["body"])
    assert envelope.queue == queue
    assert envelope.id.version == 7
    assert record["eventSourceARN"].endswith(f":supportmax-{queue}")
    assert record["md5OfBody"] == hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()


def test_the_storage_event_names_a_mail_that_is_here() -> None:
    (record,) = _load("s3_inbound_mail.json")["Records"]
    stored = record["s3"]["object"]
    path = EVENTS / "emails" / stored["key"].removeprefix("inbound/")
    assert stored["key"].startswith("inbound/")
    assert stored["size"] == path.stat().st_size


@pytest.mark.parametrize("path", sorted(EVENTS.glob("apigw_*.json")), ids=lambda path: path.stem)
def test_api_events_fit_together(path: Path) -> None:
    event = _load(path.name)
    expected = event["resource"].format(**(event["pathParameters"] or {}))
    assert event["path"] == expected
    assert event["requestContext"]["resourcePath"] == event["resource"]
    assert event["requestContext"]["httpMethod"] == event["httpMethod"]


def test_every_event_is_explained() -> None:
    readme = (EVENTS / "README.md").read_text(encoding="utf-8")
    missing = [path.name for path in EVENTS.glob("*.json") if f"`{path.name}`" not in readme]
    missing += [path.name for path in EVENTS.glob("emails/*.eml") if f"`{path.stem}`" not in readme]
    assert missing == []
