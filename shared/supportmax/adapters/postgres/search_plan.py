"""How the vectors of a workspace are searched: all of them, or through an index; and the text that makes it so.

pgvector's index over all workspaces finds the nearest of *everyone's* chunks and then leaves out other workspaces'.
With a small part of them that reads far and finds little; figures are in docs/decisions/0007-hybrid-search.md.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from psycopg import sql

from supportmax.adapters.postgres.known_chunks import MOST_CHUNKS

# Chunks. Up to the first, reading all is as quick as any index; up to the second, it beats a filtered one.
EXACT_ALWAYS = 1_500
EXACT_IN_A_CROWD = 20_000
# Of everyone's chunks. From here on the shared index finds enough of a workspace's own on its way.
LARGE_PART = 0.2
# Statistics change slowly, and a search asks for them first.
KEEP_SECONDS = 60.0


class Way(StrEnum):
    """`own_index` and `shared_index` are one text: the planner takes the smaller index that fits."""

    EXACT = "exact"
    SHARED_INDEX = "shared_index"
    OWN_INDEX = "own_index"


@dataclass(frozen=True, slots=True)
class IndexSize:
    """Chunks of one workspace and model, and of all; `everyones` is the planner's estimate, -1 when it has none."""

    own: int
    everyones: float
    has_own_index: bool

    def way(self) -> Way:
        if self.has_own_index:
            return Way.OWN_INDEX
        crowded = self.own < LARGE_PART * self.everyones
        return Way.EXACT if self.own <= (EXACT_IN_A_CROWD if crowded else EXACT_ALWAYS) else Way.SHARED_INDEX

    def fits_in_memory(self) -> bool:
        """Where all are looked at anyway, and they are few enough to be kept by every process."""
        return self.way() is Way.EXACT and self.own <= MOST_CHUNKS

    def wants_own_index(self) -> bool:
        """Too large to read it all, too small a part for the shared index."""
        return EXACT_IN_A_CROWD < self.own < LARGE_PART * self.everyones


def own_index_name(workspace_id: UUID, model: str) -> str:
    """At most 63 characters, as names of Postgres are."""
    return f"chunks_near_{workspace_id.hex}_{hashlib.sha256(model.encode()).hexdigest()[:8]}"


def own_index(workspace_id: UUID, model: str, dimensions: int) -> sql.Composed:
    """The statement that makes it, for the owner; the desk stays in use meanwhile."""
    return sql.SQL(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS {} ON chunks USING hnsw ((embedding::vector({})) vector_cosine_ops)"
        " WHERE workspace_id = {} AND embedding_model = {}"
    ).format(
        sql.Identifier(own_index_name(workspace_id, model)),
        sql.Literal(dimensions),
        sql.Literal(str(workspace_id)),
        sql.Literal(model),
    )


@lru_cache(maxsize=256)
def written_for(query: str, way: Way, workspace_id: UUID, model: str, sizes: tuple[int, int]) -> bytes:
    """The named query with workspace, model and `sizes` (dimensions, hits wanted) in its text.

    A partial index serves only a query that names what it is about, and a planner that does not know how many rows are
    wanted takes a tenth of them for wanted; as parameters they would cost a new plan each time. Without the cast no
    index fits, and every chunk is looked at.
    """
    dimensions, limit = sizes
    cast = "embedding" if way is Way.EXACT else f"embedding::vector({int(dimensions)})"
    text = query.replace("embedding::vector(384)", cast).replace("%(limit)s", str(int(limit)))
    text = text.replace("%(workspace_id)s", f"'{workspace_id}'::uuid")
    return text.replace("%(model)s", sql.Literal(model).as_string(None).replace("%", "%%")).encode()
