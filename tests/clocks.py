"""A desk whose promises are kept by a clock that a test moves: into the past, for the database's clock is not moved."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from supportmax.adapters import aws
from supportmax.services import keep_clocks, watch_clocks
from tests.cloud import INBOUND, event
from tests.letters import ANN_ADDRESS, letter
from tests.tickets import Front

BERLIN = "Europe/Berlin"
OFFICE: dict[str, Any] = {
    "name": "Office",
    "time_zone": BERLIN,
    "shifts": [
        {"weekday": day, "start": "09:00", "end": "17:00"}
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    ],
}


@dataclass
class Promises:
    """The tickets function called by an agent, the admin function by an administrator, and the schedule."""

    front: Front
    admin: Front
    set: Callable[[datetime], None]

    @classmethod
    def of(cls, front: Front, monkeypatch: pytest.MonkeyPatch) -> "Promises":
        def set_clock(moment: datetime) -> None:
            for module in (keep_clocks, watch_clocks):
                monkeypatch.setattr(module, "utcnow", lambda: moment)

        return cls(front, Front.of(front.cloud, "admin"), set_clock)

    def at(self, text: str, zone: str = BERLIN) -> None:
        """From now on it is this wall time."""
        self.set(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the admin function answers."""
        return self.admin.cloud.http("admin").request(method, path, json=body, headers=self.admin.headers)

    def make(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.ask("POST", path, body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def policy(self, **fields: Any) -> dict[str, Any]:
        """For every ticket of priority normal, unless the fields say otherwise."""
        given = {"name": "Gold", "targets": {"normal": {"first_response": 60}}}
        return self.make("/v1/sla-policies", given | fields)

    def tick(self) -> dict[str, int]:
        """The schedule's minute."""
        done = self.front.cloud.invoke("maintenance", event("schedule_maintenance"))
        return {name: done[name] for name in ("warned", "breached")}

    def customer_writes(self, ticket: dict[str, Any]) -> None:
        """By mail, to the ticket's reply address."""
        cloud = self.front.cloud
        to = cloud.tools.reply_addresses.for_ticket(UUID(ticket["id"]), ANN_ADDRESS)
        key = f"inbound/{uuid4()}"
        aws.client("s3").put_object(Bucket=INBOUND, Key=key, Body=letter("And now?", to=to))
        cloud.invoke("email_ingest", {"Records": [{"s3": {"object": {"key": key}}}]})

    def reply(self, ticket: dict[str, Any]) -> None:
        self.front.ok("POST", f"/v1/tickets/{ticket['id']}/messages", {"body": "We are looking into it."})

    def clock(self, ticket: dict[str, Any], metric: str) -> dict[str, Any]:
        found: dict[str, Any] = next(c for c in self.front.read(ticket)["sla"] if c["metric"] == metric)
        return found

    def due(self, ticket: dict[str, Any], metric: str) -> str | None:
        """In Berlin's wall time, to the minute."""
        due = self.clock(ticket, metric)["due_at"]
        return due and f"{datetime.fromisoformat(due).astimezone(ZoneInfo(BERLIN)):%Y-%m-%dT%H:%M}"
