"""The figures of a desk's life: as plain Python computes them from the log, in any time zone, again and again."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest

from supportmax.domain.clock import utcnow
from supportmax.domain.events import TicketChanged
from supportmax.domain.ids import new_id
from supportmax.domain.model_calls import ModelCall
from supportmax.domain.satisfaction import SatisfactionSettings
from supportmax.services.merge_tickets import merge_tickets
from supportmax.services.record_satisfaction import record_answer
from tests.articles import BASICS, CARD
from tests.cloud import Cloud, batch
from tests.desk import Desk
from tests.letters import answer_to, letter
from tests.replay import Figures, Log, replayed
from tests.server import PostgresServer
from tests.unit.cli.run import run

Connection = psycopg.Connection[tuple[object, ...]]
NAMES = (
    *("volume", "first_response", "resolution_time", "automation", "hand_overs", "cost_per_resolution"),
    *("satisfaction", "satisfaction_responses", "sla_attainment"),
)
PROMISE = {"first_response": 120, "resolution": 2 * 24 * 60, "calendar_hours": True}
ZONES = ("UTC", "America/New_York", "Asia/Kathmandu")
PIN_QUESTION = "How do I change my PIN?"
# Takes what happened into the past. A slot cannot be where another one still is: so it goes by way of the far future.
BACK = """
    UPDATE tickets SET created_at = created_at - %(by)s, solved_at = solved_at - %(by)s;
    UPDATE ticket_clocks SET running_since = running_since - %(by)s, due_at = due_at - %(by)s,
        warn_at = warn_at - %(by)s, breached_at = breached_at - %(by)s, fulfilled_at = fulfilled_at - %(by)s;
    UPDATE satisfaction_settings SET enabled_at = enabled_at - %(by)s;
    UPDATE satisfaction_ratings SET asked_at = asked_at - %(by)s, answered_at = answered_at - %(by)s;
    UPDATE ticket_events SET created_at = created_at - %(by)s, changes = CASE
        WHEN changes #> '{first_response_at,to}' IS NULL THEN changes
        ELSE jsonb_set(changes, '{first_response_at,to}',
            to_jsonb((changes #>> '{first_response_at,to}')::timestamptz - %(by)s)) END;
    UPDATE turns SET created_at = created_at - %(by)s;
    UPDATE escalations SET created_at = created_at - %(by)s;
    UPDATE ratings SET created_at = created_at - %(by)s;
    UPDATE model_calls SET created_at = created_at - %(by)s;
    UPDATE metric_slots SET slot = slot + interval '1000 years';
    UPDATE metric_slots SET slot = slot - interval '1000 years' - %(by)s;
    UPDATE sync_watermarks SET reached = reached - %(by)s WHERE name LIKE 'metrics%%';
"""


@dataclass(frozen=True)
class Life:
    """A desk that lives while the schedule keeps its figures."""

    desk: Desk
    cloud: Cloud
    owner: Connection

    def wait(self, **time: float) -> None:
        """The queues empty, the schedule runs, and time passes (whole quarter hours)."""
        self.desk.drain()
        self.cloud.invoke("maintenance", {})
        self.cloud.deliver("email-send")
        with psycopg.ClientCursor(self.owner) as cursor:
            cursor.execute(BACK, {"by": timedelta(**time)})

    def chat(self, *texts: str) -> UUID:
        session = None
        for text in texts:
            session = self.desk.say(text, session).session_id
        assert session
        return session

    def rate(self, session: UUID, helpful: bool) -> None:
        with self.desk.begin() as tx:
            said = [m for m in tx.messages.of_session(session, None, 100) if m.author_kind == "assistant"]
            tx.ratings.save(session, said[0].id, helpful, None)

    def promise(self) -> None:
        """To keep promises, and to ask customers as soon as a ticket is solved."""
        self.cloud.tools.settings = self.cloud.tools.settings.model_copy(update={"api_url": "https://api.desk.example"})
        headers, admin = self.cloud.person("admin")[1], self.cloud.http("admin")
        policy = {"name": "Everybody", "targets": {"normal": PROMISE, "high": PROMISE}}
        assert admin.post("/v1/sla-policies", json=policy, headers=headers).status_code == 201
        with self.desk.begin() as tx:
            tx.satisfaction_settings.save(SatisfactionSettings(enabled=True, delay_hours=0))

    def answer(self, place: int, score: str) -> None:
        """To the question that was asked as the n-th."""
        with self.desk.begin() as tx:
            record_answer(tx, tx.satisfaction.list(None, None, None, 100)[-1 - place].id, score, "")

    def spend(self, cost: int, purpose: Any = "answer") -> None:
        zero = dict.fromkeys(("input_tokens", "cached_tokens", "output_tokens", "latency_ms"), 0)
        nobody = dict.fromkeys(("turn_id", "session_id", "requester_id"))
        said: dict[str, Any] = {"purpose": purpose, "provider": "p", "model": "m", "outcome": "ok", **zero, **nobody}
        with self.desk.begin() as tx:
            tx.model_calls.save(ModelCall(id=new_id(), cost_microusd=cost, created_at=utcnow(), **said))


def _live(life: Life) -> None:
    """Six weeks in which everything happens that the figures tell apart."""
    desk = life.desk
    desk.teach(BASICS)
    desk.label("card_swallowed", [*CARD.questions, "My card. The machine swallowed my card. What now?"], "high")
    desk.label("spam", ["Win a prize", "You have won a prize", "Claim your prize now"], is_spam=True)
    bea = desk.hire("Bea")
    life.promise()
    life.chat("hello")
    life.chat(PIN_QUESTION)
    life.spend(1_200)
    life.wait(hours=30)
    confirmed = life.chat(PIN_QUESTION, "thank you")
    life.rate(life.chat(PIN_QUESTION), helpful=True)
    life.rate(life.chat(PIN_QUESTION), helpful=False)
    life.chat("What is your CEO's shoe size?")
    life.wait(hours=7.25)
    life.spend(300, "rewrite")
    life.chat(PIN_QUESTION, "I want to talk to a human")
    desk.receive(letter("The machine swallowed my card. What now?"), "inbound/a")
    life.wait(hours=2)
    desk.receive(answer_to(desk.outbox()[0], "That did not help."), "inbound/b")
    desk.receive(letter("The machine swallowed my card. What now?", "Bo <bo@customer.example>"), "inbound/c")
    life.wait(days=3, minutes=15)
    _work(life, bea)
    life.chat("I want to talk to a human")
    life.wait(days=9)
    for ticket in desk.tickets():
        if ticket.status == "pending":
            desk.change(bea, ticket, status="solved")
    life.wait(hours=2)
    life.answer(0, "bad")
    life.wait(days=1)
    life.answer(0, "good")  # they have changed their mind
    life.answer(1, "bad")
    life.wait(days=8)
    life.answer(2, "good")  # after more than a week
    desk.say("I want to talk to a human", confirmed)  # long after it was confirmed
    desk.receive(letter("You have won a prize. Claim your prize now", "Spam <spam@else.example>"), "inbound/d")
    life.wait(days=20)
    life.chat(PIN_QUESTION)
    life.wait(minutes=45)


def _work(life: Life, bea: Any) -> None:
    """An agent replies, solves, reopens, solves again, and merges."""
    desk = life.desk
    waiting = [ticket for ticket in desk.tickets() if ticket.status == "open"]
    for ticket in waiting:
        desk.reply(bea, ticket, "I look into it.")
        life.wait(hours=1.5)
    first = desk.change(bea, waiting[0], status="solved")
    life.wait(minutes=30)
    desk.change(bea, first, status="open")
    life.wait(minutes=30)
    desk.change(bea, first, status="solved")
    desk.receive(letter("What is your CEO's shoe size?", "Cy <cy@customer.example>"), "inbound/e")
    life.wait(minutes=30)
    desk.reply(bea, desk.tickets()[0], "I do not know.")
    desk.receive(letter("Is it a secret, his shoe size?", "Cy <cy@customer.example>"), "inbound/f")
    life.wait(minutes=15)
    answered, survivor = desk.tickets()[1], desk.tickets()[0]
    with desk.begin() as tx:
        merge_tickets(tx, survivor.id, [answered.id], bea)


@pytest.fixture
def life(desk: Desk, cloud: Cloud, owner: Connection) -> Life:
    made = Life(desk, cloud, owner)
    _live(made)
    return made


def _shown(life: Life, headers: dict[str, str], name: str, interval: str, zone: str) -> Figures:
    days = {"hour": 30, "day": 60, "week": 60}[interval]
    query = {"interval": interval, "from": (utcnow() - timedelta(days=days)).isoformat(), "time_zone": zone}
    answer = life.cloud.http("admin").get(f"/v1/metrics/{name}", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    points = answer.json()["points"]
    assert [p["end"] for p in points[:-1]] == [p["start"] for p in points[1:]]
    filled = [point for point in points if point["by"] or point["count"]]
    return {datetime.fromisoformat(p["start"]).isoformat(): (p["value"], p["p90"], p["by"]) for p in filled}


def test_the_figures_are_those_of_the_log(life: Life, postgres: PostgresServer, database_name: str) -> None:
    _, headers = life.cloud.person()
    life.cloud.invoke("maintenance", {})
    log = Log.read(life.owner)
    for name in NAMES:
        for zone in ZONES:
            for interval in ("day", "week"):
                expected = replayed(log, name, interval, ZoneInfo(zone))
                assert _shown(life, headers, name, interval, zone) == expected, (name, zone, interval)
        month_ago = (utcnow() - timedelta(days=30)).isoformat()
        recent = {at: f for at, f in replayed(log, name, "hour", ZoneInfo("UTC")).items() if at > month_ago}
        assert _shown(life, headers, name, "hour", "UTC") == recent, name
    totals = _totals(life)
    life.owner.execute("TRUNCATE metric_slots")
    ran = run("metrics", "rebuild", "--database-url", postgres.runtime_url(database_name))
    assert (ran.code, ran.err) == (0, "")
    assert _totals(life) == totals
    labels: dict[object, set[object]] = {}
    for metric, label, *_ in totals:
        labels.setdefault(metric, set()).add(label)
    assert labels["automation"] == {"confirmed", "assumed", "reversed", "handed_over"}
    assert (labels["satisfaction"], labels["satisfaction_responses"]) == ({"good", "bad"}, {"answered", "unanswered"})
    assert labels["sla"] >= {"first_response_met", "first_response_breached", "resolution_met", "resolution_breached"}
    text = life.cloud.http("admin").get("/metrics?format=prometheus").text.splitlines()
    assert {'supportmax_satisfaction_answers{score="good"} 2', 'supportmax_satisfaction_answers{score="bad"} 1'} <= {
        *text
    }
    assert any(line.startswith('supportmax_sla_met_total{target="resolution"} ') for line in text)


def test_the_overview_sets_today_and_the_week_beside_the_ones_before(
    cloud: Cloud, desk: Desk, owner: Connection
) -> None:
    life = Life(desk, cloud, owner)
    agent = desk.hire("Bea")
    for number in range(4):  # eight days ago one, yesterday one, today two
        desk.receive(
            letter("The machine swallowed my card.", f"{number} <c{number}@customer.example>"), f"inbound/{number}"
        )
        if number == 3:
            desk.drain()
            desk.reply(agent, desk.tickets()[0], "Which machine?")
        life.wait(days={0: 7, 1: 1}.get(number, 0))
    found = cloud.http("admin").get("/v1/metrics", headers=cloud.person()[1]).json()
    volumes = {period: found[period]["figures"]["volume"] for period in ("today", "seven_days")}
    assert volumes["today"] == {"value": 2, "count": 2, "p90": None, "before": 1}
    assert volumes["seven_days"] == {"value": 3, "count": 3, "p90": None, "before": 1}
    assert found["today"]["figures"]["first_response"]["count"] == 1
    assert found["today"]["figures"]["automation"]["before"] is None


def test_what_waits_is_noted_before_it_is_swept_away(cloud: Cloud, owner: Connection) -> None:
    _, headers = cloud.person()
    with cloud.tools.store.begin(cloud.workspace_id) as tx:
        waiting = tx.outbox.add(TicketChanged(ticket_id=new_id()))
        tx.outbox.added.clear()  # the publisher died
    aged = "UPDATE outbox SET claimed_at = now() - interval '90 s', occurred_at = now() - interval '90 s' WHERE id = %s"
    owner.execute(aged, [waiting.id])
    text = cloud.http("admin").get("/metrics", headers={"Accept": "text/plain;version=0.0.4;q=0.3, */*;q=0.1"})
    assert text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert {"supportmax_outbox_waiting 1", 'supportmax_turns_total{action="answer"} 0'} <= set(text.text.splitlines())
    for _ in range(2):
        cloud.invoke("maintenance", {})
    shown = {
        name: cloud.http("admin").get(f"/v1/metrics/{name}?interval=hour", headers=headers).json()["points"][-1]
        for name in ("queue_depth", "queue_age")
    }
    assert (shown["queue_depth"]["value"], shown["queue_depth"]["by"]) == (1, {"crm-sync": 1})
    assert 90 <= shown["queue_age"]["value"] < 300
    for accept in ("*/*", "application/json", "text/html,application/xhtml+xml,*/*;q=0.8"):
        assert cloud.http("admin").get("/metrics", headers={"Accept": accept}).json()["outbox_waiting"] == 0
    assert "# TYPE" in cloud.http("admin").get("/metrics?format=prometheus").text


def test_functions_tell_cloudwatch(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.http("chat").post("/chat", json={"message": "hello"})
    assert "_aws" not in capsys.readouterr().out
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "desk-function")
    cloud.http("chat").post("/chat", json={"message": "hello"})
    cloud.invoke("maintenance", {})
    cloud.invoke("classify", batch("nonsense"))
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    found = {}
    for line in told:
        ((about,),) = [line["_aws"]["CloudWatchMetrics"]]
        (metric,) = about["Metrics"]
        assert (about["Namespace"], line["FunctionName"]) == ("SupportMax", "desk-function")
        assert set(about["Dimensions"][0]) <= set(line)
        found[metric["Name"]] = line[metric["Name"]], metric["Unit"], line.get("Action") or line.get("Kind")
    assert found.pop("TurnLatency")[1:] == ("Milliseconds", None)
    assert found == {
        "Turns": (1, "Count", "small_talk"),
        "QueuedMessages": (0, "Count", None),
        "QueueAge": (0, "Seconds", None),
        "Failures": (1, "Count", "buried"),
    }


def _totals(life: Life) -> list[tuple[object, ...]]:
    return life.owner.execute(
        "SELECT metric, label, slot, count, total, seconds FROM metric_slots ORDER BY 1, 2, 3"
    ).fetchall()


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("volume?interval=year", 422, "interval: "),
        ("volume?time_zone=Europe/Atlantis", 422, "time_zone: there is no 'Europe/Atlantis'"),
        ("volume?from=yesterday", 422, "from: must be a date such as 2026-11-01"),
        ("volume?from=2026-11-02&to=2026-11-01", 422, "from: must not be after to"),
        ("volume?interval=hour&from=2026-01-01&to=2026-03-01", 422, "reaches over 31 days at most"),
        ("shoe_size", 404, "There are volume, first_response,"),
    ],
)
def test_what_cannot_be_shown(path: str, status: int, words: str, cloud: Cloud) -> None:
    answer = cloud.http("admin").get(f"/v1/metrics/{path}", headers=cloud.person()[1])
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert words in answer.json()["detail"]


def test_days_are_those_of_the_workspace(cloud: Cloud) -> None:
    admin = cloud.http("admin")
    headers = cloud.person("admin")[1]
    assert admin.patch("/v1/workspace", json={"time_zone": "Nowhere"}, headers=headers).status_code == 422
    assert admin.patch("/v1/workspace", json={"time_zone": "Asia/Tokyo"}, headers=headers).status_code == 200
    found = admin.get("/v1/metrics/volume?from=2026-11-01&to=2026-11-02", headers=headers).json()
    assert found["time_zone"] == "Asia/Tokyo"
    assert [(p["start"], p["value"], p["by"]) for p in found["points"]] == [
        ("2026-11-01T00:00:00+09:00", 0, {}),
        ("2026-11-02T00:00:00+09:00", 0, {}),
    ]
