"""Vectors for the tickets that have none: those from before there were any, and after a change of the model."""

import time
from uuid import UUID

from supportmax.domain.events import LearningDue
from supportmax.ports import Embedder, Store
from supportmax.services.conversation_of import conversation_of, text_of

BATCH = 50
# Within the time of the function, with room for what else its delivery holds.
SECONDS = 10.0


def embed_tickets(embedder: Embedder, store: Store, workspace_id: UUID) -> int:
    """Returns how many; if time is up before all have one, another message goes on."""
    ends_at, done = time.monotonic() + SECONDS, 0
    while count := _batch(embedder, store, workspace_id):
        done += count
        if time.monotonic() > ends_at:
            with store.begin(workspace_id) as tx:
                tx.outbox.add(LearningDue(task="embed-tickets"))
            break
    return done


def _batch(embedder: Embedder, store: Store, workspace_id: UUID) -> int:
    with store.begin(workspace_id) as tx:
        missing = tx.ticket_vectors.missing(embedder.model, BATCH)
        found = [conversation_of(tx, ticket_id) for ticket_id in missing]
    texts = [text_of(each.asked[0]) if each.asked else each.ticket.subject for each in found]
    vectors = embedder.embed(texts)
    with store.begin(workspace_id) as tx:
        for ticket_id, vector in zip(missing, vectors, strict=True):
            tx.ticket_vectors.save(ticket_id, embedder.model, vector)
    return len(missing)
