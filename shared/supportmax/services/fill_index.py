"""Fill an index with what it lacks, a batch a message: the next message leaves with the batch before it.

So it goes on where it was after any failure, and never works on more than one batch at a time. The schedule only starts
it again when something was missed. The last message measures how sure answers by the index are.
"""

import time
from uuid import UUID

from supportmax.domain.errors import PermanentFailure, TransientFailure
from supportmax.domain.events import Envelope, IndexFellBehind
from supportmax.ports import Embedder, Embedders, Store
from supportmax.services.calibrate_index import calibrate_index
from supportmax.services.index_article import index_with

CONSUMER = "fill-index"
ARTICLES = 100
EXAMPLES = 200
# Ten such messages, a whole delivery of the queue, are within the function's time.
SECONDS = 10.0
# An article that the model does not take is left out. Several of them are no article's fault.
LEFT_OUT = 3


def fill_index(embedders: Embedders, store: Store, envelope: Envelope) -> None:
    """Handle IndexFellBehind: the next batch of articles, or of examples when no article is missing."""
    event, workspace_id = envelope.event, envelope.workspace_id
    assert isinstance(event, IndexFellBehind)
    try:
        embedder = embedders.named(event.model)
        next_event = _fill_articles(embedder, store, workspace_id, event) or _fill_examples(
            embedder, store, workspace_id, event
        )
    except (PermanentFailure, TransientFailure) as failure:
        with store.begin(workspace_id) as tx:
            tx.embedding.trouble(failure.message)
        raise
    if next_event is None:
        calibrate_index(store, workspace_id, event.model)
    with store.begin(workspace_id) as tx:
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
    done, left_out = None, 0
    for done in missing:
        try:
            index_with(embedder, store, workspace_id, done)
        except PermanentFailure as failure:
            left_out += 1
            if left_out == min(LEFT_OUT, len(missing)):
                raise
            with store.begin(workspace_id) as tx:
                tx.embedding.trouble(f"article {done}: {failure.message}")
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
            ids = [id_ for id_, _ in missing]
            tx.embedding.put_examples(event.model, list(zip(ids, vectors, strict=True)))
    return event.model_copy(update={"after_example": missing[-1][0]})
