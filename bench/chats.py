"""Visitors who chat at once with the one-machine stack: does all of it work, is it kept, how long does a turn take?

Each begins a chat, says something, reads on by short polling, and goes on. Every fifth message is sent again with its
key, as a widget does that got no answer.
"""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench.corpus import questions
from bench.places import ROOT
from bench.stats import percentile
from infra.local.ports import PREFERRED, unused

PATIENCE = 30.0
SENT_AGAIN = 5
ASKED = 40


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from one message of a visitor to the next, and from one look for news to the next."""

    between_messages: float = 10.0
    between_looks: float = 5.0


@dataclass(frozen=True, slots=True)
class Where:
    """An API, and the widget key of a workspace there."""

    url: str
    widget_key: str


@dataclass(frozen=True, slots=True)
class Waits:
    """How long `n` requests took, in milliseconds."""

    n: int
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, measured: Sequence[float]) -> "Waits":
        """Raises ValueError for no measurements."""
        return cls(len(measured), *(percentile(measured, p) for p in (50, 95, 99)))


@dataclass(frozen=True, slots=True)
class Chats:
    """What came of it: messages with their answers, and looks for news; to `nothing_new` of them the answer was 304."""

    visitors: int
    seconds: float
    turns: Waits
    looks: Waits
    nothing_new: int
    sent_again: int
    errors: list[str]


@dataclass(slots=True)
class _Found:
    """The same while it goes on; times in milliseconds."""

    turns: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    nothing_new: int = 0
    sent_again: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Visitor:
    """Somebody with a widget in the page. `said` is what they know to be kept, `read` what came by polling."""

    number: int
    client: httpx.AsyncClient
    found: _Found
    path: str = ""
    said: list[str] = field(default_factory=list)
    read: list[dict[str, Any]] = field(default_factory=list)
    etag: str = ""

    async def visit(self, widget_key: str, until: float, pace: Pace) -> None:
        begun = await self._call("POST", "/v1/sessions", 201, json={}, headers={"X-Widget-Key": widget_key})
        if begun is None:
            return
        made = begun.json()
        self.path = f"/v1/sessions/{made['session']['id']}/messages"
        self.client.headers["X-Session-Token"] = made["token"]
        asked = [each.text for each in questions(ASKED)]
        for number in itertools.count():
            if time.monotonic() >= until:
                break
            next_message = time.monotonic() + pace.between_messages
            await self._say(number, asked[(self.number + number) % len(asked)])
            async for _ in _ticks(min(next_message, until), pace.between_looks):
                await self._look()
        await self._look()
        await self._check()

    async def _say(self, number: int, text: str) -> None:
        text = f"{text} (visitor {self.number}, message {number})"
        given: dict[str, Any] = {"json": {"message": text}, "headers": {"Idempotency-Key": f"{self.number}-{number}"}}
        begun = time.perf_counter()
        if await self._call("POST", self.path, 201, **given) is None:
            return
        self.found.turns.append((time.perf_counter() - begun) * 1000)
        self.said.append(text)
        if (self.number + number) % SENT_AGAIN == 0:
            self.found.sent_again += 1
            await self._call("POST", self.path, 201, **given)

    async def _look(self) -> None:
        begun = time.perf_counter()
        after = {"after": self.read[-1]["id"]} if self.read else {}
        answer = await self._call("GET", self.path, 200, params=after, headers={"If-None-Match": self.etag})
        if answer is None:
            return
        self.found.looks.append((time.perf_counter() - begun) * 1000)
        self.etag = answer.headers["etag"]
        if answer.status_code == 304:
            self.found.nothing_new += 1
            return
        self.read += answer.json()["messages"]

    async def _check(self) -> None:
        """Everything is there, once and in order, and each message has its answer behind it."""
        answer = await self._call("GET", self.path, 200, params={"limit": 100})
        kept = answer.json()["messages"] if answer else []
        positions = [message["position"] for message in kept]
        by_customer = [message["text"] for message in kept if message["author"] == "customer"]
        authors = [message["author"] for message in kept]
        problems = {
            "messages are not kept once and in order": by_customer != self.said,
            "positions do not rise": positions != sorted(set(positions)),
            "an answer is not behind its message": authors != ["customer", "assistant"] * len(self.said),
            "polling missed something": [m["id"] for m in self.read] != [m["id"] for m in kept],
        }
        self.found.errors += [f"visitor {self.number}: {words}" for words, wrong in problems.items() if wrong]

    async def _call(self, method: str, path: str, wanted: int, **given: Any) -> httpx.Response | None:
        """None if it did not work, which is noted."""
        try:
            answer = await self.client.request(method, path, **given)
        except httpx.HTTPError as error:
            self.found.errors.append(f"{method} {path}: {error!r}")
            return None
        if answer.status_code not in {wanted, 304}:
            self.found.errors.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer


async def _ticks(until: float, every: float) -> AsyncIterator[None]:
    """Now and then, for as long as there is time."""
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(every, left))
        yield


def chat(where: Where, visitors: int, seconds: float, pace: Pace) -> Chats:
    """`visitors` chat for so long; they come within the first moments, as fast as they would talk."""
    return asyncio.run(_chat(where, visitors, seconds, pace))


async def _chat(where: Where, visitors: int, seconds: float, pace: Pace) -> Chats:
    found = _Found()
    until = time.monotonic() + seconds

    async def come(number: int) -> None:
        await asyncio.sleep(pace.between_messages * number / visitors)
        async with httpx.AsyncClient(base_url=where.url, timeout=PATIENCE) as client:
            await _Visitor(number, client, found).visit(where.widget_key, until, pace)

    await asyncio.gather(*(come(number) for number in range(visitors)))
    if not (found.turns and found.looks):
        raise SystemExit(f"nobody could chat: {'; '.join(found.errors[:3])}")
    turns, looks = Waits.of(found.turns), Waits.of(found.looks)
    return Chats(visitors, seconds, turns, looks, found.nothing_new, found.sent_again, found.errors)


@contextmanager
def one_machine_stack() -> Iterator[Where]:
    """A stack of our own in a folder of its own, on free ports; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="supportmax-bench-") as home:
        environment = {**os.environ, "SUPPORTMAX_HOME": home}
        (Path(home) / "state.json").write_text(json.dumps({"ports": unused(*PREFERRED)}), encoding="utf-8")

        def supportmax(*arguments: str) -> str:
            command = [sys.executable, "-m", "infra.cli.main", *arguments]
            return subprocess.run(
                command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
            ).stdout

        try:
            supportmax("dev", "up")
            status = json.loads(supportmax("dev", "status", "--json"))
            yield Where(status["api_url"], status["widget_key"])
        finally:
            supportmax("dev", "down")
