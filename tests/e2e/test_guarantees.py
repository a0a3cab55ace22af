"""What must hold when things go wrong: once, not never and not twice; nobody sees what is not theirs."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.events import QUEUES, ArticleChanged, Envelope, HandOverRequested
from supportmax.domain.ids import new_id
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.tokens import issue_token
from tests.e2e.stack import DeployedStack, eventually
from tests.fakes.salesforce_server import SalesforceServer

pytestmark = pytest.mark.stack
# A dead letter keeps no long numbers: they could be somebody's.
LETTERS = str.maketrans("0123456789", "ghijklmnop")


def workspace_of(stack: DeployedStack) -> UUID:
    return UUID(str(stack.rows("SELECT id FROM workspaces WHERE slug = 'default'")[0]["id"]))


def open_ticket(stack: DeployedStack, subject: str) -> dict[str, Any]:
    body = {"subject": subject, "body": "Please look at this.", "requester_email": "carol@customer.example"}
    answer = stack.agent.post("/v1/tickets", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_poison_message_is_buried_and_its_siblings_are_done(stack: DeployedStack) -> None:
    article = {"external_id": f"fresh-{uuid4().hex}", "title": "Fresh", "body": "A fresh article about umbrellas."}
    created = stack.agent.post("/v1/articles", json=article).json()
    good = Envelope.of(workspace_of(stack), ArticleChanged(article_id=UUID(created["id"]))).to_json()
    poison = f'{{"poison": "{uuid4().hex.translate(LETTERS)}"}}'

    stack.enqueue("index", poison, good, "not json at all")

    def buried() -> dict[str, Any] | None:
        return next((m for m in stack.dead_letters("index") if m["Body"] == poison), None)

    letter = eventually(buried)
    assert "not one of our messages" in letter["MessageAttributes"]["reason"]["StringValue"]
    eventually(lambda: stack.agent.get(f"/v1/articles/{created['id']}").json()["indexed"])


def test_the_same_queue_message_twice_has_one_effect(stack: DeployedStack) -> None:
    ticket = open_ticket(stack, f"Twice {uuid4().hex}")
    event = HandOverRequested(ticket_id=UUID(ticket["id"]), reason="delivered twice")
    body = Envelope.of(workspace_of(stack), event).to_json()
    stack.enqueue("escalate", body, body)
    stack.enqueue("escalate", body)
    last = HandOverRequested(ticket_id=UUID(ticket["id"]), reason="the last one")
    stack.enqueue("escalate", Envelope.of(workspace_of(stack), last).to_json())

    def reasons() -> list[str]:
        found = stack.rows("SELECT reason FROM escalations WHERE ticket_id = %s ORDER BY id", ticket["id"])
        return [row["reason"] for row in found]

    eventually(lambda: "the last one" in reasons())
    eventually(lambda: not stack.rows("SELECT 1 FROM outbox WHERE published_at IS NULL"))
    assert reasons().count("delivered twice") == 1


def test_a_function_killed_at_work_is_retried_and_works_once(stack: DeployedStack) -> None:
    queue = stack.status["queues"]["escalate"]
    with stack.visibility_timeout(queue, 5):
        _kill_at_work(stack, queue)


def _kill_at_work(stack: DeployedStack, queue: str) -> None:
    ticket = open_ticket(stack, f"Killed {uuid4().hex}")
    event = HandOverRequested(ticket_id=UUID(ticket["id"]), reason="worked on while killed")

    # The function waits for this lock in the middle of its work; there it dies.
    with psycopg.connect(stack.status["migration_database_url"]) as blocker:
        blocker.execute("SELECT 1 FROM tickets WHERE id = %s FOR UPDATE", [ticket["id"]])
        stack.enqueue("escalate", Envelope.of(workspace_of(stack), event).to_json())
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'supportmax_app'"
        eventually(lambda: stack.rows(waiting))
        assert stack.kill_workers("escalate") >= 1
        blocker.rollback()

    done = "SELECT 1 FROM escalations WHERE ticket_id = %s AND reason = %s"
    eventually(lambda: stack.rows(done, ticket["id"], event.reason))
    eventually(lambda: not _in_flight(stack, queue))
    assert len(stack.rows(done, ticket["id"], event.reason)) == 1


def _in_flight(stack: DeployedStack, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = stack.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def test_workspaces_do_not_see_each_other(stack: DeployedStack) -> None:
    ticket = open_ticket(stack, f"Private {uuid4().hex}")
    session = stack.chat("How do I change my PIN?")["session_id"]
    database = Database(stack.status["database_url"])
    store = PostgresStore(database)
    setup = WorkspaceSetup(f"other-{uuid4().hex[:8]}", "Other", "admin@other.example", "a long password")
    other = prepare_workspace(store, setup, new_id())
    with store.begin(other.id) as tx:
        (admin,) = tx.users.list("admin")
    database.close()
    secret = json.loads((stack.home / "state.json").read_text())["token_secret"]
    with stack.with_token(issue_token(admin, other.id, secret)) as stranger:
        _sees_nothing(stranger, ticket["id"])
    key = {"X-Widget-Key": other.widget_key}
    assert stack.customer.get(f"/v1/sessions/{session}/messages", headers=key).status_code == 404
    asked = stack.customer.post("/chat", headers=key, json={"message": "How do I change my PIN?"}).json()
    assert asked["action"] == "hand_over"
    forged = stack.customer.post("/chat", headers={"X-Widget-Key": "wk_guess"}, json={"message": "Hello"})
    assert forged.status_code == 401


def _sees_nothing(stranger: httpx.Client, ticket_id: str) -> None:
    assert stranger.get("/v1/me").json()["email"] == "admin@other.example"
    assert stranger.get("/v1/tickets").json()["tickets"] == []
    assert stranger.get(f"/v1/tickets/{ticket_id}").status_code == 404
    assert stranger.patch(f"/v1/tickets/{ticket_id}", json={"status": "solved"}).status_code == 404
    assert stranger.get("/v1/articles").json()["articles"] == []


def test_a_handed_over_ticket_is_one_case_in_the_crm(stack: DeployedStack, salesforce: SalesforceServer) -> None:
    ticket = open_ticket(stack, f"Case {uuid4().hex}")
    event = HandOverRequested(ticket_id=UUID(ticket["id"]), reason="for the CRM")
    stack.enqueue("escalate", Envelope.of(workspace_of(stack), event).to_json())

    def cases() -> list[dict[str, Any]]:
        return [case for case in salesforce.org.cases if case["SupportMax_Ticket_Id__c"] == ticket["id"]]

    eventually(cases, 90)
    eventually(
        lambda: stack.rows("SELECT 1 FROM crm_links WHERE ticket_id = %s AND pushed_at IS NOT NULL", ticket["id"])
    )
    assert len(cases()) == 1
    assert cases()[0]["Subject"] == ticket["subject"]
    contact = next(c for c in salesforce.org.contacts if c["Id"] == cases()[0]["ContactId"])
    assert contact["Email"] == "carol@customer.example"
    bodies = [c["CommentBody"] for c in salesforce.org.comments if c["ParentId"] == cases()[0]["Id"]]
    assert len([body for body in bodies if "Please look at this." in body]) == 1


def test_health_and_metrics_tell_the_truth(stack: DeployedStack) -> None:
    health = stack.customer.get("/health")
    assert health.status_code == 200
    checks = health.json()["checks"]
    assert all(check["ok"] for check in checks.values())
    assert set(checks["queues"]["detail"]) == set(QUEUES)

    before = stack.customer.get("/metrics").json()["answered"]
    stack.chat("How do I activate my new card?")
    assert stack.customer.get("/metrics").json()["answered"] == before + 1
