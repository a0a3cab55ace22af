"""Files that go up and down by links, and changes of many tickets at once."""

from email import message_from_string, policy
from typing import Any
from urllib.parse import unquote

import psycopg
import pytest
import requests

from supportmax.adapters import aws
from supportmax.services.maintain import maintain
from tests.cloud import ATTACHMENTS, Cloud, batch
from tests.tickets import Front

Connection = psycopg.Connection[tuple[object, ...]]
PDF = b"%PDF-1.7 a receipt"
FILE = {"name": "../receipt ü.pdf", "content_type": "application/pdf", "size": len(PDF)}


@pytest.fixture
def front(cloud: Cloud) -> Front:
    return Front.of(cloud)


def _uploaded(front: Front, ticket: dict[str, Any], data: bytes = PDF) -> dict[str, Any]:
    made: dict[str, Any] = front.ok("POST", f"/v1/tickets/{ticket['id']}/uploads", FILE)
    sent = requests.post(made["url"], data=made["fields"], files={"file": data}, timeout=5)
    assert sent.status_code < 300, sent.text
    return made


def test_a_file_goes_up_with_a_reply_and_comes_down_by_a_link(front: Front) -> None:
    ticket = front.open()
    upload = _uploaded(front, ticket)
    assert upload["name"] == "receipt ü.pdf"
    path = f"/v1/tickets/{ticket['id']}/messages"
    message = front.ok("POST", path, {"body": "Here it is.", "upload_ids": [upload["id"]]})
    (file,) = message["attachments"]
    assert (file["name"], file["content_type"], file["size"]) == ("receipt ü.pdf", "application/pdf", len(PDF))
    found = front.ok("GET", f"/v1/attachments/{file['id']}")
    got = requests.get(found["url"], timeout=5)
    assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
    assert unquote(got.headers["content-disposition"]) == "attachment; filename*=UTF-8''receipt ü.pdf"
    front.cloud.drain()
    (mail,) = [m for m in front.cloud.mail() if "To: ann@customer.example" in m and "Here it is" in m]
    enclosed = list(message_from_string(mail, policy=policy.default).iter_attachments())
    assert [(part.get_filename(), part.get_content()) for part in enclosed] == [("receipt ü.pdf", PDF)]
    front.ok("DELETE", f"/v1/tickets/{ticket['id']}")
    assert front.problem("GET", f"/v1/attachments/{file['id']}")[0] == 404


def test_the_form_takes_one_file_of_that_size(front: Front) -> None:
    made = front.ok("POST", f"/v1/tickets/{front.open()['id']}/uploads", FILE)
    assert made["fields"]["Content-Type"] == "application/pdf"
    assert made["fields"]["key"].endswith(f"{made['id']}/receipt ü.pdf")
    assert {"policy", "x-amz-signature"} <= set(made["fields"])


def test_an_upload_is_used_once_by_its_own_ticket_when_it_is_there(front: Front) -> None:
    ticket, other = front.open(), front.open()
    waiting = front.ok("POST", f"/v1/tickets/{ticket['id']}/uploads", FILE)
    path = f"/v1/tickets/{ticket['id']}/messages"
    assert "has not been uploaded yet" in front.problem("POST", path, {"body": "x", "upload_ids": [waiting["id"]]})[1]
    done = _uploaded(front, ticket)
    elsewhere = f"/v1/tickets/{other['id']}/messages"
    assert front.problem("POST", elsewhere, {"body": "x", "upload_ids": [done["id"]]})[0] == 422
    front.ok("POST", path, {"body": "x", "visibility": "internal", "upload_ids": [done["id"]]})
    assert "used before" in front.problem("POST", path, {"body": "x", "upload_ids": [done["id"]]})[1]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "evil.EXE"}, "name"),
        ({"size": 0}, "size"),
        ({"size": 26_214_401}, "size"),
        ({"content_type": "pdf"}, "content_type"),
        ({"content_type": "application/pdf\r\nx: y"}, "content_type"),
    ],
)
def test_a_file_that_is_not_taken(changed: dict[str, Any], field: str, front: Front) -> None:
    status, detail = front.problem("POST", f"/v1/tickets/{front.open()['id']}/uploads", FILE | changed)
    assert (status, detail.split(":")[0]) == (422, field)


