"""Teach triage: labelled texts are embedded and count from the next ticket on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.errors import InvalidInput, NotFound
from supportmax.domain.triage import Label, NewExample
from supportmax.ports import Embedder, Store, Transaction


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the name of its label."""

    text: str
    label: str


def learn_examples(
    embedder: Embedder, store: Store, workspace_id: UUID, examples: Sequence[Example], created_by: UUID | None = None
) -> int:
    """Store them with their vectors; returns how many were new. Raises InvalidInput for an unknown label.

    Nobody is asked: for what an agent says there is `teach_examples`.
    """
    vectors = embedder.embed([example.text for example in examples])
    with store.begin(workspace_id) as tx:
        labels = find_labels(tx, {example.label for example in examples})
        new = [
            NewExample(labels[example.label].id, example.text, vector, created_by=created_by)
            for example, vector in zip(examples, vectors, strict=True)
        ]
        return len(tx.examples.add(new, embedder.model))


def find_labels(tx: Transaction, names: set[str]) -> dict[str, Label]:
    """By name. Raises InvalidInput for one that there is not."""
    return {name: _label(tx, name) for name in sorted(names)}


def _label(tx: Transaction, name: str) -> Label:
    try:
        return tx.labels.by_name(name)
    except NotFound:
        raise InvalidInput(f"label: there is no label {name!r}") from None
