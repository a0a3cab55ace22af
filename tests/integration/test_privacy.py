"""Everything about a person: exported, erased with a proof, and kept only for so long."""

import io
import json
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from supportmax.adapters import aws
from supportmax.domain.clock import utcnow
from supportmax.domain.events import TicketOpened
from supportmax.domain.ids import new_id
from supportmax.domain.satisfaction import Rating
from tests.cloud import ATTACHMENTS, INBOUND, Cloud, Response, event
from tests.integration.test_isolation import PLANTED, TABLES, planted_rows, put_in
from tests.tickets import Front
from tests.widget import Site

Connection = psycopg.Connection[tuple[object, ...]]
Json = dict[str, Any]
EMAIL = "canary-person@customer.example"
CANARY = "Quetzalcanary"
# What belongs to the desk, or to the people who work there. A table that is not in here must lose its canary with the
# person: a new one needs an entry here, a way in adapters/postgres/privacy.py, or ON DELETE CASCADE.
OF_THE_DESK = {
    "agent_profiles", "articles", "budget_days", "business_hours", "calibrations", "canned_replies", "chat_settings",
    "chunks", "circuit_breakers", "common_words", "erased_marks", "groups", "identity_providers", "indexed_articles",
    "labels", "macros", "metric_slots", "oidc_attempts", "processed_messages", "rate_limits", "retention_rules",
    "rules", "search_statistics", "search_versions", "sign_in_attempts", "skill_rules", "sla_policies",
    "spare_indexes", "sync_watermarks", "ticket_fields", "triage_models", "triage_versions", "visitor_keys",
    "webhook_endpoints", "widget_keys", "workspaces",
}  # fmt: skip
# The desk works by these, and planted ones would be wrong.
WORKED_BY = {"business_hours", "chat_settings", "sla_policies"}
# Columns of theirs that are the desk's: what a call of a model cost stays in the books.
DESK_COLUMNS = {("model_calls", name) for name in ("model", "outcome", "provider", "purpose")}
FOREIGN_KEYS = """
    SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid IN ('users'::regclass, 'tickets'::regclass, 'sessions'::regclass,
        'messages'::regclass)
"""
COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attgenerated <> ''
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE '%yoyo%'
"""
VALUES = {
    "text": f"{CANARY} in a text", "text[]": [CANARY], "jsonb": json.dumps({"text": CANARY}),
    "bytea": CANARY.encode(), "vector": "[" + ",".join(["0.515625"] * 384) + "]",
}  # fmt: skip


class Desk:
    """An administrator who answers for people's data, and an agent at work."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.http, self.front = cloud, cloud.http("admin"), Front.of(cloud)
        self.headers = cloud.person("admin")[1]

    def call(self, method: str, path: str, body: Json | None = None) -> Response:
        return self.http.request(method, path, json=body, headers=self.headers)

    def run(self, kind: str, **whom: str) -> Json:
        """A job, done."""
        begun = self.call("POST", f"/v1/privacy/{kind}", whom)
        assert begun.status_code == 202, begun.text
        self.cloud.drain()
        done: Json = self.call("GET", begun.headers["location"]).json()
        assert done["status"] == "done", done
        assert done["processed"] == done["total"]
        return done

    def export(self, **whom: str) -> dict[str, bytes]:
        """The files of the ZIP."""
        done = self.run("exports", **whom)
        url = urlsplit(done["download_url"])
        assert ("X-Amz-Expires=300" in url.query or "Expires=" in url.query) and done["expires_at"]
        key = unquote(url.path).removeprefix("/").removeprefix(f"{ATTACHMENTS}/")
        packed = aws.client("s3").get_object(Bucket=ATTACHMENTS, Key=key)["Body"].read()
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def receive(self, raw: bytes, key: str) -> None:
        aws.client("s3").put_object(Bucket=INBOUND, Key=key, Body=raw)
        self.cloud.invoke("email_ingest", {"Records": [{"s3": {"object": {"key": key}}}]})


@pytest.fixture
def desk(cloud: Cloud) -> Desk:
    return Desk(cloud)


def _objects() -> dict[str, bytes]:
    s3, found = aws.client("s3"), {}
    for bucket in (INBOUND, ATTACHMENTS):
        for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            found[f"{bucket}/{item['Key']}"] = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
    return found


