"""The results as tables: on the terminal, in docs/benchmarks.md and, as plain numbers, in docs/benchmarks.json."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable

from bench.chats import Chats
from bench.cost import Cost
from bench.fusion import Fusion
from bench.imports import Imports
from bench.machine import Machine
from bench.places import ROOT
from bench.retrieval import Retrieval
from bench.run import Results
from bench.stats import milliseconds, ratio
from bench.tickets import Growth, Tickets
from bench.turn import Ranking, Turns
from supportmax.domain.prices import GATHERED

PAGE = ROOT / "docs" / "benchmarks.md"
NUMBERS = ROOT / "docs" / "benchmarks.json"
# Dollars for 1,000 answered messages.
BLUEPRINT = (25, 55)
NOTES = Path(__file__).with_name("notes.md")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of words. The first column is to the left, the others to the right."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    below: str = ""


def tables(results: Results) -> list[Table]:
    """Those of the parts that were measured."""
    found = [import_table(results.imports)] if results.imports else []
    if results.turns:
        found += [turn_table(results.turns), part_table(results.turns)]
    if results.retrievals:
        found.append(retrieval_table(results.retrievals))
    if results.fusions:
        found.append(fusion_table(results.fusions))
    if results.cost:
        found.append(cost_table(results.cost))
    if results.tickets:
        found.append(ticket_table(results.tickets))
    if results.chats:
        found.append(chat_table(results.chats))
    return found


def import_table(measured: Imports) -> Table:
    peer = measured.peer
    rows = [
        (name, milliseconds(times.p50), milliseconds(times.minimum), ratio(times.p50, peer.p50))
        for name, times in measured.functions.items()
    ]
    rows.append(("the usual stack", milliseconds(peer.p50), milliseconds(peer.minimum), ""))
    return Table("Import of a cold function", ("function", "median", "fastest", "against the usual stack"), rows)


def turn_table(measured: Sequence[Turns]) -> Table:
    rows = []
    for turns in measured:
        size = f"{turns.chunks:,}"
        ours, kept, given, unkept = turns.ours, turns.peer_kept, turns.peer_given_ours, turns.peer_unkept
        rows += [
            (f"{size}: SupportMax", milliseconds(ours.p50), milliseconds(ours.p99), "", *_ranking(turns.found)),
            _peer_turn(f"{size}: LangChain + Chroma + SQLAlchemy", kept.p50, kept.p99, ours.p50, turns.peer_found),
            _peer_turn(f"{size}: the same, given our embedding", given.p50, given.p99, ours.p50, turns.peer_found),
            _peer_turn(f"{size}: LangChain + Chroma, nothing kept", unkept.p50, unkept.p99, ours.p50, turns.peer_found),
        ]
    header = ("chunks", "p50", "p99", "SupportMax is", "right article first", "MRR@5")
    return Table("A warm chat turn in process", header, rows)


def _peer_turn(name: str, p50: float, p99: float, ours: float, found: Ranking) -> tuple[str, ...]:
    return name, milliseconds(p50), milliseconds(p99), ratio(ours, p50), *_ranking(found)


def _ranking(found: Ranking) -> tuple[str, str]:
    return f"{found.first:.1%}", f"{found.mrr:.3f}"


def part_table(measured: Sequence[Turns]) -> Table:
    rows = [
        (
            f"{turns.chunks:,}",
            *(milliseconds(turns.parts[part]) for part in ("embed", "database", "rest")),
            milliseconds(turns.peer_embed),
        )
        for turns in measured
    ]
    ends = "; ".join(f"at {turns.chunks:,} chunks {_counts(turns.actions)}" for turns in measured)
    below = f"Medians of each part, from turns with stopwatches in them. What the turns came to: {ends}."
    header = ("chunks", "embed", "database", "rest", "the peer's embed")
    return Table("Where the time of our turn goes", header, rows, below)


def _counts(actions: dict[str, int]) -> str:
    return ", ".join(f"{count} {action}" for action, count in actions.items())


def retrieval_table(measured: Sequence[Retrieval]) -> Table:
    rows = []
    for found in measured:
        size, chroma = f"{found.chunks:,}", found.chroma
        ours = (("SupportMax, vectors and words", found.hybrid), ("SupportMax, vectors only", found.vectors))
        rows += [
            (
                f"{size}: {name}",
                f"{series.recall:.3f}",
                milliseconds(series.times.p50),
                milliseconds(series.times.p99),
                ratio(series.times.p50, chroma.times.p50),
            )
            for name, series in (*ours, ("Chroma, vectors only", chroma))
        ]
        rows[-1] = (*rows[-1][:-1], "")
    return Table("Search, ten nearest", ("chunks", "recall@10", "p50", "p99", "against Chroma"), rows)


def fusion_table(measured: Sequence[Fusion]) -> Table:
    rows = [
        (f"{each.name} ({each.n:,})", *(f"{n:.3f}" for n in (each.nearest, each.vectors, each.words, each.hybrid)))
        for each in measured
    ]
    below = (
        "MRR@10 of the right article. Vectors and words together should be below neither alone. The nearest chunk is "
        "what a vector store such as Chroma ranks by, with the same vectors."
    )
    header = ("questions", "nearest chunk", "vectors alone", "words alone", "both")
    return Table("Words, vectors, and both", header, rows, below)


def cost_table(cost: Cost) -> Table:
    rows = [("none: the articles' own words", "$0.00", ""), *(_price(*each) for each in cost.dollars.items())]
    below = (
        f"{cost.calls:.2f} calls, {cost.input_tokens:,.0f} tokens in and {cost.output_tokens:,.0f} out for each "
        f"answered message ({cost.answered} of {cost.messages}). Every second one is a follow-up, rewritten first. "
        f"List prices as of {GATHERED}, nothing cached. The blueprint expects ${BLUEPRINT[0]} to ${BLUEPRINT[1]}."
    )
    return Table("Cost of 1,000 answered messages", ("language model", "dollars", "against the blueprint"), rows, below)


def _price(model: str, dollars: float) -> tuple[str, ...]:
    return model, f"${dollars:.2f}", " to ".join(f"{line / dollars:.0f}" for line in BLUEPRINT) + "x cheaper"


def ticket_table(measured: Tickets) -> Table:
    rows = [_growth(f"all: {each.group}", each) for each in measured.groups]
    rows += [_growth(f"{each.group}: {each.name}", each) for each in measured.cases]
    header = ("tickets", *(f"{size:,}: p50" for size in measured.sizes), "is so many times as much")
    return Table("Tickets, as a desk grows", header, rows)


def chat_table(found: Chats) -> Table:
    rows = [
        (name, f"{waits.n:,}", *(milliseconds(wait) for wait in (waits.p50, waits.p95, waits.p99)))
        for name, waits in (("a message and its answer", found.turns), ("what is new", found.looks))
    ]
    told = "; ".join(found.errors[:5]) or "every message was kept once and in order, and polling missed none"
    below = (
        f"{found.visitors} visitors for {found.seconds:.0f} seconds; {found.sent_again} messages were sent again with "
        f"their key. Errors: {len(found.errors)} ({told})."
    )
    return Table(
        "Visitors who chat at once with the one-machine stack", ("", "requests", "p50", "p95", "p99"), rows, below
    )


def _growth(name: str, measured: Growth) -> tuple[str, ...]:
    return name, *(milliseconds(times.p50) for times in measured.times), f"{measured.factor:.1f}x"


def show(console: Console, results: Results) -> None:
    for table in tables(results):
        drawn = RichTable(title=table.title, title_justify="left", caption=table.below or None, caption_justify="left")
        for number, name in enumerate(table.header):
            drawn.add_column(name, justify="right" if number else "left")
        for row in table.rows:
            drawn.add_row(*row)
        console.print(drawn)


def markdown(results: Results, machine: Machine) -> str:
    """The whole page."""
    parts = ["# Benchmarks", _conditions(results, machine)]
    for table in tables(results):
        parts += [f"## {table.title}", _markdown_table(table)]
        if table.below:
            parts.append(table.below)
    parts.append(NOTES.read_text("utf-8").strip())
    return "\n\n".join(parts) + "\n"


def _conditions(results: Results, machine: Machine) -> str:
    ours = ", ".join(f"{name} {version}" for name, version in machine.ours.items())
    peers = ", ".join(f"{name} {version}" for name, version in machine.peers.items())
    return (
        f"Written by `make bench` on {machine.date}: {machine.processor}, {machine.cores} cores, "
        f"{machine.memory_gb} GB, load average {machine.load} at the end, Python {machine.python}, "
        f"{machine.postgres}. Ours: {ours}. Peer: {peers}. {results.plan.questions} questions, "
        f"{results.plan.import_rounds} rounds of imports. The numbers are in [benchmarks.json](benchmarks.json)."
    )


def _markdown_table(table: Table) -> str:
    lines = [table.header, ("---", *("---:" for _ in table.header[1:])), *table.rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def numbers(results: Results, machine: Machine) -> str:
    """Everything that was measured, as JSON."""
    return json.dumps({"machine": asdict(machine), **asdict(results)}, indent=2) + "\n"


def write(results: Results, machine: Machine) -> None:
    PAGE.write_text(markdown(results, machine), "utf-8")
    NUMBERS.write_text(numbers(results, machine), "utf-8")
