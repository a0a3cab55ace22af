"""The labelled examples of a workspace in memory, as one matrix, so that a text is compared with all in a millisecond.

A sandbox keeps them between tickets. One small query tells whether they changed, and only what is new is read then: an
example counts from the next text on.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from supportmax.domain.triage import StoredVector, TriageModel
from supportmax.ports import Transaction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# 77 MB of vectors. The newest count where a workspace has more.
MOST_EXAMPLES = 50_000
MOST_IN_ALL = 100_000


@dataclass(frozen=True)
class Corpus:
    """Examples that count, in the order of their ids; `vectors` has a row of unit length for each."""

    examples: Sequence[StoredVector]
    vectors: "NDArray[np.float32]"

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def labels(self) -> list[str]:
        return sorted({example.label for example in self.examples})

    @cached_property
    def label_of(self) -> "NDArray[np.int64]":
        """For each example the place of its label in `labels`."""
        import numpy as np

        place = {label: index for index, label in enumerate(self.labels)}
        return np.array([place[example.label] for example in self.examples], dtype=np.int64)

    @cached_property
    def is_real(self) -> "NDArray[np.bool_]":
        """False for what only describes a label."""
        import numpy as np

        return np.array([example.source != "description" for example in self.examples], dtype=bool)

    @cached_property
    def doubt(self) -> "NDArray[np.float32]":
        """How little each example is trusted, 1 for a real one: a description fades as its label gets examples."""
        import numpy as np

        real = Counter(example.label for example in self.examples if example.source != "description")
        doubts = [1 + real[e.label] if e.source == "description" else 1 for e in self.examples]
        return np.array(doubts, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Known:
    """All that triage knows in a workspace: its examples, and the newest regression head, if one was fitted."""

    version: int
    corpus: Corpus
    head: TriageModel | None


@dataclass(slots=True)
class Corpora:
    """What this process knows, by workspace and embedding model."""

    _known: dict[tuple[UUID, str], Known] = field(default_factory=dict)
    _asked: set[tuple[UUID, str]] = field(default_factory=set)

    def of(self, tx: Transaction, model: str) -> Known:
        """As it is now. One query, and more only after a change."""
        return self._current(tx, model, *tx.triage_models.state(model))

    def later(self, tx: Transaction, model: str) -> Callable[[Transaction], Known | None]:
        """The same as the pending result of this transaction, to be called with it or with the thread's next one.

        None the first time, unless it is known already: one question alone is not worth reading all examples.
        """
        state = tx.triage_models.state_later(model)
        asked_before = (key := (tx.workspace_id, model)) in self._asked or key in self._known
        self._asked.add(key)
        return lambda now: self._current(now, model, *state()) if asked_before else None

    def _current(self, tx: Transaction, model: str, version: int, head_id: UUID | None) -> Known:
        key = tx.workspace_id, model
        before = self._known.get(key)
        corpus = before.corpus if before else None
        if corpus is None or (before and before.version != version):
            corpus = read_corpus(tx, model, corpus)
        head = before.head if before else None
        if head_id != (head.id if head else None):
            head = tx.triage_models.get(head_id) if head_id else None
        known = Known(version, corpus, head)
        self._keep(key, known)
        return known

    def _keep(self, key: tuple[UUID, str], known: Known) -> None:
        """The least recently used leave first."""
        self._known.pop(key, None)
        while self._known and len(known.corpus) + sum(len(k.corpus) for k in self._known.values()) > MOST_IN_ALL:
            del self._known[next(iter(self._known))]
        self._known[key] = known


def read_corpus(tx: Transaction, model: str, before: Corpus | None = None) -> Corpus:
    """The examples that count now; vectors that `before` has are not read again."""
    import numpy as np

    have = {example.id: row for row, example in enumerate(before.examples)} if before else {}
    wanted = tx.examples.active_ids(model, MOST_EXAMPLES)
    new = {e.id: e for e in tx.examples.vectors(model, [id_ for id_ in wanted if id_ not in have])}
    # One that was retired between the two queries is in neither.
    ids = [id_ for id_ in wanted if id_ in have or id_ in new]
    if not ids:
        return Corpus((), np.zeros((0, 0), dtype=np.float32))
    rows = [before.vectors[have[id_]] if before and id_ in have else read_vector(new[id_].vector) for id_ in ids]
    kept = [before.examples[have[id_]] if before and id_ in have else new[id_].without_vector() for id_ in ids]
    return Corpus(kept, np.stack(rows))


def read_vector(packed: bytes) -> "NDArray[np.float32]":
    """From 4-byte big-endian floats."""
    import numpy as np

    return np.frombuffer(packed, dtype=">f4").astype(np.float32)
