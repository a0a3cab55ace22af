"""Agents teach examples, agree to those that wait, and take them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.errors import Conflict, Forbidden
from supportmax.domain.people import User
from supportmax.domain.triage import LabelledExample, NewExample
from supportmax.ports import Embedder, Store, Transaction
from supportmax.services.judge_text import classify_text
from supportmax.services.learn_examples import Example, find_labels, learn_examples
from supportmax.services.screen_example import add_screened, count_it, retire
from supportmax.services.triage.corpus import Corpora


@dataclass(frozen=True, slots=True)
class Taught:
    """How many examples are new, and how many of these wait for a second opinion."""

    added: int
    waiting: int = 0


def teach_examples(
    embedder: Embedder, corpora: Corpora, store: Store, workspace_id: UUID, user: User, examples: Sequence[Example]
) -> Taught:
    """Administrators are taken at their word; an agent's examples are screened like corrections.

    Raises InvalidInput for an unknown label.
    """
    if user.role == "admin":
        return Taught(learn_examples(embedder, store, workspace_id, examples, user.id))
    vectors = embedder.embed([example.text for example in examples])
    counts = {True: 0, False: 0}
    with store.begin(workspace_id) as tx:
        labels = find_labels(tx, {example.label for example in examples})
        verdicts = [classify_text(corpora, tx, embedder.model, vector) for vector in vectors]
        for example, vector, verdict in zip(examples, vectors, verdicts, strict=True):
            label = labels[example.label]
            if any(known.label == label.name for known in tx.examples.with_text(example.text)):
                continue
            new = NewExample(label.id, example.text, vector)
            counts[add_screened(tx, embedder.model, new, label, user, verdict)] += 1
    return Taught(sum(counts.values()), counts[False])


def approve_example(tx: Transaction, example_id: UUID, user: User) -> LabelledExample:
    """A second opinion. Raises NotFound, Conflict unless it waits, Forbidden for the agent who brought it."""
    example = tx.examples.get(example_id)
    if example.status != "waiting":
        raise Conflict(f"The example is {example.status}: only one that waits can be approved.")
    if user.role != "admin" and example.created_by == user.id:
        raise Forbidden("Somebody else has to agree: you brought this example.")
    count_it(tx, example, user.id)
    return tx.examples.get(example_id)


def take_back_example(tx: Transaction, example_id: UUID, user: User) -> None:
    """It no longer counts. Raises NotFound, Forbidden unless it is one's own or one is an administrator."""
    example = tx.examples.get(example_id)
    if user.role != "admin" and example.created_by != user.id:
        raise Forbidden("Only who brought an example, or an administrator, can take it back.")
    if example.status != "retired":
        retire(tx, example, user.id)