def _mail(subject: str, minutes: int = -5, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Ann Canary <{EMAIL}>", "support@desk.example", subject
    mail["Date"] = format_datetime(utcnow() + timedelta(minutes=minutes))
    mail["Message-ID"] = f"<{subject.replace(' ', '.')}@customer.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{CANARY} kept my card.\n")
    mail.add_attachment(CANARY.encode(), maintype="text", subtype="plain", filename="card.txt")
    return mail.as_bytes()


# A person with data everywhere


def _plant(owner: Connection, workspace_id: UUID) -> dict[str, UUID]:
    """A row in every table, each of them the person's where it can be; returns the ids by table."""
    rows = planted_rows(workspace_id)
    rows["users"] |= {"role": "customer", "email": EMAIL}
    rows["tickets"] |= {"number": 900}
    ids = {table: value for table, row in rows.items() if isinstance(value := row.get("id"), UUID)}
    ticket = str(ids["tickets"])
    rows["article_proposals"] |= {"evidence": json.dumps([{"ticket_id": ticket, "question": CANARY}])}
    rows["outbox"] |= {"payload": json.dumps({"ticket_id": ticket, "hand_over": CANARY}), "published_at": utcnow()}
    rows["jobs"] |= {"request": json.dumps({"ticket_ids": [ticket], "reason": CANARY}), "status": "done"}
    rows["idempotency_keys"] |= {"body": f'{{"id": "{ticket}", "subject": "{CANARY}"}}'.encode()}
    rows["audit_entries"] |= {"subject_id": ids["tickets"], "detail": json.dumps({"subject": CANARY})}
    kept = {"article_proposals": "evidence", "outbox": "payload", "jobs": "request", "idempotency_keys": "body"}
    for table, row in rows.items():
        if table not in WORKED_BY:
            put_in(owner, table, row)
    _belong(owner, ids)
    for name, column, kind, generated in owner.execute(COLUMNS).fetchall():
        fixed = name in OF_THE_DESK | {"users", "audit_entries"} or kept.get(str(name)) == column
        if str(kind) in VALUES and not generated and not fixed and (name, column) not in DESK_COLUMNS:
            _set(owner, str(name), str(column), VALUES[str(kind)], workspace_id)
    owner.execute("UPDATE users SET name = %s WHERE id = %s", [f"Ann {CANARY}", ids["users"]])
    return ids


def _belong(owner: Connection, ids: dict[str, UUID]) -> None:
    for table, column, target in owner.execute(FOREIGN_KEYS).fetchall():
        query = sql.SQL("UPDATE {} SET {c} = %s WHERE {c} IS NULL").format(
            sql.Identifier(str(table)), c=sql.Identifier(str(column))
        )
        if table not in OF_THE_DESK:
            owner.execute(query, [ids[str(target)]])


def _set(owner: Connection, table: str, column: str, value: object, workspace_id: UUID) -> None:
    """Where a rule of the table allows it."""
    suffix = f" {table}" if column.endswith("object_key") or column == "raw_object" else ""
    query = sql.SQL("UPDATE {} SET {} = %s WHERE workspace_id = %s").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    with suppress(psycopg.errors.IntegrityError):
        owner.execute(query, [f"{value}{suffix}" if suffix else value, workspace_id])


def _canaries(owner: Connection) -> dict[str, int]:
    """Rows by table and column that hold a canary, in the whole database."""
    found = {}
    for table, column, kind, _ in owner.execute(COLUMNS).fetchall():
        name = sql.Identifier(str(column))
        text = sql.SQL("encode({}, 'escape')").format(name) if kind == "bytea" else sql.SQL("{}::text").format(name)
        query = sql.SQL("SELECT count(*) FROM {} WHERE {text} ILIKE '%canary%' OR {text} LIKE '%0.515625%'").format(
            sql.Identifier(str(table)), text=text
        )
        row = owner.execute(query).fetchone()
        if row and row[0]:
            found[f"{table}.{column}"] = int(str(row[0]))
    return found


def test_every_table_is_planted_or_of_the_desk(owner: Connection) -> None:
    tables = {str(name) for (name,) in owner.execute(TABLES)}
    assert tables >= OF_THE_DESK
    assert tables - OF_THE_DESK <= set(PLANTED)


