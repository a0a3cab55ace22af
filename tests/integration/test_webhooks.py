"""Events leave to receivers that are well, and to some that are not."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_string
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from supportmax.adapters import webhook_post
from supportmax.domain.clock import utcnow
from supportmax.domain.notifications import Preference
from tests.cloud import Cloud, event
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.tickets import Front

Connection = psycopg.Connection[tuple[object, ...]]
Json = dict[str, Any]
SAMPLE = Path(__file__).parents[2] / "infra" / "sample" / "webhook_receiver.py"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver.running() as running:
        yield running


class Hooks:
    """An administrator with a webhook to the receiver, and an agent at work."""

    def __init__(self, cloud: Cloud, url: str, **also: Any) -> None:
        self.cloud, self.http = cloud, cloud.http("admin")
        self.admin, self.headers = cloud.person("admin")
        self.front = Front.of(cloud)
        made = self.call("POST", "/v1/webhooks", {"url": url} | also, 201)
        self.secret, self.id = made["secret"], made["webhook"]["id"]

    def call(self, method: str, path: str, body: Json | None = None, status: int = 200) -> Any:
        answer = self.http.request(method, path, json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def webhook(self) -> Json:
        found: Json = self.call("GET", f"/v1/webhooks/{self.id}")
        return found

    def deliveries(self) -> list[Json]:
        """Newest first, with their attempts."""
        listed = self.call("GET", f"/v1/webhooks/{self.id}/deliveries")["deliveries"]
        return [self.call("GET", f"/v1/webhooks/{self.id}/deliveries/{each['id']}") for each in listed]

    def send(self) -> None:
        """What waits in the queue is sent, or tried."""
        self.cloud.deliver("webhook-send")

    def ping(self) -> Json:
        self.call("POST", f"/v1/webhooks/{self.id}/ping", status=202)
        self.send()
        return self.deliveries()[0]

    def open_and_send(self) -> Json:
        """A ticket; what its delivery looks like after one attempt."""
        self.front.open()
        self.send()
        return self.deliveries()[0]


@pytest.fixture
def near(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Addresses of this machine are allowed, by the setting for it."""
    monkeypatch.setenv("SUPPORTMAX_ALLOW_PRIVATE_ADDRESSES", "true")
    cloud.forget()
    return cloud


def _later(cloud: Cloud, owner: Connection, delay: timedelta) -> None:
    """So much time passes for everything that waits, and the schedule ticks."""
    owner.execute(
        "UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at - %s, claimed_at = claimed_at - %s",
        [delay, delay],
    )
    owner.execute("UPDATE webhook_endpoints SET paused_until = paused_until - %s", [delay])
    cloud.invoke("maintenance", event("schedule_maintenance"))


def test_what_happens_to_a_ticket_is_told_signed(near: Cloud, receiver: WebhookReceiver) -> None:
    hooks = Hooks(near, receiver.url, description="shop")
    near.drain()
    ticket = hooks.front.open(subject="My card")
    hooks.front.change(ticket, priority="high")
    hooks.front.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": "A note.", "visibility": "internal"})
    hooks.front.change(ticket, status="solved")
    hooks.front.ok("DELETE", f"/v1/tickets/{ticket['id']}")
    hooks.front.ok("POST", f"/v1/tickets/{ticket['id']}/restore")
    hooks.send()

    told = {(each["type"], each["data"].get("changed", [None])[0]): each for each in receiver.events}
    assert sorted(each["type"] for each in receiver.events) == [
        "message.created", "message.created", "ticket.created", "ticket.deleted", "ticket.restored",
        "ticket.solved", "ticket.updated", "ticket.updated",
    ]  # fmt: skip
    assert told["ticket.created", None]["data"]["ticket"]["subject"] == "My card"
    assert told["ticket.updated", "priority"]["data"]["ticket"]["priority"] == "high"
    assert {each["version"] for each in receiver.events} == {1}
    notes = [each["data"]["message"] for each in receiver.events if each["type"] == "message.created"]
    assert {(note["visibility"], note["body"]) for note in notes} == {
        ("public", "The machine kept it."), ("internal", "A note."),
    }  # fmt: skip
    for headers, body in receiver.received:
        Webhook(hooks.secret).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(hooks.secret).verify(body.replace(b"ticket", b"tocket"), headers)
    (attempt,) = hooks.deliveries()[0]["attempt_log"]
    assert (attempt["status"], attempt["problem"], hooks.deliveries()[0]["state"]) == (204, None, "delivered")


