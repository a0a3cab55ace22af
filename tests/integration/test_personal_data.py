"""Three hundred planted canaries, by every way in, with failures on the way: who gets to see them?

The desk keeps what customers write; its database is not looked at. What is: every request to the model's vendor, every
line that any code prints or logs, and every queue with what failed.
"""

import json
import logging
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import psycopg
import pytest

from supportmax.adapters import aws
from supportmax.adapters.postgres.tickets import Tickets
from supportmax.domain.errors import PermanentFailure, TransientFailure
from supportmax.domain.events import QUEUES
from tests.articles import BASICS
from tests.canaries import Canary, canaries, plain
from tests.cloud import INBOUND, Cloud, batch
from tests.fakes.openai_server import Answer, OpenAIServer, Raw

Owner = psycopg.Connection[tuple[object, ...]]
COUNT = 300
MASKED_AT_LEAST = 0.99
QUESTION = "The machine swallowed my card."
SAID = "Freeze the card in the app at once."


class Vendor:
    """Answers well, badly and not at all, in turn; keeps what it was sent, byte for byte."""

    def __init__(self, server: OpenAIServer) -> None:
        self.server = server
        self.server.behave = self._behave

    def _behave(self, request: dict[str, Any]) -> Answer:
        wants_question = "You prepare searches" in json.dumps(request)
        good: Answer = {"action": "answer", "sentences": [{"text": SAID, "sources": ["1"]}]}
        if wants_question:
            good = {"question": QUESTION}
        bad: list[Answer] = [Raw(500, b'{"error": {"message": "boom"}}'), '{"action": "answ', {"unexpected": True}]
        number = len(self.server.requests)
        return bad[number // 5 % 3] if number % 5 == 4 else good

    def saw(self) -> str:
        return "\n".join(json.dumps(request, ensure_ascii=False) for request in self.server.requests)


@pytest.fixture
def vendor(cloud: Cloud, owner: Owner, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """A desk that has taught articles and asks the model about everything it is halfway sure of."""
    with OpenAIServer.start() as server:
        given = {"MODEL": "scripted", "BASE_URL": server.url, "API_KEY": "key", "PRICE": "0.01/0.01/0.01"}
        for name, value in given.items():
            monkeypatch.setenv(f"SUPPORTMAX_LLM_{name}", value)
        monkeypatch.setenv("SUPPORTMAX_LOG_LEVEL", "DEBUG")
        embedder = cloud.tools.embedder
        cloud.forget()
        cloud.tools.embedder = embedder
        articles = [
            {"external_id": a.external_id, "title": a.title, "body": a.body, "questions": a.questions} for a in BASICS
        ]
        admin = cloud.person("admin")[1]
        assert (
            cloud.http("knowledge").post("/v1/articles/import", json={"articles": articles}, headers=admin).is_success
        )
        cloud.drain()
        owner.execute("UPDATE workspaces SET wanted_precision = 0.05, daily_budget_microusd = 1000000000")
        yield Vendor(server)
        cloud.tools.database.close()


def _seen_in(text: str, planted: list[Canary]) -> list[Canary]:
    """Those of which the text holds all letters and digits, whatever stands between them."""
    bare = "".join(c for c in plain(text).casefold() if c.isalnum())
    return [canary for canary in planted if canary.bare in bare]


def _chat(cloud: Cloud, planted: list[Canary]) -> None:
    """Two messages of one session: the second leans on the first, so the model is asked to put it in other words."""
    one, two, three = (canary.text for canary in planted)
    first = cloud.http("chat").post("/chat", json={"message": f"{QUESTION} My details: {one}"}).json()
    follow_up = {"message": f"and what about it? {two} or {three}", "session_id": first["session_id"]}
    assert cloud.http("chat").post("/chat", json=follow_up).is_success


def _mail(cloud: Cloud, planted: list[Canary], number: int) -> None:
    """In the subject, in the text, as the sender's name, and every now and then as a file's name."""
    one, two, three = (canary.text for canary in planted)
    mail = EmailMessage()
    mail["From"] = f'"{three.strip("<>")}" <customer{number}@customer.example>'
    mail["To"], mail["Subject"], mail["Message-ID"] = "support@desk.example", one.strip("<>"), f"<{number}@c.example>"
    mail.set_content(f"{QUESTION}\n\nI wrote before, it is {two}\n")
    if number % 3 == 0:
        mail.add_attachment(b"x", maintype="image", subtype="png", filename=f"scan_{three.strip('<>')}.png")
    key = f"inbound/mail-{number}"
    aws.client("s3").put_object(Bucket=INBOUND, Key=key, Body=bytes(mail))
    cloud.invoke("email_ingest", {"Records": [{"s3": {"object": {"key": key}}}]})


def _work(cloud: Cloud, failed: list[str]) -> None:
    """Every waiting message goes to its function; a body that comes back is what a dead-letter queue would get."""
    names = {"crm-sync": "salesforce_sync", "email-send": "email_send"}
    for queue in QUEUES:
        bodies = [message["body"] for message in cloud.waiting(queue)]
        answer = cloud.invoke(names.get(queue, queue), batch(*bodies)) if bodies else {"batchItemFailures": []}
        failed += [bodies[int(item["itemIdentifier"])] for item in answer["batchItemFailures"]]


def _failing(monkeypatch: pytest.MonkeyPatch, planted: list[Canary]) -> None:
    """Locking a ticket goes wrong in every way, each time with a canary in the error."""
    lock, count = Tickets.lock, iter(range(10_000))
    kinds = (TransientFailure, PermanentFailure, RuntimeError)

    def broken(self: Tickets, *args: Any, **options: Any) -> Any:
        number = next(count)
        if number % 3 == 1:
            raise kinds[number // 3 % 3](f"row contains ({planted[number % len(planted)].text})")
        return lock(self, *args, **options)

    monkeypatch.setattr(Tickets, "lock", broken)


def test_canaries_stay_in_the_desk(
    vendor: Vendor,
    cloud: Cloud,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)
    planted = canaries(COUNT)
    thirds = [planted[n : n + 3] for n in range(0, COUNT, 3)]
    failed: list[str] = []
    _failing(monkeypatch, planted)
    for number, three in enumerate(thirds):
        if number % 2:
            _chat(cloud, three)
        else:
            _mail(cloud, three, number)
        _work(cloud, failed)
    poison = [f"poison {canary.text}" for canary in planted[:10]]
    assert cloud.invoke("classify", batch(*poison)) == {"batchItemFailures": []}
    for _ in range(5):
        _work(cloud, failed)

    shown = vendor.saw()
    asked = len(vendor.server.requests)
    assert asked >= 100, "the model was hardly asked at all"
    assert shown.count("_1]") >= 100, "hardly anything was there to be masked"
    leaked = _seen_in(shown, planted)
    assert len(leaked) <= (1 - MASKED_AT_LEAST) * COUNT, leaked

    logged = capfd.readouterr()
    with capfd.disabled():
        print(f"{len(leaked)} of {COUNT} canaries reached the vendor, asked {asked} times")
    assert "message goes back" in logged.out
    assert "bug" in logged.out
    assert _seen_in(logged.out + logged.err + caplog.text, planted) == []
    buried = cloud.waiting("dead-letters")
    assert len(buried) >= 10
    assert failed
    assert _seen_in(json.dumps(buried, ensure_ascii=False) + "".join(failed), planted) == []
