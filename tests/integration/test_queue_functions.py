"""Functions behind queues, buckets and schedules: what goes back, what is buried, and what AWS really sends."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from supportmax.adapters import aws
from supportmax.adapters.postgres.tickets import Tickets
from supportmax.domain.errors import TransientFailure
from supportmax.domain.events import ArticleChanged, Envelope, Event, HandOverRequested, TicketChanged, TicketOpened
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import ArticleDraft
from supportmax.domain.tickets import NewTicket, TicketFilter
from supportmax.services.import_articles import save_article
from tests.cloud import INBOUND, Cloud, batch, event
from tests.letters import letter

Connection = psycopg.Connection[tuple[object, ...]]
EMAILS = Path(__file__).parents[2] / "events" / "emails"
DONE: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}


def _ticket(cloud: Cloud) -> UUID:
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        return tx.tickets.add(NewTicket(id=new_id(), subject="s", channel="api")).id


def _wire(cloud: Cloud, happened: Event) -> str:
    return Envelope.of(cloud.workspace_id, happened).to_json()


def _escalations(owner: Connection) -> list[tuple[object, ...]]:
    return owner.execute("SELECT ticket_id FROM escalations ORDER BY id").fetchall()


POISON = [
    pytest.param("not JSON", "not one of our messages", id="not JSON"),
    pytest.param("{}", "not one of our messages: id", id="no envelope"),
    pytest.param("[]", "not one of our messages", id="a list"),
    pytest.param("", "not one of our messages", id="empty"),
]


@pytest.mark.parametrize(("poison", "reason"), POISON)
def test_a_poison_message_is_buried_with_its_reason_and_its_siblings_are_done(
    poison: str, reason: str, cloud: Cloud, owner: Connection
) -> None:
    first, last = _ticket(cloud), _ticket(cloud)
    bodies = [_wire(cloud, HandOverRequested(ticket_id=ticket, reason="r")) for ticket in (first, last)]
    poison = poison or " "
    assert cloud.invoke("escalate", batch(bodies[0], poison, bodies[1])) == DONE
    assert _escalations(owner) == [(first,), (last,)]
    (buried,) = cloud.waiting("dead-letters")
    assert buried["body"] == poison
    assert buried["reason"].startswith(reason)


def test_a_message_of_another_queue_is_buried(cloud: Cloud) -> None:
    assert cloud.invoke("escalate", batch(_wire(cloud, ArticleChanged(article_id=new_id())))) == DONE
    assert [message["reason"] for message in cloud.waiting("dead-letters")] == [
        "ArticleChanged does not belong on this queue"
    ]


def test_a_message_about_nothing_is_buried(cloud: Cloud) -> None:
    happened = TicketOpened(ticket_id=new_id(), message_id=new_id())
    assert cloud.invoke("classify", batch(_wire(cloud, happened))) == DONE
    assert [message["reason"] for message in cloud.waiting("dead-letters")] == ["No such message."]


def test_a_passing_failure_goes_back_and_its_siblings_are_done(
    cloud: Cloud, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = _ticket(cloud), _ticket(cloud)
    lock = Tickets.lock

    def deadlock(self: Tickets, ticket_id: UUID, deleted: bool = False) -> Any:
        if ticket_id == bad:
            raise TransientFailure("deadlock")
        return lock(self, ticket_id, deleted)

    bodies = [_wire(cloud, HandOverRequested(ticket_id=ticket, reason="r")) for ticket in (bad, good)]
    with monkeypatch.context() as patch:
        patch.setattr(Tickets, "lock", deadlock)
        answer = cloud.invoke("escalate", batch(*bodies))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert _escalations(owner) == [(good,)]
    assert cloud.waiting("dead-letters") == []
    assert cloud.invoke("escalate", batch(*bodies)) == DONE
    assert _escalations(owner) == [(good,), (bad,)]


def test_a_mistake_of_ours_goes_back_too(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Tickets, ticket_id: UUID) -> Any:
        raise ZeroDivisionError

    body = _wire(cloud, HandOverRequested(ticket_id=_ticket(cloud), reason="r"))
    monkeypatch.setattr(Tickets, "lock", broken)
    assert cloud.invoke("escalate", batch(body)) == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_a_message_that_cannot_be_buried_goes_back(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTMAX_DEAD_LETTER_URL", "")
    cloud.forget()
    assert cloud.invoke("escalate", batch("poison")) == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_the_same_message_twice_in_one_batch_works_once(cloud: Cloud, owner: Connection) -> None:
    body = _wire(cloud, HandOverRequested(ticket_id=_ticket(cloud), reason="r"))
    assert cloud.invoke("escalate", batch(body, body)) == DONE
    assert len(_escalations(owner)) == 1


def test_an_article_is_indexed_from_the_queue(cloud: Cloud) -> None:
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        save_article(tx, ArticleDraft(external_id="a", title="A title", body="A body"), "test")
    (message,) = cloud.waiting("index")
    assert cloud.invoke("index", batch(message["body"])) == DONE
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        assert tx.articles.status(cloud.tools.embedder.model).indexed == 1


# Mail from end to end, as the functions see it


def _arrive(cloud: Cloud, key: str, raw: bytes) -> dict[str, Any]:
    aws.client("s3").put_object(Bucket=INBOUND, Key=key, Body=raw)
    return {"Records": [{"s3": {"object": {"key": key}}}]}


def test_a_mail_goes_all_the_way(cloud: Cloud) -> None:
    cloud.person("agent")
    assert cloud.invoke("email_ingest", _arrive(cloud, "inbound/1", letter("What is her shoe size?"))) == {"mails": 1}
    cloud.drain()
    (acknowledgement,) = [mail for mail in cloud.mail() if "To: ann@customer.example" in mail]
    assert "Auto-Submitted: auto-replied" in acknowledgement
    assert "Reply-To: support+" in acknowledgement
    assert cloud.waiting("dead-letters") == []


def test_the_key_in_an_event_is_encoded(cloud: Cloud) -> None:
    """S3 writes a space as + and a plus as %2B."""
    happened = _arrive(cloud, "inbound/a mail+1 ä.eml", letter("Hello"))
    happened["Records"][0]["s3"]["object"]["key"] = "inbound/a+mail%2B1+%C3%A4.eml"
    cloud.invoke("email_ingest", happened)
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        assert len(tx.tickets.list(TicketFilter(), None, 10)) == 1


def test_an_event_whose_mail_is_gone_is_passed_over(cloud: Cloud) -> None:
    gone = {"s3": {"object": {"key": "inbound/nothing"}}}
    happened = _arrive(cloud, "inbound/1", letter("Hello"))
    happened["Records"].insert(0, gone)
    assert cloud.invoke("email_ingest", happened) == {"mails": 2}
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        assert len(tx.tickets.list(TicketFilter(), None, 10)) == 1


def test_a_store_that_is_down_makes_lambda_try_again(cloud: Cloud) -> None:
    aws.client("s3").delete_bucket(Bucket=INBOUND)
    with pytest.raises(TransientFailure):
        cloud.invoke("email_ingest", {"Records": [{"s3": {"object": {"key": "inbound/1"}}}]})


# events/*.json: what AWS sends


@pytest.mark.parametrize(
    ("name", "function", "buried"),
    [
        ("sqs_classify", "classify", True),
        ("sqs_respond", "respond", True),
        ("sqs_escalate", "escalate", True),
        ("sqs_email_send", "email_send", False),
        ("sqs_index", "index", False),
        ("sqs_crm_sync", "salesforce_sync", False),
        ("sqs_webhook_send", "webhook_send", False),
    ],
)
def test_queue_events_of_an_unknown_workspace(name: str, function: str, buried: bool, cloud: Cloud) -> None:
    happened = event(name)
    assert cloud.invoke(function, happened) == DONE
    expected = [happened["Records"][0]["body"]] if buried else []
    assert [message["body"] for message in cloud.waiting("dead-letters")] == expected


def test_the_storage_event(cloud: Cloud) -> None:
    happened = event("s3_inbound_mail")
    key = happened["Records"][0]["s3"]["object"]["key"]
    aws.client("s3").put_object(Bucket=INBOUND, Key=key, Body=(EMAILS / key.removeprefix("inbound/")).read_bytes())
    assert cloud.invoke("email_ingest", happened) == {"mails": 1}
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        (ticket,) = tx.tickets.list(TicketFilter(), None, 10)
    assert (ticket.subject, ticket.channel) == ("The machine kept my card", "email")


def test_the_schedules(cloud: Cloud, owner: Connection) -> None:
    """A message that was left in the outbox leaves with the next tick."""
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        tx.outbox.add(TicketChanged(ticket_id=new_id()))
    owner.execute("UPDATE outbox SET published_at = NULL, claimed_at = now() - interval '1 minute'")
    cloud.waiting("crm-sync")
    swept = cloud.invoke("maintenance", event("schedule_maintenance"))
    expected = {"published": 1, "rescued": 0, "woken": 0, "forgotten": 0, "warned": 0, "breached": 0}
    assert expected.items() <= swept.items()
    assert len(cloud.waiting("crm-sync")) == 1
    assert cloud.invoke("salesforce_sync", event("schedule_salesforce_sync")) == {"changed": 0}


@pytest.mark.parametrize(
    ("name", "function", "signed_in", "status"),
    [
        ("apigw_chat_post", "chat", False, 200),
        ("apigw_session_messages", "chat", False, 404),
        ("apigw_health_get", "admin", False, 200),
        ("apigw_tickets_list", "tickets", False, 401),
        ("apigw_tickets_list", "tickets", True, 200),
        ("apigw_article_get", "knowledge", False, 401),
        ("apigw_article_get", "knowledge", True, 404),
    ],
)
def test_gateway_events(name: str, function: str, signed_in: bool, status: int, cloud: Cloud) -> None:
    happened = event(name)
    if signed_in:
        headers = cloud.person("agent")[1]
        happened["headers"] |= headers
        happened["multiValueHeaders"] |= {header: [value] for header, value in headers.items()}
    answer = cloud.invoke(function, happened)
    assert answer["statusCode"] == status
    assert isinstance(json.loads(answer["body"]), dict)
    if status >= 400:
        assert answer["headers"]["content-type"] == "application/problem+json"


def test_a_chat_through_the_gateway_is_a_session(cloud: Cloud) -> None:
    answer = json.loads(cloud.invoke("chat", event("apigw_chat_post"))["body"])
    happened = event("apigw_session_messages")
    known = happened["pathParameters"]["session_id"]
    again = json.loads(json.dumps(happened).replace(known, answer["session_id"]))
    messages = json.loads(cloud.invoke("chat", again)["body"])["messages"]
    assert [message["author"] for message in messages] == ["customer", "assistant"]
