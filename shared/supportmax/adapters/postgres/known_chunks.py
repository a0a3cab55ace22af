"""The chunks of small knowledge bases in memory: a thousand are compared with a question in a tenth of a millisecond.

A process keeps them between searches. A number that is read with each search tells whether they are still those of the
database; articles and chunks count from the next search on.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from supportmax.domain.knowledge import Hit, Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of one workspace and model: read in 80 ms, and 8 MB of vectors. A larger base is searched by the database.
MOST_CHUNKS = 5_000
MOST_IN_ALL = 20_000
Key = tuple[UUID, str]
# As in the query `search`: of a longer article not all passages are among the hits.
PASSAGES = 20


class Snapshot:
    """All chunks of a workspace and model as they were at `version`."""

    def __init__(self, version: int, rows: Sequence[dict[str, Any]]) -> None:
        """`rows` of the query `known_chunks`: the columns of a hit without its scores, the vector, and `published`."""
        import numpy as np

        self.version = version
        packed = b"".join(row.pop("vector") for row in rows)
        vectors = np.frombuffer(packed, dtype=">f4").astype(np.float32).reshape(max(1, len(rows)), -1)
        self._vectors: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        self._published = [row.pop("published") for row in rows]
        self._chunks = rows

    def __len__(self) -> int:
        return len(self._chunks)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {str(chunk["chunk_id"]): place for place, chunk in enumerate(self._chunks)}

    @cached_property
    def _bodies(self) -> dict[UUID, list[int]]:
        """By article, the places of its passages."""
        bodies: dict[UUID, list[int]] = {}
        for place, chunk in enumerate(self._chunks):
            if chunk["kind"] == "body":
                bodies.setdefault(chunk["article_id"], []).append(place)
        return bodies

    def search(self, vector: Vector, ranks: dict[str, float], limit: int) -> list[Hit]:
        """What the query `search` finds; `ranks`: how much of the question's words a chunk holds, by its id."""
        if not self._chunks:
            return []
        similarities = self._similarities(vector)
        nearest = self._nearest(similarities, limit)
        article = self._chunks[nearest[0]]["article_id"]
        likely = self._bodies.get(article, [])
        worded = {self._place[id_]: rank for id_, rank in ranks.items() if id_ in self._place}
        whole = article if 0 < len(likely) <= PASSAGES else None
        found = dict.fromkeys([*nearest, *worded, *likely[: PASSAGES + 1]])
        hits = [
            Hit(
                similarity=float(similarities[place]),
                word_rank=worded.get(place, 0.0),
                whole=chunk["article_id"] == whole,
                **chunk,
            )
            for place in found
            if (chunk := self._chunks[place]) and self._published[place]
        ]
        return sorted(hits, key=lambda hit: (-hit.similarity, hit.chunk_id))

    def _similarities(self, vector: Vector) -> "NDArray[np.float32]":
        import numpy as np

        asked = np.asarray(vector, dtype=np.float32)
        # einsum, because for `@` BLAS would wake a thread on every core.
        cosines: NDArray[np.float32] = np.einsum("ij,j->i", self._vectors, asked / np.linalg.norm(asked))
        return cosines

    def _nearest(self, similarities: "NDArray[np.float32]", limit: int) -> list[int]:
        """Places, nearest first."""
        import numpy as np

        if len(similarities) <= limit:
            return [int(place) for place in np.argsort(-similarities, kind="stable")]
        among = np.argpartition(-similarities, limit)[:limit]
        return [int(place) for place in among[np.argsort(-similarities[among], kind="stable")]]


class KnownChunks:
    """What this process knows, by workspace and embedding model; the least recently used leave first."""

    def __init__(self) -> None:
        self._asked: dict[Key, int] = {}
        self._known: dict[Key, Snapshot] = {}

    def at(self, key: Key, version: int, rows: Callable[[], Sequence[dict[str, Any]]]) -> Snapshot | None:
        """The snapshot of this version, read by `rows` when the version is asked for a second time, else None.

        So neither a single question nor an import that goes on makes a process read everything.
        """
        known = self._known.pop(key, None)
        if known is None or known.version != version:
            asked, self._asked[key] = self._asked.get(key), version
            if asked != version:
                return None
            found = rows()
            if len(found) > MOST_CHUNKS:
                return None
            known = Snapshot(version, found)
            self._make_room(len(known))
        self._known[key] = known
        return known

    def __len__(self) -> int:
        """Chunks in all."""
        return sum(len(known) for known in self._known.values())

    def _make_room(self, chunks: int) -> None:
        while self._known and chunks + len(self) > MOST_IN_ALL:
            self._known.pop(next(iter(self._known)), None)
