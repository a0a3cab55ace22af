"""The CRM port without any CRM: for tests of the services that push and pull."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from supportmax.domain.crm import CaseChange, CaseComment, CaseLink, CaseSnapshot


@dataclass
class StoredCase:
    """One case as the CRM shows it: its present words beside the ones pushed last."""

    case_id: str
    pushed: CaseSnapshot
    status: str
    priority: str
    changed_at: datetime
    comments: dict[UUID, CaseComment] = field(default_factory=dict)


class MemoryCRM:
    """Implements `CRM`; `cases` is its state, `failures` are raised by the next calls, one each."""

    def __init__(self) -> None:
        self.cases: dict[UUID, StoredCase] = {}
        self.failures: list[Exception] = []
        self.clock = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)

    def push_case(self, case: CaseSnapshot) -> CaseLink:
        self._fail()
        stored = self.cases.get(case.ticket_id)
        if stored is None:
            case_id = f"case-{len(self.cases) + 1}"
            stored = StoredCase(case_id, case, case.status, case.priority, self.clock)
            self.cases[case.ticket_id] = stored
        else:
            _update(stored, case)
        stored.changed_at = self.clock
        stored.comments |= {comment.message_id: comment for comment in case.comments}
        return _link(stored, case)

    def changed_cases(self, since: datetime, limit: int) -> list[CaseChange]:
        self._fail()
        changes = sorted(map(_change, self.cases.values()), key=lambda change: change.changed_at)
        found = [change for change in changes if change.changed_at > since]
        return [c for i, c in enumerate(found) if i < limit or c.changed_at == found[limit - 1].changed_at]

    def edit(self, ticket_id: UUID, status: str | None = None, priority: str | None = None) -> None:
        """What a person in the CRM changes."""
        stored = self.cases[ticket_id]
        stored.status, stored.priority = status or stored.status, priority or stored.priority
        stored.changed_at = self.clock

    def tick(self, seconds: int = 1) -> datetime:
        self.clock += timedelta(seconds=seconds)
        return self.clock

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


def _update(stored: StoredCase, case: CaseSnapshot) -> None:
    theirs = _change(stored)
    unread = case.crm_seen_until is not None and stored.changed_at > case.crm_seen_until
    kept = case
    if unread and theirs.status_changed:
        kept = replace(kept, status=stored.pushed.status)
    else:
        stored.status = case.status
    if unread and theirs.priority_changed:
        kept = replace(kept, priority=stored.pushed.priority)
    else:
        stored.priority = case.priority
    stored.pushed = kept


def _change(stored: StoredCase) -> CaseChange:
    return CaseChange(
        ticket_id=stored.pushed.ticket_id,
        case_id=stored.case_id,
        case_number=stored.case_id,
        status=stored.status,
        priority=stored.priority,
        changed_at=stored.changed_at,
        status_changed=stored.status != stored.pushed.status,
        priority_changed=stored.priority != stored.pushed.priority,
    )


def _link(stored: StoredCase, case: CaseSnapshot) -> CaseLink:
    contact_id = f"contact-{case.requester_email.lower()}" if case.requester_email else None
    ids = {comment.message_id: f"{stored.case_id}-{comment.message_id}" for comment in case.comments}
    url = f"memory://crm/{stored.case_id}"
    return CaseLink(stored.case_id, contact_id, url, MappingProxyType(ids))