def test_an_erased_person_is_nowhere_any_more(desk: Desk, owner: Connection) -> None:
    cloud = desk.cloud
    ids = _plant(owner, cloud.workspace_id)
    article = {"external_id": "a", "title": "Cards", "body": f"Ask {EMAIL.upper()} about it."}
    made = cloud.http("knowledge").post("/v1/articles", json=article, headers=desk.headers).json()
    other = desk.front.open(requester_email="bob@customer.example", body=f"My neighbour is {EMAIL}.")
    _put_objects(owner)
    desk.run("exports", email=EMAIL)
    tables = {name.partition(".")[0] for name in _canaries(owner)}
    assert len(tables - OF_THE_DESK) > 25, tables
    assert {"labelled_examples", "spare_vectors", "turns", "outbox", "webhook_attempts", "idempotency_keys"} <= tables
    with cloud.tools.store.begin(cloud.workspace_id) as tx:  # still on its way when the person goes
        tx.outbox.add(TicketOpened(ticket_id=ids["tickets"], message_id=ids["messages"]))
    late = cloud.waiting("classify")

    done = desk.run("erasures", user_id=str(ids["users"]))

    assert _canaries(owner) == {}
    assert not [key for key, content in _objects().items() if b"canary" in content or "canary" in key]
    assert done["proof"]["found"] == {}
    assert done["proof"]["tables"] >= len(PLANTED)
    assert done["rows"]["tickets"] == 1
    assert "canary" not in json.dumps(done)
    read = cloud.http("knowledge").get(f"/v1/articles/{made['id']}", headers=desk.headers).json()
    assert read["body"] == "Ask [erased] about it."
    assert desk.front.said(other)[0] == "My neighbour is [erased]."
    entries = desk.call("GET", "/v1/audit-entries?action=privacy.erasure").json()["audit_entries"]
    assert [(entry["subject_kind"], entry["detail"]["clean"]) for entry in entries] == [("job", True)]
    # What was still queued finds nothing, and nobody is bothered.
    cloud.waiting("dead-letters")
    for message in late:
        cloud.invoke("classify", {"Records": [_record(message["body"])]})
    assert cloud.waiting("dead-letters") == []


def _record(body: str) -> Json:
    (record,) = event("sqs_classify")["Records"]
    return {**record, "body": body}


def _put_objects(owner: Connection) -> None:
    keys = {
        INBOUND: "SELECT raw_object FROM messages UNION SELECT object_key FROM inbound_mails",
        ATTACHMENTS: "SELECT object_key FROM attachments UNION SELECT object_key FROM uploads",
    }
    for bucket, query in keys.items():
        for (key,) in owner.execute(query.encode()).fetchall():
            if key:
                aws.client("s3").put_object(Bucket=bucket, Key=str(key), Body=CANARY.encode())


def test_mail_of_an_erased_person_that_comes_again_brings_nobody_back(desk: Desk, owner: Connection) -> None:
    desk.receive(_mail("My card"), "inbound/one")
    desk.receive(_mail("Out of office", Auto_Submitted="auto-replied"), "inbound/two")
    desk.cloud.drain()
    done = desk.run("erasures", email=EMAIL)
    assert (done["rows"]["users"], done["rows"]["inbound_mails"], done["files"]) == (1, 2, 3)

    desk.receive(_mail("My card"), "inbound/again")
    desk.receive(_mail("Out of office", Auto_Submitted="auto-replied"), "inbound/held-again")
    desk.receive(_mail("Delayed on the way", minutes=-60), "inbound/late")
    assert _canaries(owner) == {}
    assert _objects() == {}

    desk.receive(_mail("I am back", minutes=5), "inbound/new")
    assert [ticket["subject"] for ticket in desk.front.ok("GET", "/v1/tickets")["tickets"]] == ["I am back"]


def test_an_anonymous_visitor_is_erased_by_the_chat(desk: Desk, owner: Connection) -> None:
    chat = desk.cloud.http("chat")
    session = chat.post("/chat", json={"message": f"I want a human. {CANARY}"}).json()["session_id"]
    other = chat.post("/chat", json={"message": "Hello"}).json()["session_id"]
    desk.cloud.drain()
    done = desk.run("erasures", session_id=session)
    assert (done["rows"]["tickets"], done["rows"]["sessions"]) == (1, 1)
    assert _canaries(owner) == {}
    assert chat.get(f"/v1/sessions/{other}/messages").status_code == 200


def test_a_chat_is_of_the_address_that_its_visitor_gave(desk: Desk, owner: Connection) -> None:
    site = Site.of(desk.cloud)
    visitor = site.visitor(name=f"Ann {CANARY}", email=EMAIL.title())
    visitor.say(f"I want a human. {CANARY}", key="from-the-canary")
    other = site.visitor(email="bob@customer.example")
    desk.cloud.drain()
    assert CANARY.encode() in desk.export(email=EMAIL)["data/sessions.json"]

    done = desk.run("erasures", email=EMAIL)

    assert (done["rows"]["sessions"], done["rows"]["tickets"], done["proof"]["found"]) == (1, 1, {})
    assert _canaries(owner) == {}
    assert visitor.poll().status_code == 401
    assert other.poll().status_code == 200


