"""A customer who writes mail."""

from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.stack import ROOT, DeployedStack, eventually

pytestmark = pytest.mark.stack

MAILS = ROOT / "events" / "emails"


def mail(subject: str, text: str, sender: str, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "support@pebblebank.example"
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain="customer.example")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def test_a_mail_is_answered_in_its_thread(stack: DeployedStack) -> None:
    sender, subject = f"ada-{uuid4().hex}@customer.example", f"PIN blocked {uuid4().hex[:6]}"
    raw = mail(
        subject, "Hi,\n\nI entered the wrong PIN three times and now it is blocked.\nHow do I unblock it?", sender
    )
    stack.receive(raw)

    answer = eventually(lambda: stack.mails_to(sender))[0]

    sent_id = next(line for line in raw.decode().splitlines() if line.startswith("Message-ID:")).split(" ")[1]
    assert answer["In-Reply-To"] == sent_id
    assert sent_id in answer["References"]
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["Subject"] == f"Re: {subject}"
    assert "Unblock" in answer.get_content()
    ticket = eventually(lambda: stack.ticket_of(subject))
    assert (ticket["category"], ticket["status"], ticket["channel"]) == ("pin_blocked", "pending", "email")
    assert ticket["priority"] in {"normal", "high"}

    follow_up = mail(f"Re: {subject}", "That did not work.", sender, In_Reply_To=answer["Message-ID"])
    stack.receive(follow_up)
    escalation = eventually(lambda: stack.rows("SELECT reason FROM escalations WHERE ticket_id = %s", ticket["id"]))
    assert escalation
    bodies = [m["body"] for m in stack.agent.get(f"/v1/tickets/{ticket['id']}/messages").json()["messages"]]
    assert any("That did not work." in body for body in bodies)
    assert len([m for m in stack.mails_to(sender) if m["Auto-Submitted"]]) == 1


def test_a_mail_that_no_article_answers_goes_to_a_human(stack: DeployedStack) -> None:
    sender, subject = f"bob-{uuid4().hex}@customer.example", f"Sponsoring {uuid4().hex[:6]}"
    stack.receive(mail(subject, "Would you sponsor the jerseys of our village football club this year?", sender))

    ticket = eventually(lambda: stack.ticket_of(subject))
    eventually(lambda: stack.rows("SELECT 1 FROM escalations WHERE ticket_id = %s", ticket["id"]))

    acknowledgement = eventually(lambda: stack.mails_to(sender))
    assert len(acknowledgement) == 1
    assert f"#{ticket['number']}" in acknowledgement[0].get_content()


def test_an_out_of_office_and_a_bounce_get_no_answer_and_are_kept(stack: DeployedStack) -> None:
    for name in ("10-out-of-office.eml", "11-bounce-dsn.eml"):
        key = stack.receive((MAILS / name).read_bytes())
        held = eventually(lambda key=key: stack.rows("SELECT * FROM inbound_mails WHERE object_key = %s", key))[0]  # type: ignore[misc]
        assert held["outcome"] == "suspended", name
        assert held["ticket_id"] is None
        assert not stack.mails_to(held["sender"])
    listed = stack.agent.get("/v1/quarantine").json()["mails"]
    assert {"suspended"} == {m["outcome"] for m in listed if m["reason"] and m["reason"].startswith(("auto", "bounce"))}


def test_a_mail_delivered_twice_is_one_ticket_and_one_answer(stack: DeployedStack) -> None:
    sender, subject = f"eve-{uuid4().hex}@customer.example", f"Apple Pay {uuid4().hex[:6]}"
    raw = mail(subject, "How can I add my card to Apple Pay on my phone?", sender)
    first = stack.receive(raw)
    eventually(lambda: stack.mails_to(sender))
    again = stack.receive(raw)
    other = stack.receive(raw, name=f"copy-{uuid4().hex}")
    last = stack.receive(mail("Last in line", "Hello?", f"last-{uuid4().hex}@customer.example"))
    eventually(lambda: stack.rows("SELECT 1 FROM inbound_mails WHERE object_key = %s", last))

    assert first == again != other
    assert len(stack.rows("SELECT 1 FROM tickets WHERE subject = %s", subject)) == 1
    assert len(stack.mails_to(sender)) == 1


def test_a_broken_mail_is_quarantined(stack: DeployedStack) -> None:
    key = stack.receive(b"\x00\x01\x02\xff" * 50)

    held = eventually(lambda: stack.rows("SELECT * FROM inbound_mails WHERE object_key = %s", key))[0]

    assert held["outcome"] == "quarantined"
    assert held["reason"]


def test_attachments_are_kept_in_the_bucket(stack: DeployedStack) -> None:
    path = next(Path(MAILS).glob("07-*.eml"))
    key = stack.receive(path.read_bytes())

    row = eventually(lambda: stack.rows("SELECT * FROM inbound_mails WHERE object_key = %s", key))[0]

    files = stack.rows("SELECT * FROM attachments WHERE message_id = %s", row["message_id"])
    assert files
    for file in files:
        head = stack.client("s3").head_object(Bucket=stack.status["attachment_bucket"], Key=file["object_key"])
        assert head["ContentLength"] == file["size"]
