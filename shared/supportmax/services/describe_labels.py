"""A label's name and description are its first example: triage can start from them alone."""

from collections.abc import Sequence
from uuid import UUID

from supportmax.domain.triage import OUT_OF_SCOPE, Label, NewExample, describe
from supportmax.ports import Embedder, Store


def describe_labels(embedder: Embedder, store: Store, workspace_id: UUID, names: Sequence[str] | None = None) -> None:
    """Bring the descriptions of all labels, or of those named, up to date. What is the same already stays."""
    with store.begin(workspace_id) as tx:
        labels = [label for label in tx.labels.list() if names is None or label.name in names]
        known = tx.examples.descriptions()
    stale = [label for label in labels if known.get(label.id, "") != _words(label)]
    if not stale:
        return
    vectors = embedder.embed([_words(label) for label in stale])
    with store.begin(workspace_id) as tx:
        for label in stale:
            tx.examples.drop_descriptions(label.id)
        said = [
            NewExample(label.id, _words(label), vector, source="description")
            for label, vector in zip(stale, vectors, strict=True)
            if _words(label)
        ]
        tx.examples.add(said, embedder.model)


def _words(label: Label) -> str:
    """Nothing for `oos`: it is what none of the others is."""
    return describe(label.name, label.description) if label.name != OUT_OF_SCOPE else ""
