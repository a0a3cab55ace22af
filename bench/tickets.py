"""Lists, counts, searches and pages of tickets at two sizes of a desk, turn by turn.

Each runs as the runtime role through the services and repositories that the API calls, in a transaction of its own, as
there. What is to be shown: none costs three times as much where there are a hundred times as many tickets.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.big_desk import BigDesk
from bench.progress import Steps
from bench.stats import Times
from supportmax.ports import Transaction
from supportmax.services.manage_views import COUNTED
from supportmax.services.search_tickets import Asker, place_of, read_query

PAGE = 50
WARM_UP = 5
LISTS = (
    "",
    "is:unsolved",
    "status:open priority:high",
    "is:unsolved assignee:me",
    "status:closed sort:updated",
    "is:unsolved sort:updated-asc",
    "tag:vip",
    "tag:card sort:updated",
    "requester:none",
    "channel:chat -tag:card",
)
COUNTS = (
    "is:unsolved",
    "status:open assignee:me",
    "is:unsolved priority:urgent",
    "is:unassigned is:unsolved",
    "tag:vip is:unsolved",
    "status:closed",
)
SEARCHES = (
    "card",
    "order0000777",
    "card payment",
    '"top up" is:unsolved',
    "refund status:closed",
    "card tag:vip",
    "exchange rate sort:updated",
    "cash withdrawal -tag:card priority:high",
)
Work = Callable[[Transaction, BigDesk, int], object]


@dataclass(frozen=True, slots=True)
class Growth:
    """One thing that agents do: its times at each size, the smaller one first."""

    group: str
    name: str
    times: Sequence[Times]

    @property
    def factor(self) -> float:
        return self.times[-1].p50 / self.times[0].p50


@dataclass(frozen=True, slots=True)
class Tickets:
    """`groups` are all of a group together: list, count, search, page."""

    sizes: Sequence[int]
    groups: list[Growth]
    cases: list[Growth]


def cases() -> list[tuple[str, str, Work]]:
    """Group, name, and what is done."""
    made: list[tuple[str, str, Work]] = [("list", q or "newest", _lister(q)) for q in LISTS]
    made.append(("list", "a page in the middle", _in_the_middle))
    made += [("view count", q, _counter(q)) for q in COUNTS]
    made.append(("view count", "all of them at once", _counter(*COUNTS)))
    made += [("search", q, _lister(q)) for q in SEARCHES]
    made.append(("ticket page", "ticket, messages, timeline", _ticket_page))
    return made


def steps(rounds: int) -> int:
    return len(cases()) * (rounds + WARM_UP)


def measure(desks: Sequence[BigDesk], rounds: int, progress: Steps) -> Tickets:
    found: list[tuple[str, str, list[list[float]]]] = []
    for group, name, work in cases():
        taken: list[list[float]] = [[] for _ in desks]
        for number in range(rounds + WARM_UP):
            for desk, times in zip(desks, taken, strict=True):
                times.append(_time(desk, work, number))
            progress.advance()
        found.append((group, name, [times[WARM_UP:] for times in taken]))
    pooled: dict[str, list[list[float]]] = defaultdict(lambda: [[] for _ in desks])
    for group, _, taken in found:
        for place, times in enumerate(taken):
            pooled[group][place] += times
    return Tickets(
        [desk.size for desk in desks],
        [Growth(group, "", [Times.of(t) for t in taken]) for group, taken in pooled.items()],
        [Growth(group, name, [Times.of(t) for t in taken]) for group, name, taken in found],
    )


def _time(desk: BigDesk, work: Work, number: int) -> float:
    started = time.perf_counter()
    with desk.store.begin(desk.workspace_id) as tx:
        work(tx, desk, number)
    return (time.perf_counter() - started) * 1000


def _lister(q: str) -> Work:
    def work(tx: Transaction, desk: BigDesk, number: int) -> object:
        return tx.ticket_finder.find(read_query(tx, q, Asker(desk.agent.id)), None, PAGE + 1)

    return work


def _in_the_middle(tx: Transaction, desk: BigDesk, number: int) -> object:
    """As the cursor of a page far down asks for it."""
    query = read_query(tx, "", Asker(desk.agent.id))
    middle = desk.ticket_ids[number % len(desk.ticket_ids)]
    return tx.ticket_finder.find(query, place_of(str(middle), query), PAGE + 1)


def _counter(*queries: str) -> Work:
    def work(tx: Transaction, desk: BigDesk, number: int) -> object:
        wanted = {str(n): read_query(tx, q, Asker(desk.agent.id)) for n, q in enumerate(queries)}
        return tx.ticket_finder.count(wanted, COUNTED + 1)

    return work


def _ticket_page(tx: Transaction, desk: BigDesk, number: int) -> object:
    ticket = tx.tickets.get(desk.ticket_ids[number % len(desk.ticket_ids)])
    return (
        ticket,
        tx.messages.of_ticket(ticket.id, None, PAGE + 1),
        tx.ticket_events.of_ticket(ticket.id, None, PAGE + 1),
    )
