"""The outbox leaves: right after the commit, and what could not, or died before, in a sweep every minute."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import TransientFailure
from supportmax.domain.events import Envelope
from supportmax.ports import QueueSender, Store

# A claim older than this belongs to a publisher that died. A message sent twice is processed once (inbox).
CLAIM = timedelta(seconds=30)
BATCH = 100


def publish(store: Store, queues: QueueSender, workspace_id: UUID, envelopes: Sequence[Envelope]) -> int:
    """Send committed messages; returns how many went out for good. What did not stays for the sweep.

    The work itself is done: no trouble here may make it look as if it had failed.
    """
    try:
        sent = queues.send(envelopes)
        with store.begin(workspace_id) as tx:
            tx.outbox.mark_published(sent)
    except TransientFailure:
        return 0
    return len(sent)


def sweep_outbox(store: Store, queues: QueueSender) -> int:
    """Publish, in every workspace, what nobody has published. Claims first, so no lock is held while sending."""
    total = 0
    for workspace_id in store.all_workspaces():
        while True:
            with store.begin(workspace_id) as tx:
                due = tx.outbox.claim_due(utcnow() - CLAIM, BATCH)
            sent = publish(store, queues, workspace_id, due) if due else 0
            total += sent
            if sent < BATCH:
                break
    return total