def test_only_the_wanted_events_are_sent_and_a_chat_without_a_ticket_tells_nothing(
    near: Cloud, receiver: WebhookReceiver
) -> None:
    hooks = Hooks(near, receiver.url, event_types=["ticket.solved"])
    near.http("chat").post("/chat", json={"message": "hello"})
    ticket = hooks.front.open()
    hooks.front.change(ticket, status="solved")
    hooks.call("PATCH", f"/v1/webhooks/{hooks.id}", {"enabled": False})
    hooks.front.change(ticket, status="open")
    hooks.front.change(ticket, status="solved")
    hooks.call("PATCH", f"/v1/webhooks/{hooks.id}", {"enabled": True})
    hooks.send()
    assert [each["type"] for each in receiver.events] == ["ticket.solved"]


def test_secrets_overlap_when_they_are_rotated(near: Cloud, receiver: WebhookReceiver, owner: Connection) -> None:
    hooks = Hooks(near, receiver.url)
    fresh = hooks.call("POST", f"/v1/webhooks/{hooks.id}/rotate-secret")
    assert fresh["secret"] != hooks.secret
    hooks.ping()
    (headers, body), *_ = receiver.received
    for secret in (hooks.secret, fresh["secret"]):
        assert Webhook(secret).verify(body, headers)["type"] == "ping"
    owner.execute("UPDATE webhook_endpoints SET previous_secret_until = now()")
    hooks.ping()
    headers, body = receiver.received[-1]
    assert Webhook(fresh["secret"]).verify(body, headers)["data"] == {"webhook_id": hooks.id}
    with pytest.raises(WebhookVerificationError):
        Webhook(hooks.secret).verify(body, headers)
    assert "whsec_" not in str(hooks.call("GET", "/v1/audit-entries"))


def test_a_failing_receiver_is_tried_again_later_and_later(
    near: Cloud, receiver: WebhookReceiver, owner: Connection
) -> None:
    hooks = Hooks(near, receiver.url, event_types=["ticket.created"])
    receiver.status, receiver.body = 500, b"\x00broken" * 1_000
    first = hooks.open_and_send()
    assert (first["state"], first["attempts"]) == ("waiting", 1)
    assert first["attempt_log"][0]["problem"] == "The receiver answered 500."
    assert len(first["attempt_log"][0]["response"]) == 1_000
    assert hooks.webhook()["failing_since"]
    # Neither the queue's second delivery of the message nor a tick of the schedule comes too early.
    _later(near, owner, timedelta(0))
    hooks.send()
    assert hooks.deliveries()[0]["attempts"] == 1
    for minutes in (1, 5, 30, 120, 360, 720, 1_440):
        _later(near, owner, timedelta(minutes=minutes, seconds=-30))
        hooks.send()
        before = hooks.deliveries()[0]["attempts"]
        _later(near, owner, timedelta(seconds=31))
        hooks.send()
        assert hooks.deliveries()[0]["attempts"] == before + 1
    last = hooks.deliveries()[0]
    assert (last["state"], last["attempts"], len(last["attempt_log"])) == ("failed", 8, 8)

    receiver.status, receiver.body = 200, b"ok"
    again = hooks.call("POST", f"/v1/webhooks/{hooks.id}/deliveries/{last['id']}/replay", status=202)
    hooks.send()
    assert again["event_id"] == last["event_id"]
    assert {headers["webhook-id"] for headers, _ in receiver.received} == {last["event_id"]}
    assert len({body for _, body in receiver.received}) == 1
    assert [each["state"] for each in hooks.deliveries()] == ["delivered", "failed"]
    assert hooks.webhook()["failing_since"] is None


