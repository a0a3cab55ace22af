"""Search among the chunks of a workspace: by words and by vectors, in memory where they are few."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row

from supportmax.adapters.postgres.known_chunks import MOST_CHUNKS, Snapshot
from supportmax.adapters.postgres.repository import Repository
from supportmax.adapters.postgres.search_plan import KEEP_SECONDS, IndexSize, Way, own_index_name, written_for
from supportmax.adapters.postgres.vectors import Packed
from supportmax.domain.knowledge import Hit, Vector
from supportmax.ports.knowledge import PreparedSearch
from supportmax.ports.pending import Pending

Rows = Pending[list[dict[str, Any]]]
# In the query `search`.
_FOUND_BEFORE = "unnest(%(chunk_ids)s::uuid[], %(ranks)s::real[])"
_FOUND_THERE = "(SELECT unnest(chunk_ids::uuid[]), unnest(ranks::real[]) FROM (\n{}\n) m)"


@dataclass(frozen=True, slots=True)
class WordMatches:
    """Chunks that share words with a question, and how much: arrays as Postgres writes them."""

    chunk_ids: str
    ranks: str

    def by_id(self) -> dict[str, float]:
        ids, ranks = (array.strip("{}").split(",") for array in (self.chunk_ids, self.ranks))
        return {id_: float(rank) for id_, rank in zip(ids, ranks, strict=True) if id_}


class Preparation:
    """What was asked for before the vectors were known: matches of words and, for a small base, its version."""

    def __init__(self, model: str, limit: int, matches: Mapping[str, Rows], version: Rows | None) -> None:
        self.model = model
        self.limit = limit
        self._matches = matches
        self._version = version

    @cached_property
    def matches(self) -> dict[str, WordMatches]:
        return {words: WordMatches(**rows()[0]) for words, rows in self._matches.items()}

    @cached_property
    def version(self) -> int | None:
        """None where memory cannot serve. What the transaction wrote itself may be taken back: never remembered."""
        row = self._version()[0] if self._version else {"only_reads": False}
        return row["version"] if row["only_reads"] else None


class ChunkSearch(Repository):
    """What needs no vector is asked for first (`prepare`), so that it is found while a text is embedded."""

    file = "knowledge"

    def search(self, vector: Vector, words: str, model: str, limit: int) -> list[Hit]:
        """With both known: in memory, or in one round trip."""
        if self._size(model).fits_in_memory():
            return self.search_later(vector, words, self.prepare([words], model, limit))()
        query = self._query("search").replace(_FOUND_BEFORE, _FOUND_THERE.format(self._query("word_matches")))
        return self._by_database(query, model, limit, vector, {"words": words})()

    def prepare(self, texts: Sequence[str], model: str, limit: int) -> PreparedSearch:
        matches = {text: self.later("word_matches", words=text, model=model, limit=limit) for text in texts}
        version = self.later("search_version") if self._size(model).fits_in_memory() else None
        return PreparedSearch(Preparation(model, limit, matches, version))

    def search_later(self, vector: Vector, words: str, prepared: PreparedSearch) -> Pending[list[Hit]]:
        assert isinstance(prepared, Preparation)
        matches = prepared.matches[words]
        if known := self._known(prepared):
            hits = known.search(vector, matches.by_id(), prepared.limit)
            return lambda: hits
        return self._by_database(self._query("search"), prepared.model, prepared.limit, vector, asdict(matches))

    def _by_database(
        self, query: str, model: str, limit: int, vector: Vector, about_words: dict[str, str]
    ) -> Pending[list[Hit]]:
        text = written_for(query, self.way(model), self.workspace_id, model, (len(vector), limit))
        cursor = self._connection.cursor(row_factory=class_row(Hit))
        return cursor.execute(text, {"vector": Packed(vector)} | about_words).fetchall

    def _known(self, prepared: Preparation) -> Snapshot | None:
        """What this process has in memory, if that is what the database holds."""
        if prepared.version is None:
            return None
        key = (self.workspace_id, prepared.model)
        return self._connection.known_chunks.at(key, prepared.version, lambda: self._read_all(prepared.model))

    def _read_all(self, model: str) -> list[dict[str, Any]]:
        params = self._params({"model": model, "most": MOST_CHUNKS + 1})
        with self._connection.cursor(row_factory=dict_row, binary=True) as cursor:
            return cursor.execute(self._sql("known_chunks"), params).fetchall()

    def way(self, model: str) -> Way:
        """How the database searches the vectors."""
        return self._size(model).way()

    def _size(self, model: str) -> IndexSize:
        """Asked anew once in a while."""
        kept = self._connection.index_sizes.get((self.workspace_id, model))
        if kept is None or time.monotonic() - kept[1] > KEEP_SECONDS:
            size = self.one(IndexSize, "index_size", model=model, own_index=own_index_name(self.workspace_id, model))
            kept = (size, time.monotonic())
            self._connection.index_sizes[self.workspace_id, model] = kept
        return kept[0]

    def body_of(self, article_id: UUID, vector: Vector, model: str) -> list[Hit]:
        return self.many(Hit, "body_of", article_id=article_id, vector=Packed(vector), model=model)
