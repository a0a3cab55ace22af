"""The command line against the functions, a simulated account and a real database."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.cli import operations
from infra.cli.dead_letters import DeadLetterQueues
from supportmax.adapters import aws
from supportmax.domain.events import Envelope, TicketChanged
from supportmax.domain.ids import new_id
from tests.cloud import INBOUND, Cloud
from tests.desk import ADMIN
from tests.server import PostgresServer
from tests.unit.cli.run import Ran, run

ROOT = Path(__file__).parents[2]
SAMPLES = [ROOT / "infra" / "sample" / "kb" / f"{name}.md" for name in ("card-swallowed", "change-pin")]
MAIL = ROOT / "events" / "emails" / "01-plain-card-swallowed.eml"
AT = ("--api-url", "http://desk.test", "--email", ADMIN.email, "--password", ADMIN.password)


def answer_of(ran: Ran) -> Any:
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    folder.mkdir()
    for sample in SAMPLES:
        (folder / sample.name).write_bytes(sample.read_bytes())
    return folder


def test_articles_are_imported_found_and_answer(desk_at_work: Cloud, tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    assert answer_of(run("kb", "import", folder, "--json", *AT)) == {"created": 2, "updated": 0, "unchanged": 0}
    found = answer_of(run("kb", "search", "the machine took my card", "--json", *AT))
    assert found["results"][0]["article_id"] == "card-swallowed"
    listed = answer_of(run("kb", "list", "--json", *AT))
    assert {(article["external_id"], article["indexed"]) for article in listed} == {
        ("card-swallowed", True),
        ("change-pin", True),
    }
    answer = answer_of(run("ask", "The machine swallowed my card, what now?", "--json", *AT[:2]))
    assert (answer["action"], answer["citations"][0]["article_id"]) == ("answer", "card-swallowed")
    again = answer_of(run("ask", "and how long does that take?", "--session", answer["session_id"], "--json", *AT[:2]))
    assert again["session_id"] == answer["session_id"]


def test_importing_again_changes_nothing_and_an_edit_one_article(desk_at_work: Cloud, tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    run("kb", "import", folder, *AT)
    assert run("kb", "import", folder, *AT).out == "0 created, 0 updated, 2 unchanged\n"
    edited = folder / "change-pin.md"
    edited.write_text(edited.read_text() + "\nOne sentence more.\n")
    assert answer_of(run("kb", "import", folder, "--json", *AT)) == {"created": 0, "updated": 1, "unchanged": 1}


def test_a_mistake_in_one_file_imports_nothing(desk_at_work: Cloud, tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "zebra.md").write_text("---\ntitle: [\n---\nx")
    ran = run("kb", "import", folder, *AT)
    assert ran.code == 1
    assert "zebra.md:2: malformed front matter" in ran.err
    assert answer_of(run("kb", "list", "--json", *AT)) == []


def test_what_cannot_be_indexed_in_time_is_said(desk_at_work: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cloud, "drain", lambda _: None)
    ran = run("kb", "import", SAMPLES[0], "--wait", "0.01", *AT)
    assert ran.code == 1
    assert ran.out == "1 created, 0 updated, 0 unchanged\n"
    assert "imported, but 1 of 1 articles cannot be found yet" in ran.err


def test_a_wrong_password_and_an_unknown_session_are_one_line(desk_at_work: Cloud) -> None:
    wrong = run("kb", "list", *AT[:-1], "wrong")
    assert (wrong.code, wrong.out) == (1, "")
    assert "POST /v1/auth/token: 401: " in wrong.err
    unknown = run("ask", "hello", "--session", new_id(), *AT[:2])
    assert (unknown.code, unknown.err.count("\n")) == (1, 1)
    assert "404" in unknown.err


def test_the_answer_for_people_names_its_source(desk_at_work: Cloud) -> None:
    run("kb", "import", SAMPLES[0], *AT)
    out = run("ask", "The machine swallowed my card", *AT[:2]).out
    assert out.startswith("Freeze the card in the app at once")
    assert "The machine kept my card (card-swallowed)" in out
    assert "--session " in out


def test_the_same_mail_lands_under_the_same_key(cloud: Cloud) -> None:
    first = answer_of(run("mail", "send", MAIL, "--bucket", INBOUND, "--json"))
    assert answer_of(run("mail", "send", MAIL, "--bucket", INBOUND, "--json")) == first
    stored = aws.client("s3").list_objects_v2(Bucket=INBOUND)["Contents"]
    assert [item["Key"] for item in stored] == [first[0]["key"]]
    assert first[0]["key"].startswith("inbound/")
    assert aws.client("s3").get_object(Bucket=INBOUND, Key=first[0]["key"])["Body"].read() == MAIL.read_bytes()


def test_a_bucket_that_does_not_exist_is_one_line(cloud: Cloud) -> None:
    ran = run("mail", "send", MAIL, "--bucket", "no-such-bucket")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "NoSuchBucket" in ran.err


def test_outbox_shows_what_waits(cloud: Cloud, postgres: PostgresServer, database_name: str) -> None:
    url = ("--database-url", postgres.runtime_url(database_name))
    assert "nothing waiting" in run("outbox", *url).out
    with cloud.tools.database.transaction() as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(cloud.workspace_id)])
        connection.execute(
            "INSERT INTO outbox (id, workspace_id, queue, type, payload, occurred_at, attempts)"
            " VALUES (%s, %s, 'crm-sync', 'TicketChanged', '{}', now() - interval '5 minutes', 3)",
            [new_id(), cloud.workspace_id],
        )
    (report,) = answer_of(run("outbox", "--json", *url))
    assert report["workspace"] == "default"
    assert [(row["queue"], row["waiting"], row["most_attempts"]) for row in report["waiting"]] == [("crm-sync", 1, 3)]
    assert [row["type"] for row in report["oldest"]] == ["TicketChanged"]
    assert "crm-sync" in run("outbox", *url).out


def test_migrate_says_when_there_is_nothing_to_do(postgres: PostgresServer, database_name: str) -> None:
    ran = run("migrate", "--database-url", postgres.owner_url(database_name), "--json")
    assert answer_of(ran)["applied"] == []


@pytest.fixture
def queues(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> DeadLetterQueues:
    sqs = aws.client("sqs")
    names = ("classify", "classify-dlq", "index", "index-dlq")
    found = DeadLetterQueues(sqs, {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in names})
    monkeypatch.setattr(operations, "_queues", lambda stack: found)
    return found


def _bury(queues: DeadLetterQueues, name: str, body: str, reason: str | None = None) -> None:
    attributes = {"reason": {"DataType": "String", "StringValue": reason}} if reason else {}
    queues.sqs.send_message(QueueUrl=queues.urls[name], MessageBody=body, MessageAttributes=attributes)


def test_dead_letters_are_shown_and_stay(cloud: Cloud, queues: DeadLetterQueues) -> None:
    envelope = Envelope.of(cloud.workspace_id, TicketChanged(ticket_id=new_id()))
    _bury(queues, "classify-dlq", envelope.to_json(), "no such ticket")
    _bury(queues, "index-dlq", "not one of ours")
    for _ in range(2):
        classify, index = answer_of(run("dlq", "list", "--json"))
        assert (classify["queue"], classify["count"]) == ("classify-dlq", 1)
        (message,) = classify["messages"]
        assert (message["type"], message["id"]) == ("TicketChanged", str(envelope.id))
        assert message["reason"] == "no such ticket"
        assert index["messages"][0]["type"] is None
    assert "no such ticket" in run("dlq", "list").out


def test_dead_letters_go_back_to_their_queue(cloud: Cloud, queues: DeadLetterQueues) -> None:
    for number in range(12):
        _bury(queues, "classify-dlq", str(number))
    _bury(queues, "index-dlq", "another")
    assert answer_of(run("dlq", "redrive", "classify", "--json")) == {"classify-dlq": 12}
    assert sorted(int(message["body"]) for message in cloud.waiting("classify")) == list(range(12))
    assert (queues.count("classify-dlq"), queues.count("index-dlq")) == (0, 1)
    assert answer_of(run("dlq", "redrive", "--all", "--json")) == {"classify-dlq": 0, "index-dlq": 1}


def test_an_unknown_queue_is_one_line(queues: DeadLetterQueues) -> None:
    ran = run("dlq", "redrive", "frobnicate")
    assert ran.code == 1
    assert "no queue 'frobnicate'; there are classify-dlq, index-dlq" in ran.err
