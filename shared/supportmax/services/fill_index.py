"""Fill an index with what it lacks, a batch a message: the next message leaves with the batch before it.

So it goes on where it was after any failure, never works on more than one batch at a time, and needs no schedule. The
schedule only starts it when something was missed.
"""

import time
from collections.abc import Sequence
from uuid import UUID

from supportmax.domain.events import Envelope, IndexFellBehind
from supportmax.ports import Embedder, Embedders, Store
from supportmax.services.index_article import index_with
from supportmax.services.switch_embedding import start_filling

CONSUMER = "fill-index"
ARTICLES = 20
EXAMPLES = 200
# Far within the function's time, whatever the articles' length.
SECONDS = 30.0


def fill_index(embedders: Embedders, store: Store, envelope: Envelope) -> None:
    """Handle IndexFellBehind: the next batch of articles, or of examples when no article is missing."""
    event = envelope.event
    assert isinstance(event, IndexFellBehind)
    embedder = embedders.named(event.model)
    next_event = _fill_articles(embedder, store, envelope.workspace_id, event) or _fill_examples(
        embedder, store, envelope.workspace_id, event
    )
    with store.begin(envelope.workspace_id) as tx:
        if tx.inbox.first_time(CONSUMER, envelope.id):
            tx.embedding.filling(alive=next_event is not None)
            if next_event is not None:
                tx.outbox.add(next_event)


def _fill_articles(
    embedder: Embedder, store: Store, workspace_id: UUID, event: IndexFellBehind
) -> IndexFellBehind | None:
    """Returns where to go on; None when there was nothing to do."""
    ends_at = time.monotonic() + SECONDS
    with store.begin(workspace_id) as tx:
        wanted = event.model in tx.embedding.hold()
        missing = tx.embedding.articles_missing(event.model, event.after_article, ARTICLES) if wanted else []
    done = None
    for done in missing:
        index_with(embedder, store, workspace_id, done)
        if time.monotonic() > ends_at:
            break
    return event.model_copy(update={"after_article": done}) if done else None


def _fill_examples(
    embedder: Embedder, store: Store, workspace_id: UUID, event: IndexFellBehind
) -> IndexFellBehind | None:
    with store.begin(workspace_id) as tx:
        wanted = event.model in tx.embedding.hold()
        missing = tx.embedding.examples_missing(event.model, event.after_example, EXAMPLES) if wanted else []
    if not missing:
        return None
    vectors = embedder.embed([text for _, text in missing])
    with store.begin(workspace_id) as tx:
        if event.model in tx.embedding.hold():
            ids: Sequence[UUID] = [id_ for id_, _ in missing]
            tx.embedding.put_examples(event.model, list(zip(ids, vectors, strict=True)))
    return event.model_copy(update={"after_example": missing[-1][0]})


def keep_filled(store: Store) -> None:
    """On the schedule: fill what was missed, in every workspace that has a spare index."""
    for workspace_id in store.all_workspaces():
        with store.begin(workspace_id) as tx:
            start_filling(tx)