def test_an_export_holds_everything_about_a_person(desk: Desk) -> None:
    desk.receive(_mail("My card"), "inbound/one")
    (hers,) = desk.front.ok("GET", "/v1/tickets")["tickets"]
    bobs = desk.front.open(requester_email="bob@customer.example", subject="Not hers")
    with desk.cloud.tools.store.begin(desk.cloud.workspace_id) as tx:
        for ticket, comment in ((hers, "Quick."), (bobs, "Not hers.")):
            asked = Rating(id=new_id(), ticket_id=UUID(ticket["id"]), requester_id=None, asked_at=utcnow())
            tx.satisfaction.save(replace(asked, score="good", comment=comment))
    contents = desk.export(email=EMAIL.upper())
    data = {name: json.loads(text) for name, text in contents.items() if name.startswith("data/")}
    assert data["data/person.json"][0]["email"] == EMAIL
    assert [ticket["subject"] for ticket in data["data/tickets.json"]] == ["My card"]
    assert CANARY in data["data/messages.json"][0]["body"]
    assert [rating["comment"] for rating in data["data/satisfaction_ratings.json"]] == ["Quick."]
    files = {name: text for name, text in contents.items() if name.startswith("files/")}
    assert sorted(b"Message-ID" in text for text in files.values()) == [False, True]
    assert CANARY.encode() in files.values()
    assert b"Not hers" not in b"".join(contents.values())
    assert "password_hash" not in str(data)


def test_whom_a_request_is_about_must_be_clear(desk: Desk) -> None:
    agent = str(desk.front.user.id)
    refused = {
        "one of user_id, email and session_id": {},
        "give one of": {"user_id": agent, "email": EMAIL},
        "They work here": {"user_id": agent},
    }
    for words, body in refused.items():
        answer = desk.call("POST", "/v1/privacy/erasures", body)
        assert (answer.status_code, words in answer.json()["detail"]) == (422, True), answer.text
    assert desk.call("POST", "/v1/privacy/exports", {"email": "nobody@customer.example"}).status_code == 404


def test_what_is_too_old_goes_with_the_schedule_and_is_counted_before(desk: Desk, owner: Connection) -> None:
    desk.receive(_mail("My card"), "inbound/one")
    for subject in ("Old", "Fresh"):
        desk.front.open(subject=subject, body="Something else.")
    desk.cloud.drain()
    for subject in ("My card", "Old", "Fresh"):
        (ticket,) = desk.front.ok("GET", "/v1/tickets", q=f'"{subject}"')["tickets"]
        desk.front.change(ticket, status="solved")
    desk.cloud.http("chat").post("/chat", json={"message": "hello"})
    desk.cloud.drain()
    owner.execute("UPDATE tickets SET updated_at = now() - interval '40 days' WHERE subject <> 'Fresh'")
    owner.execute("UPDATE sessions SET last_active_at = now() - interval '40 days'")
    rules = {"rules": [{"what": "tickets", "status": "solved", "days": 30}, {"what": "chats", "days": 30}]}
    tried = desk.call("POST", "/v1/privacy/retention/dry-run", rules).json()["rules"]
    assert [rule["count"] for rule in tried] == [2, 1]
    for wrong in ({"what": "tickets", "days": 30}, {"what": "chats", "status": "new", "days": 30}):
        assert desk.call("PUT", "/v1/privacy/retention", {"rules": [wrong]}).status_code == 422
    assert desk.call("PUT", "/v1/privacy/retention", rules).status_code == 200
    assert len(desk.call("GET", "/v1/privacy/retention").json()["rules"]) == 2

    for _ in range(2):
        desk.cloud.invoke("maintenance", event("schedule_maintenance"))
        desk.cloud.drain()

    left = {ticket["subject"] for ticket in desk.front.ok("GET", "/v1/tickets")["tickets"]}
    assert left == {"Fresh"}
    assert owner.execute("SELECT count(*) FROM inbound_mails").fetchone() == (0,)
    assert owner.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    entries = desk.call("GET", "/v1/audit-entries?action=privacy.retention").json()["audit_entries"]
    assert sorted((entry["detail"]["what"], entry["detail"]["count"]) for entry in entries) == [
        ("chats", 1), ("tickets", 2),
    ]  # fmt: skip
