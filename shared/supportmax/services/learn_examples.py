"""Teach triage: labelled texts are embedded and count from the next ticket on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.triage import Label
from supportmax.ports import Embedder, Store, Transaction


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the name of its label."""

    text: str
    label: str


def learn_examples(embedder: Embedder, store: Store, workspace_id: UUID, examples: Sequence[Example]) -> int:
    """Store them with their vectors; returns how many were new. Raises InvalidInput for an unknown label."""
    by_label: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        by_label[example.label].append(example.text)
    vectors = {label: embedder.embed(texts) for label, texts in by_label.items()}
    with store.begin(workspace_id) as tx:
        return sum(
            tx.examples.add(_label(tx, name).id, texts, vectors[name], embedder.model)
            for name, texts in by_label.items()
        )


def _label(tx: Transaction, name: str) -> Label:
    try:
        return tx.labels.by_name(name)
    except NotFound:
        raise InvalidInput(f"label: there is no label {name!r}") from None
