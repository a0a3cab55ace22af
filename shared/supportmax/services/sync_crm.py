"""Tickets that a human has go to the CRM as cases; a case's changed status comes back."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from supportmax.domain.conversation import Message
from supportmax.domain.crm import PULL_OVERLAP, CaseChange, CaseComment, CaseSnapshot
from supportmax.domain.errors import NotFound, TransientFailure
from supportmax.domain.events import Envelope, TicketChanged
from supportmax.domain.ticket_events import Cause
from supportmax.domain.tickets import Status, can_move, solving_time
from supportmax.ports import CRM, Store, Transaction

WATERMARK = "crm-cases"
PULL_LIMIT = 200
MAX_COMMENTS = 200


def push_ticket(crm: CRM, store: Store, envelope: Envelope) -> None:
    """Handle TicketChanged: push the ticket as it is now, if a human has had it. An upsert: it may happen twice."""
    event = envelope.event
    assert isinstance(event, TicketChanged)
    with store.begin(envelope.workspace_id) as tx:
        case = _snapshot(tx, event.ticket_id)
        if case is not None and not tx.crm_links.claim(event.ticket_id):
            raise TransientFailure("another push of this ticket is under way")
    if case is None:
        return
    link = crm.push_case(case)
    with store.begin(envelope.workspace_id) as tx:
        tx.crm_links.save(event.ticket_id, link)


def _snapshot(tx: Transaction, ticket_id: UUID) -> CaseSnapshot | None:
    """The whole ticket; None if it was deleted, or the machine alone has dealt with it."""
    try:
        ticket = tx.tickets.get(ticket_id)
    except NotFound:
        return None
    if not tx.escalations.of_ticket(ticket.id):
        return None
    requester = tx.users.get(ticket.requester_id) if ticket.requester_id else None
    messages = [m for m in tx.messages.of_ticket(ticket.id, None, MAX_COMMENTS) if m.author_kind != "system"]
    return CaseSnapshot(
        ticket_id=ticket.id,
        subject=ticket.subject,
        description=messages[0].body if messages else ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        category=ticket.category or "",
        requester_name=requester.name if requester else "",
        requester_email=(requester.email or "") if requester else "",
        comments=tuple(_comment(tx, message) for message in messages),
        crm_seen_until=tx.watermarks.get(WATERMARK),
    )


def _comment(tx: Transaction, message: Message) -> CaseComment:
    author = tx.users.get(message.author_id).name if message.author_id else message.author_kind.capitalize()
    return CaseComment(message.id, message.body, message.visibility == "public", message.created_at, author)


def pull_cases(crm: CRM, store: Store, workspace_id: UUID) -> int:
    """Bring changed cases home, page by page, moving the watermark; returns how many tickets changed."""
    with store.begin(workspace_id) as tx:
        since = (tx.watermarks.get(WATERMARK) or datetime(2000, 1, 1, tzinfo=UTC)) - PULL_OVERLAP
    applied = 0
    while changes := crm.changed_cases(since, PULL_LIMIT):
        since = changes[-1].changed_at
        with store.begin(workspace_id) as tx:
            applied += sum(_apply(tx, change) for change in changes)
            tx.watermarks.advance(WATERMARK, since)
    return applied


def _apply(tx: Transaction, change: CaseChange) -> bool:
    try:
        ticket = tx.tickets.lock(change.ticket_id)
    except NotFound:
        return False  # another workspace's case, or a deleted ticket
    changes = {}
    refused = change.status_changed and not can_move(ticket.status, cast(Status, change.status))
    if change.status_changed and change.status != ticket.status and not refused:
        changes["status"] = change.status
    if change.priority_changed and change.priority != ticket.priority:
        changes["priority"] = change.priority
    if changes:
        tx.tickets.update(ticket.id, changes | solving_time(changes), Cause("crm", reason="changed in the CRM"))
        tx.audit.add("salesforce", "ticket.updated", "ticket", ticket.id, changes)
    if changes or refused:
        # Pushing it back marks the change as known, so that seeing it again undoes nothing that came after it; and what
        # a ticket's status cannot become, the CRM's case does not stay.
        tx.outbox.add(TicketChanged(ticket_id=ticket.id))
    return bool(changes)
