"""What a workspace keeps only for so long is let go of: by age and status, a batch at a time."""

from datetime import datetime, timedelta
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.events import Envelope
from supportmax.domain.privacy import Footprint, Kept, RetentionRule
from supportmax.ports import Store, Transaction
from supportmax.services.erase_person import erase_rows, remember
from supportmax.services.privacy_jobs import Closet

BATCH = 100
# What is left comes with the next hour.
MOST_BATCHES = 20


def let_go(closet: Closet, store: Store, envelope: Envelope) -> None:
    """Handle RetentionDue."""
    with store.begin(envelope.workspace_id) as tx:
        rules = tx.retention.rules()
    for rule in rules:
        gone = 0
        for _ in range(MOST_BATCHES):
            batch = _let_go_of_some(closet, store, envelope, rule)
            gone += batch
            if batch < BATCH:
                break
        if gone:
            with store.begin(envelope.workspace_id) as tx:
                detail = {"what": rule.what, "status": rule.status, "days": rule.days, "count": gone}
                tx.audit.add("system", "privacy.retention", "workspace", envelope.workspace_id, detail)


def would_go(tx: Transaction, rules: list[RetentionRule]) -> list[int]:
    """How many of each rule would go now."""
    return [tx.retention.count(rule.what, rule.status, _before(rule)) for rule in rules]


def _let_go_of_some(closet: Closet, store: Store, envelope: Envelope, rule: RetentionRule) -> int:
    with store.begin(envelope.workspace_id) as tx:
        ids = tx.retention.too_old(rule.what, rule.status, _before(rule), BATCH)
        footprint = _footprint(tx, rule.what, ids)
        objects = remember(tx, closet, footprint)
    for found in objects:
        closet.delete(found)
    with store.begin(envelope.workspace_id) as tx:
        erase_rows(tx, footprint, objects)
    return len(ids)


def _footprint(tx: Transaction, what: Kept, ids: list[UUID]) -> Footprint:
    """With a ticket go the records of its mails, which hold the senders' addresses."""
    if what == "tickets":
        return Footprint(ticket_ids=ids, mail_ids=tx.retention.mails_of(ids))
    return Footprint(session_ids=ids) if what == "chats" else Footprint(mail_ids=ids)


def _before(rule: RetentionRule) -> datetime:
    return utcnow() - timedelta(days=rule.days)