def test_an_upload_that_nobody_takes_is_forgotten(front: Front, owner: Connection) -> None:
    ticket = front.open()
    upload = _uploaded(front, ticket)
    owner.execute("UPDATE uploads SET created_at = created_at - interval '25 hours'")
    maintain(front.cloud.tools.store, front.cloud.tools.queues)
    body = {"body": "x", "upload_ids": [upload["id"]]}
    assert front.problem("POST", f"/v1/tickets/{ticket['id']}/messages", body)[0] == 422


def test_a_mail_whose_file_is_gone_does_not_leave_without_it(front: Front) -> None:
    ticket = front.open()
    upload = _uploaded(front, ticket)
    front.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": "Here it is.", "upload_ids": [upload["id"]]})
    aws.client("s3").delete_object(Bucket=ATTACHMENTS, Key=upload["fields"]["key"])
    front.cloud.drain()
    assert not any("To: ann@customer.example" in mail and "Here it is" in mail for mail in front.cloud.mail())
    assert any("is not there any more" in n["text"] for n in front.ok("GET", "/v1/notifications")["notifications"])


# Many at once


def test_many_tickets_are_changed_and_each_problem_is_named(front: Front) -> None:
    tickets = [front.open() for _ in range(30)]
    closed, gone = tickets[3], tickets[7]
    front.change(closed, status="closed")
    front.ok("DELETE", f"/v1/tickets/{gone['id']}")
    body = {
        "ticket_ids": [t["id"] for t in tickets] + [tickets[0]["id"]],
        "changes": {"status": "pending", "add_tags": ["outage"], "assignee_id": str(front.user.id), "reason": "outage"},
    }
    response = front.call("POST", "/v1/tickets/bulk-update", json=body)
    assert (response.status_code, response.json()["status"], response.json()["total"]) == (202, "waiting", 30)
    path = response.headers["location"]
    assert front.ok("GET", path)["processed"] == 0
    front.cloud.drain()
    job = front.ok("GET", path)
    assert (job["status"], job["processed"], job["failed"]) == ("done", 30, 2)
    assert job["finished_at"] is not None
    problems = {p["ticket_id"]: p["problem"] for p in job["problems"]}
    assert problems[closed["id"]].startswith("status: a ticket that is closed cannot become pending")
    assert problems[gone["id"]] == "No such ticket."
    assert len(front.find("status:pending tag:outage assignee:me")) == 28
    last = front.events(tickets[0])[-1]
    assert (last["actor_id"], last["reason"]) == (str(front.user.id), "outage")


def test_a_job_that_is_delivered_twice_is_done_once(front: Front) -> None:
    ticket = front.open()
    front.cloud.drain()
    body = {"ticket_ids": [ticket["id"]], "changes": {"priority": "high", "snoozed_until": "2100-01-01T00:00:00Z"}}
    front.ok("POST", "/v1/tickets/bulk-update", body)
    (message,) = front.cloud.waiting("index")
    for _ in range(2):
        front.cloud.invoke("index", batch(message["body"]))
    changed = front.read(ticket)
    assert (changed["priority"], changed["snoozed_until"]) == ("high", "2100-01-01T00:00:00Z")
    assert [e["kind"] for e in front.events(ticket)].count("snoozed") == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ticket_ids": [], "changes": {"priority": "high"}}, "ticket_ids"),
        ({"ticket_ids": ["x"], "changes": {"priority": "high"}}, "ticket_ids.0"),
        ({"ticket_ids": ["01890000-0000-7000-8000-000000000000"], "changes": {}}, "changes"),
        ({"ticket_ids": ["01890000-0000-7000-8000-000000000000"], "changes": {"reason": "x"}}, "changes"),
        ({"ticket_ids": ["01890000-0000-7000-8000-000000000000"], "changes": {"colour": "x"}}, "changes.colour"),
    ],
)
def test_a_bulk_update_that_asks_for_nothing(body: dict[str, Any], field: str, front: Front) -> None:
    status, detail = front.problem("POST", "/v1/tickets/bulk-update", body)
    assert (status, detail.split(":")[0]) == (422, field)


def test_another_workspaces_job_is_not_there(front: Front) -> None:
    assert front.problem("GET", "/v1/jobs/01890000-0000-7000-8000-000000000000")[0] == 404
    assert front.problem("GET", "/v1/jobs/nonsense")[0] == 404
