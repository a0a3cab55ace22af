"""The run: what is measured, at which sizes."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console

from bench import big_desk, chats, corpus, cost, database, fusion, imports, progress, retrieval, sample, tickets, turn
from bench.chats import Chats
from bench.clock import Clock
from bench.corpus import Asked, Corpus, Matrix
from bench.cost import Cost
from bench.fusion import Fusion
from bench.imports import Imports
from bench.peer import client
from bench.places import MODEL
from bench.retrieval import Retrieval
from bench.tickets import Tickets
from bench.turn import Turns
from supportmax.adapters.embedder.minilm import MiniLMEmbedder

PARTS = ("imports", "turn", "retrieval", "fusion", "cost", "tickets", "chats")
_WITH_PEER = {"imports", "turn", "retrieval"}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to do."""

    parts: Sequence[str] = PARTS
    sizes: Sequence[int] = (1_000, 100_000)
    questions: int = 400
    import_rounds: int = 7
    desks: Sequence[int] = (10_000, 1_000_000)
    ticket_rounds: int = 60
    visitors: int = 50
    chat_seconds: float = 60.0

    @classmethod
    def quick(cls, parts: Sequence[str]) -> "Plan":
        """Enough to see that everything works; its figures say nothing."""
        return cls(
            parts,
            sizes=(300, 2_500),
            questions=25,
            import_rounds=1,
            desks=(300, 3_000),
            ticket_rounds=3,
            visitors=5,
            chat_seconds=15.0,
        )


@dataclass(slots=True)
class Results:
    """What was measured; empty where a part was left out."""

    plan: Plan
    postgres: str = ""
    imports: Imports | None = None
    turns: list[Turns] = field(default_factory=list)
    retrievals: list[Retrieval] = field(default_factory=list)
    fusions: list[Fusion] = field(default_factory=list)
    cost: Cost | None = None
    tickets: Tickets | None = None
    chats: Chats | None = None


@dataclass(frozen=True, slots=True)
class _Bench:
    """What all sizes share. `vectors` belong to `asked`."""

    console: Console
    folder: Path
    server: database.Server
    embedder: MiniLMEmbedder
    base: Corpus
    asked: list[Asked]
    vectors: Matrix


def run(plan: Plan, console: Console) -> Results:
    """Measure all that the plan holds."""
    results = Results(plan)
    if _WITH_PEER & set(plan.parts):
        with progress.steps(console, "the peer's environment"):
            client.prepare()
    if "imports" in plan.parts:
        with progress.steps(console, "imports", imports.steps(plan.import_rounds)) as steps:
            results.imports = imports.measure(plan.import_rounds, steps)
    if {"turn", "retrieval"} & set(plan.parts):
        with _bench(plan, console) as bench:
            results.postgres = bench.server.version()
            for size in plan.sizes:
                _measure_size(bench, size, results)
    if "fusion" in plan.parts:
        asked = fusion.sets(plan.questions)
        with progress.steps(console, "words and vectors", len(asked)) as steps:
            for each in asked:
                results.fusions.append(fusion.measure(each))
                steps.advance()
    if "cost" in plan.parts:
        conversations = min(plan.questions, cost.CONVERSATIONS)
        with progress.steps(console, "what models cost", conversations) as steps:
            results.cost = cost.measure(conversations, steps)
    if "tickets" in plan.parts:
        results.tickets = _measure_tickets(plan, console)
    if "chats" in plan.parts:
        results.chats = _measure_chats(plan, console)
    return results


def _measure_chats(plan: Plan, console: Console) -> Chats:
    with ExitStack() as stack:
        with progress.steps(console, "start a one-machine stack"):
            where = stack.enter_context(chats.one_machine_stack())
        with progress.steps(console, f"warm up for {plan.visitors} visitors"):
            chats.chat(where, plan.visitors, plan.chat_seconds / 3, chats.Pace())
        with progress.steps(console, f"{plan.visitors} visitors"):
            return chats.chat(where, plan.visitors, plan.chat_seconds, chats.Pace())


def _measure_tickets(plan: Plan, console: Console) -> Tickets:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="supportmax-bench-")))
        server = stack.enter_context(database.server(folder / "postgres"))
        desks = []
        for size in plan.desks:
            with progress.stages(console, f"{size:,} tickets") as stage:
                desks.append(big_desk.make(server, size, stage))
            stack.callback(desks[-1].database.close)
        with progress.steps(console, "tickets", tickets.steps(plan.ticket_rounds)) as steps:
            return tickets.measure(desks, plan.ticket_rounds, steps)


@contextmanager
def _bench(plan: Plan, console: Console) -> Iterator[_Bench]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="supportmax-bench-")))
        embedder = MiniLMEmbedder(MODEL)
        with progress.steps(console, "embed the sample articles and the questions"):
            base = sample.sample(embedder)
            asked = corpus.questions(plan.questions)
            vectors = np.array(embedder.embed([a.text for a in asked]), dtype=np.float32)
        with progress.steps(console, "start Postgres"):
            server = stack.enter_context(database.server(folder / "postgres"))
        yield _Bench(console, folder, server, embedder, base, asked, vectors)


def _measure_size(bench: _Bench, size: int, results: Results) -> None:
    title = f"{size:,} chunks"
    with progress.steps(bench.console, f"{title}: make them"):
        filled = corpus.resize(bench.base, size)
    with progress.steps(bench.console, f"{title}: into Postgres"):
        url, workspace_id = database.desk(bench.server, filled)
    with ExitStack() as stack:
        with progress.steps(bench.console, f"{title}: into Chroma"):
            conversations = bench.server.url(database.OWNER, bench.server.create_database(), "postgresql+psycopg")
            peer = stack.enter_context(client.running(bench.folder / f"peer-{size}", filled, conversations))
        if "turn" in results.plan.parts:
            desk, watched = (turn.OurDesk(url, workspace_id, bench.embedder, clock) for clock in (None, Clock()))
            stack.callback(desk.database.close)
            stack.callback(watched.database.close)
            with progress.steps(bench.console, f"{title}: chat turns", turn.steps(len(bench.asked))) as steps:
                results.turns.append(turn.measure(desk, watched, peer, filled, bench.asked, steps))
        if "retrieval" in results.plan.parts:
            search = retrieval.OurSearch(url, workspace_id)
            stack.callback(search.database.close)
            with progress.steps(bench.console, f"{title}: searches", retrieval.steps(len(bench.asked))) as steps:
                results.retrievals.append(retrieval.measure(search, peer, filled, bench.asked, bench.vectors, steps))
