"""Visitor and agent in one chat: typing, reading, handing it to and fro, ending it, taking it along."""

from email import message_from_string, policy
from typing import Any

import psycopg

from supportmax.domain.clock import utcnow
from tests.cloud import Cloud, event
from tests.tickets import Front
from tests.widget import Site, Visitor

Connection = psycopg.Connection[tuple[object, ...]]
HUMAN = "I want to speak to a human"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _steer(agent: Front, ticket_id: str, **wanted: Any) -> Any:
    return agent.ok("PATCH", f"/v1/tickets/{ticket_id}/chat", wanted)


def _visit(visitor: Visitor, **wanted: Any) -> Any:
    answer = visitor.call("PATCH", visitor.path, json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_chat_goes_to_an_agent_and_back(cloud: Cloud) -> None:
    ann, agent = Site.of(cloud).visitor(), Front.of(cloud)
    ticket = ann.say(HUMAN).json()["ticket_id"]
    _visit(ann, typing=True, read=2)
    seen = agent.ok("GET", f"/v1/tickets/{ticket}/chat")
    assert (seen["visitor"], seen["in_charge"], seen["visitor_typing"], seen["visitor_read"]) == (
        "anonymous", "assistant", True, 2,
    )  # fmt: skip
    assert _visit(ann, read=1)["visitor_read"] == 2

    ann.poll()
    assert _steer(agent, ticket, typing=True, in_charge="agent", read=2)["in_charge"] == "agent"
    state = ann.poll().json()["session"]
    assert (state["in_charge"], state["agent_typing"], state["agent_read"]) == ("agent", True, 2)
    assert ann.seen[-1] == ("system", "Agent has joined the chat.")
    assert ann.say("hello").json()["message_id"] is None  # the machine is silent
    assert agent.ok("GET", f"/v1/tickets/{ticket}/chat")["visitor_typing"] is False  # it was said

    assert _steer(agent, ticket, in_charge="assistant", typing=False)["in_charge"] == "assistant"
    assert ann.say("hello").json()["message_id"]
    agent.ok("POST", f"/v1/tickets/{ticket}/messages", {"body": "One moment."})
    assert ann.state()["in_charge"] == "agent"  # whoever replies takes it
    _steer(agent, ticket, in_charge="assistant")
    assert ann.say(HUMAN).json()["action"] == "hand_over"
    assert ann.state()["in_charge"] == "agent"  # the assistant gave it back
    kinds = [entry["kind"] for entry in agent.events({"id": ticket})]
    assert [kind for kind in kinds if kind.startswith("chat")] == ["chat_taken", "chat_given_back", "chat_given_back"]

    status = agent.read({"id": ticket})["status"]
    assert _visit(ann, end=True)["ended_by"] == "visitor"
    assert agent.read({"id": ticket})["status"] == status
    assert agent.events({"id": ticket})[-1]["kind"] == "chat_ended"
    notes = [note["text"] for note in agent.ok("GET", "/v1/notifications")["notifications"]]
    assert notes[0].startswith("The visitor has ended the chat")
    assert ann.say("still there?").status_code == 409
    assert ann.call("PATCH", ann.path, json={"typing": True}).status_code == 409
    assert ann.poll().json()["session"]["ended_by"] == "visitor"
    assert agent.problem("PATCH", f"/v1/tickets/{ticket}/chat", {"in_charge": "agent"})[0] == 409
    mailed = agent.open()
    assert agent.problem("GET", f"/v1/tickets/{mailed['id']}/chat")[0] == 404


def test_a_transcript_goes_once_to_the_visitors_own_address(cloud: Cloud) -> None:
    site, agent = Site.of(cloud), Front.of(cloud)

    def ask(visitor: Visitor, **body: str) -> Any:
        return visitor.call("POST", f"{visitor.path}/transcript", json=body).status_code

    ann = site.visitor(name="Ann", email="ann@customer.example")
    assert ask(ann) == 409  # nothing was said
    ticket = ann.say(f"{HUMAN}, see https://evil.example now").json()["ticket_id"]
    agent.ok("POST", f"/v1/tickets/{ticket}/messages", {"body": "for us", "visibility": "internal"})
    agent.ok("POST", f"/v1/tickets/{ticket}/messages", {"body": "Hello, this is Ines."})
    assert ask(ann, email="bob@customer.example") == 422
    assert (ask(ann, email="Ann@customer.example"), ask(ann)) == (202, 409)
    cloud.deliver("email-send")
    (raw,) = cloud.mail()
    mail = message_from_string(raw, policy=policy.default)
    text = mail.get_content()
    assert (mail["To"], mail["Auto-Submitted"]) == ("ann@customer.example", "auto-generated")
    assert "You: I want to speak to a human" in text
    assert "Agent: Hello, this is Ines." in text
    assert not {found for found in ("for us", "evil.example") if found in text}
    assert "Hello, this is Ines." in ann.poll().text
    assert "here is what was said" not in ann.poll().text

    nobody = site.visitor()
    nobody.say("hello")
    assert ask(nobody) == 422
    assert ask(nobody, email="no address") == 422
    assert ask(nobody, email="ann@customer.example") == 202
    assert nobody.state()["visitor"] == "claimed"
    tries = []
    for _ in range(2):
        other = site.visitor()
        other.say("hello")
        tries.append(ask(other, email="ann@customer.example"))
    assert tries == [202, 429]  # nobody is flooded


def test_outside_of_the_hours_visitors_hear_when_somebody_is_there(cloud: Cloud) -> None:
    site, agent, admin, headers = Site.of(cloud), Front.of(cloud), cloud.http("admin"), cloud.person("admin")[1]

    def keep(days: list[str], **settings: Any) -> int:
        shifts = [{"weekday": day, "start": "00:00", "end": "24:00"} for day in days]
        hours = {"name": f"Hours of {len(days)}", "time_zone": "Europe/Berlin", "shifts": shifts}
        made = admin.post("/v1/business-hours", json=hours, headers=headers)
        body = {"business_hours_id": made.json()["id"], **settings}
        return admin.put("/v1/chat-settings", json=body, headers=headers).status_code

    closed = DAYS[(utcnow().weekday() + 3) % 7]
    assert keep([closed]) == 200
    ann = site.visitor()
    away = ann.state()["away_message"]
    assert away.startswith(f"Nobody is here right now. We are back on {closed.capitalize()}, ")
    assert away.endswith(" at 00:00 (Europe/Berlin).")
    said = ann.say(HUMAN).json()
    assert said["reply"].endswith(away)
    _steer(agent, said["ticket_id"], in_charge="agent")
    assert ann.say("hello?").json()["reply"].endswith(away)
    assert keep(list(DAYS), away_message="Closed until {opens}") == 200
    assert site.ask().json()["away_message"] is None
    assert "Nobody is here" not in site.visitor().say(HUMAN).json()["reply"]
    unknown = admin.put("/v1/chat-settings", json={"business_hours_id": ann.session_id}, headers=headers)
    assert (unknown.status_code, unknown.json()["detail"][:18]) == (422, "business_hours_id:")
    assert admin.get("/v1/chat-settings", headers=headers).json()["away_message"] == "Closed until {opens}"


def test_a_chat_in_which_nothing_is_said_ends(cloud: Cloud, owner: Connection) -> None:
    site, agent = Site.of(cloud), Front.of(cloud)
    idle, fresh = site.visitor(), site.visitor()
    ticket = idle.say(HUMAN).json()["ticket_id"]
    owner.execute("UPDATE sessions SET last_active_at = now() - interval '8 days' WHERE id = %s", [idle.session_id])
    cloud.invoke("maintenance", event("schedule_maintenance"))
    assert (idle.state()["ended_by"], fresh.state()["ended_by"]) == ("inactivity", None)
    assert agent.events({"id": ticket})[-1]["reason"] == "nothing was said for 168 hours"

    wrong: list[dict[str, Any]] = [{"read": -1}, {"end": False}, {"typing": "yes, a lot"}, {"colour": "red"}]
    for body in wrong:
        refused = fresh.call("PATCH", fresh.path, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, next(iter(body)))