def test_a_receiver_that_asks_for_a_pause_gets_one_within_bounds(
    near: Cloud, receiver: WebhookReceiver, owner: Connection
) -> None:
    hooks = Hooks(near, receiver.url, event_types=["ticket.created"])
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    paused = hooks.open_and_send()
    hooks.open_and_send()  # nor is anything else sent there
    assert len(receiver.received) == 1
    assert _minutes(paused["next_attempt_at"]) == pytest.approx(10, abs=1)
    receiver.headers = {"Retry-After": "9999999"}
    _later(near, owner, timedelta(minutes=11))
    hooks.send()
    assert len(receiver.received) == 2
    assert max(_minutes(each["next_attempt_at"]) for each in hooks.deliveries()) == pytest.approx(60, abs=1)


def _minutes(due: str) -> float:
    return (datetime.fromisoformat(due) - utcnow()).total_seconds() / 60


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_a_receiver_that_never_finishes_is_left_alone(
    kind: str, near: Cloud, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_post, "SECONDS", 0.3)
    setattr(receiver, kind, True)
    hooks = Hooks(near, receiver.url, event_types=["ticket.created"])
    tried = hooks.open_and_send()
    (attempt,) = tried["attempt_log"]
    assert (tried["state"], attempt["status"]) == ("waiting", None)
    assert "127.0.0.1 did not answer" in attempt["problem"]
    hooks.open_and_send()  # a receiver without an answer is not asked for every event
    assert len(receiver.received) == 1


def test_a_redirect_is_not_followed(near: Cloud, receiver: WebhookReceiver) -> None:
    """Neither into our network, which nobody would see, nor anywhere else."""
    receiver.status, receiver.headers = 302, {"Location": f"{receiver.url}/private"}
    tried = Hooks(near, receiver.url, event_types=["ticket.created"]).open_and_send()
    assert (tried["state"], tried["attempt_log"][0]["status"]) == ("waiting", 302)
    assert "redirects are not followed" in tried["attempt_log"][0]["problem"]
    assert len(receiver.received) == 1


