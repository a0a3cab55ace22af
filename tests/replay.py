"""The figures of a desk, computed from its log by plain Python and by nothing that the desk itself computes with."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]
Figures = dict[str, tuple[float | None, int | None, dict[str, int]]]
"""By the local beginning of the bucket: value, p90, parts. Empty buckets are left out."""
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Log:
    """What happened, oldest first."""

    events: list[Row]
    turns: list[Row]
    escalations: list[Row]
    ratings: list[Row]
    calls: list[Row]
    tickets: dict[Any, Row]

    @classmethod
    def read(cls, owner: "psycopg.Connection[Any]") -> "Log":
        def rows(table: str, columns: str) -> list[Row]:
            with owner.cursor(row_factory=dict_row) as cursor:
                statement = f"SELECT {columns}, created_at AS at FROM {table} ORDER BY created_at, id"
                return cursor.execute(statement.encode()).fetchall()

        return cls(
            rows("ticket_events", "ticket_id, kind, changes"),
            rows("turns", "session_id, ticket_id, action, message_id, decision"),
            rows("escalations", "ticket_id, reason"),
            rows("ratings", "message_id, helpful"),
            rows("model_calls", "purpose, cost_microusd"),
            {row["id"]: row for row in rows("tickets", "id, session_id, channel")},
        )


def volume(log: Log) -> Iterable[tuple[datetime, str]]:
    return [(e["at"], e["changes"]["channel"]["to"]) for e in log.events if e["kind"] == "created"]


def hand_overs(log: Log) -> Iterable[tuple[datetime, str]]:
    return [(e["at"], e["reason"]) for e in log.escalations]


def first_responses(log: Log) -> Iterable[tuple[datetime, str, int]]:
    found: dict[Any, Row] = {}
    for event in log.events:
        if _responded(event):
            found.setdefault(event["ticket_id"], event)
    return [_since_opened(log, event) for event in found.values()]


def _responded(event: Row) -> bool:
    """Not where a ticket takes over the first response of one that is merged into it: that was long ago."""
    change = event["changes"].get("first_response_at")
    return bool(change) and datetime.fromisoformat(change["to"]) > event["at"] - timedelta(minutes=1)


def resolutions(log: Log) -> Iterable[tuple[datetime, str, int]]:
    found: dict[Any, Row] = {}
    for event in log.events:
        if _status(event, "to") in {"solved", "closed"}:
            found.setdefault(event["ticket_id"], event)
    spam = [e for e in found.values() if "spam" in (e["changes"].get("tags", {}).get("to") or [])]
    counted = [e for e in found.values() if e["kind"] != "merged" and e not in spam]
    return [_since_opened(log, event) for event in counted]


def _since_opened(log: Log, event: Row) -> tuple[datetime, str, int]:
    ticket = log.tickets[event["ticket_id"]]
    return event["at"], ticket["channel"], round((event["at"] - ticket["at"]).total_seconds())


def _status(event: Row, side: str) -> str | None:
    status = event["changes"].get("status")
    return status[side] if status else None


def outcomes(log: Log) -> Iterable[tuple[datetime, str]]:
    """Of each conversation, when it began and what became of it within a week."""
    turns: dict[Any, list[Row]] = defaultdict(list)
    for turn in log.turns:
        turns[turn["session_id"] or turn["ticket_id"]].append(turn)
    for conversation, said in turns.items():
        of_substance = [t["at"] for t in said if t["action"] != "small_talk"]
        if of_substance:
            signals = sorted(s for s in _signals(log, conversation, said) if s[0] < of_substance[0] + WEEK)
            yield of_substance[0], _outcome([what for _, what in signals])


def _outcome(signals: list[str]) -> str:
    if "human" in signals:
        return "reversed" if "answer" in signals[: signals.index("human")] else "handed_over"
    if "answer" not in signals:
        return "unanswered"
    return "confirmed" if "thanks" in signals[signals.index("answer") :] else "assumed"


def _signals(log: Log, conversation: Any, said: list[Row]) -> Iterable[tuple[datetime, str]]:
    for turn in said:
        if turn["action"] == "hand_over":
            yield turn["at"], "human"
        elif turn["action"] == "answer" and turn["message_id"]:
            yield turn["at"], "answer"
        elif turn["decision"].get("intent") == "thanks":
            yield turn["at"], "thanks"
    messages = {turn["message_id"] for turn in said}
    for rating in log.ratings:
        if rating["message_id"] in messages:
            yield rating["at"], "thanks" if rating["helpful"] else "human"
    tickets = {key for key, ticket in log.tickets.items() if conversation in {key, ticket["session_id"]}}
    yield from ((e["at"], "human") for e in log.escalations if e["ticket_id"] in tickets)
    for event in log.events:
        if event["ticket_id"] in tickets:
            reopened = _status(event, "from") in {"pending", "solved"} and _status(event, "to") == "open"
            if reopened or event["changes"].get("first_response_at"):
                yield event["at"], "human"
            elif _status(event, "to") in {"solved", "closed"} and event["kind"] != "merged":
                yield event["at"], "thanks"


def answers(log: Log) -> Iterable[tuple[datetime, str]]:
    """When each customer first answered, and what they say now."""
    first: dict[Any, Row] = {}
    latest: dict[Any, str] = {}
    for event in log.events:
        if event["kind"] == "rated":
            first.setdefault(event["ticket_id"], event)
            latest[event["ticket_id"]] = event["changes"]["satisfaction"]["to"]
    return [(event["at"], latest[ticket_id]) for ticket_id, event in first.items()]


def questions(log: Log) -> Iterable[tuple[datetime, str]]:
    """When each customer was asked, and whether they answered within a week."""
    answered = [(e["ticket_id"], e["at"]) for e in log.events if e["kind"] == "rated"]
    for event in log.events:
        if event["kind"] == "satisfaction_asked":
            in_time = any(key == event["ticket_id"] and at < event["at"] + WEEK for key, at in answered)
            yield event["at"], "answered" if in_time else "unanswered"


def promises(log: Log) -> Iterable[tuple[datetime, str]]:
    for event in log.events:
        if event["kind"] in {"sla_met", "sla_breached"}:
            yield event["at"], event["changes"]["sla"]["to"]["metric"] + event["kind"].removeprefix("sla")


SHARES: dict[str, tuple[Callable[[Log], Iterable[tuple[datetime, str]]], set[str]]] = {
    "automation": (outcomes, {"confirmed", "assumed"}),
    "satisfaction": (answers, {"good"}),
    "satisfaction_responses": (questions, {"answered"}),
    "sla_attainment": (promises, {"first_response_met", "next_response_met", "resolution_met"}),
}


def replayed(log: Log, metric: str, interval: str, zone: ZoneInfo) -> Figures:
    """The figures of one metric by local hour, day or week."""
    start = _START[interval]

    def by_bucket(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
        buckets: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for row in rows:
            buckets[start(row[0].astimezone(zone)).isoformat()].append(row[1:])
        return buckets

    if metric in {"volume", "hand_overs"}:
        found = by_bucket(volume(log) if metric == "volume" else hand_overs(log))
        return {at: (len(rows), None, dict(Counter(label for (label,) in rows))) for at, rows in found.items()}
    if metric in {"first_response", "resolution_time"}:
        found = by_bucket(first_responses(log) if metric == "first_response" else resolutions(log))
        return {at: _durations(rows) for at, rows in found.items()}
    if metric in SHARES:
        read, counted = SHARES[metric]
        return {at: _share([label for (label,) in rows], counted) for at, rows in by_bucket(read(log)).items()}
    ended = {at: Counter(label for (label,) in rows) for at, rows in by_bucket(outcomes(log)).items()}
    resolved = {at: count["confirmed"] + count["assumed"] for at, count in ended.items()}
    spent = by_bucket((c["at"], c["purpose"], c["cost_microusd"]) for c in log.calls)
    filled = spent.keys() | {at for at, count in resolved.items() if count}
    return {at: _cost(spent.get(at, []), resolved.get(at, 0)) for at in filled}


def _cost(spent: list[tuple[Any, ...]], resolved: int) -> tuple[float | None, None, dict[str, int]]:
    by: Counter[str] = Counter()
    for purpose, cost in spent:
        by[purpose] += cost
    return round(by.total() / resolved) if resolved else None, None, dict(by)


def _share(labels: list[str], counted: set[str]) -> tuple[float, None, dict[str, int]]:
    return round(sum(label in counted for label in labels) / len(labels), 4), None, dict(Counter(labels))


def _durations(rows: list[tuple[Any, ...]]) -> tuple[float, int, dict[str, int]]:
    seconds = sorted(duration for _, duration in rows)
    median, p90 = (seconds[math.ceil(len(seconds) * share) - 1] for share in (0.5, 0.9))
    return median, p90, dict(Counter(channel for channel, _ in rows))


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


_START: dict[str, Callable[[datetime], datetime]] = {
    "hour": lambda at: at.replace(minute=0, second=0, microsecond=0),
    "day": _day,
    "week": lambda at: _day(at - timedelta(days=at.weekday())),
}