def test_private_addresses_are_called_only_where_a_setting_says_so(
    cloud: Cloud, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = Hooks(cloud, "https://hooks.example.com", event_types=["ticket.created"])
    for url in ("http://hooks.example.com", "https://127.0.0.1/x", "https://[::1]/", "https://169.254.169.254/latest"):
        refused = hooks.call("POST", "/v1/webhooks", {"url": url}, 422)
        assert refused["detail"].startswith("url: "), refused
    # A name that leads into our own network is found out when it is called.
    found = [(2, 1, 6, "", ("10.0.0.8", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    tried = hooks.open_and_send()
    assert tried["attempt_log"][0]["problem"] == "hooks.example.com is not a public address"
    assert tried["state"] == "waiting"


def test_gone_switches_the_webhook_off_at_once_and_administrators_hear_of_it(
    near: Cloud, receiver: WebhookReceiver
) -> None:
    hooks = Hooks(near, receiver.url, event_types=["ticket.created"])
    receiver.status = 410
    quiet, _ = near.person("admin")
    with near.tools.store.begin(near.workspace_id) as tx:
        tx.notification_preferences.save(quiet.id, [Preference("webhook_disabled", in_app=True, mail=False)])
    tried = hooks.open_and_send()
    hooks.open_and_send()
    assert (tried["state"], len(receiver.received)) == ("failed", 1)
    off = hooks.webhook()
    assert (off["enabled"], off["disabled_because"]) == (False, "gone")
    near.drain()
    mails = [mail for mail in near.mail() if "A webhook was switched off" in mail]
    assert any(str(hooks.admin.email) in mail for mail in mails)
    assert not any(str(quiet.email) in mail for mail in mails)
    (entry,) = hooks.call("GET", "/v1/audit-entries?action=webhook.disabled")["audit_entries"]
    assert (entry["actor"], entry["action"], entry["detail"]) == ("system", "webhook.disabled", {"because": "gone"})
    hooks.call("POST", f"/v1/webhooks/{hooks.id}/deliveries/{tried['id']}/replay", status=409)
    receiver.status = 200
    on = hooks.call("PATCH", f"/v1/webhooks/{hooks.id}", {"enabled": True})
    assert (on["enabled"], on["disabled_because"], on["failing_since"]) == (True, None, None)


def test_days_of_failure_switch_it_off_but_not_one_bad_hour(
    near: Cloud, receiver: WebhookReceiver, owner: Connection
) -> None:
    hooks = Hooks(near, receiver.url, event_types=["ticket.created"])
    receiver.status = 503
    hooks.open_and_send()
    owner.execute("UPDATE webhook_endpoints SET failing_since = now() - interval '119 hours'")
    hooks.open_and_send()
    assert hooks.webhook()["enabled"]
    owner.execute("UPDATE webhook_endpoints SET failing_since = now() - interval '121 hours'")
    hooks.open_and_send()
    assert hooks.webhook()["disabled_because"] == "failing"
    near.drain()
    bodies = [str(message_from_string(mail).get_payload(decode=True)) for mail in near.mail()]
    assert any("has taken nothing for days" in body for body in bodies), bodies


def test_a_sender_that_died_is_known_not_to_be_known(near: Cloud, receiver: WebhookReceiver, owner: Connection) -> None:
    hooks = Hooks(near, receiver.url, event_types=["ticket.created"])
    hooks.front.open()
    near.waiting("webhook-send")
    owner.execute(
        "UPDATE webhook_deliveries SET state = 'sending', attempts = 1, claimed_at = now() - interval '1 hour'"
    )
    near.invoke("maintenance", event("schedule_maintenance"))
    hooks.send()
    (delivery,) = hooks.deliveries()
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 2)
    assert [a["problem"] for a in delivery["attempt_log"]] == ["It is unknown whether this attempt arrived.", None]


def test_the_receiver_that_we_show_refuses_what_is_old_and_what_was_there_before(near: Cloud, tmp_path: Path) -> None:
    hooks = Hooks(near, "https://placeholder.example.com", event_types=["ticket.created"])
    environment = {"WEBHOOK_SECRET": hooks.secret, "PATH": ""}
    command = [sys.executable, str(SAMPLE), "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as shown:
        assert shown.stdout
        url = shown.stdout.readline().split()[-1]
        hooks.call("PATCH", f"/v1/webhooks/{hooks.id}", {"url": url})
        sent = hooks.open_and_send()
        assert sent["state"] == "delivered", sent
        again = hooks.call("POST", f"/v1/webhooks/{hooks.id}/deliveries/{sent['id']}/replay", status=202)
        hooks.send()
        assert hooks.deliveries()[0]["attempt_log"][0]["status"] == 409

        old = utcnow() - timedelta(minutes=6)
        signature = Webhook(hooks.secret).sign("msg_old", old, sent["body"])
        headers = {"webhook-id": "msg_old", "webhook-timestamp": str(int(old.timestamp()))}
        refused = httpx.post(url, content=sent["body"].encode(), headers=headers | {"webhook-signature": signature})
        assert refused.status_code == 401
        shown.terminate()
        lines = shown.stdout.read().splitlines()
    assert lines[0].startswith("event: ticket.created")
    assert lines[1:] == [f"refused: {again['event_id']} was here before", "refused: Message timestamp too old"]
