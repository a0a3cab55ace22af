"""The CRM port on Salesforce: a ticket is a Case, its requester a Contact, its messages Case Comments.

Every write can be repeated (docs/salesforce.md, docs/decisions/0005-salesforce-comments.md), so a lost answer
needs no special care: the message is delivered again and finds what is there.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from supportmax.adapters.crm import salesforce_mapping as mapping
from supportmax.adapters.crm.salesforce_config import SalesforceConfig
from supportmax.domain.crm import CaseChange, CaseComment, CaseLink, CaseSnapshot
from supportmax.domain.errors import InvalidInput

if TYPE_CHECKING:
    from supportmax.adapters.crm.salesforce_http import SalesforceConnection

_LOG = logging.getLogger(__name__)
_COLLECTION_LIMIT = 200  # records in one sObject Collections request
_CASE_COLUMNS = (
    "Id, CaseNumber, ContactId, Status, IsClosed, Priority, SystemModstamp, SupportMax_Ticket_Id__c, "
    "SupportMax_Status__c, SupportMax_Priority__c"
)
_CASE_BY_TICKET = f"SELECT {_CASE_COLUMNS} FROM Case WHERE SupportMax_Ticket_Id__c = {{ticket}} LIMIT 1"
_CASES_SINCE = (
    f"SELECT {_CASE_COLUMNS} FROM Case WHERE SupportMax_Ticket_Id__c != null AND SystemModstamp > {{since}} "
    "ORDER BY SystemModstamp ASC, Id ASC"
)
_CONTACT = (
    "SELECT Id, SupportMax_Requester_Id__c FROM Contact "
    "WHERE SupportMax_Requester_Id__c = {key} OR Email = {email} ORDER BY CreatedDate ASC, Id ASC"
)
_COMMENTS = "SELECT Id, CommentBody FROM CaseComment WHERE ParentId = {case_id}"
# An alert of a duplicate rule would otherwise be an error to an API; a blocking rule still is.
_SAVE_DESPITE_ALERTS = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}


@dataclass(frozen=True, slots=True)
class _KnownCase:
    case_id: str
    contact_id: str | None
    change: CaseChange


class SalesforceCRM:
    """Implements the `CRM` port. One instance keeps one session; not for use by several threads at once.

    Raises `TransientFailure` when a later attempt may succeed, and `PermanentFailure` with one line that says
    what to change when it cannot. Nothing is sent before the first call.
    """

    def __init__(self, config: SalesforceConfig) -> None:
        self._config = config
        self._opened: SalesforceConnection | None = None

    def push_case(self, case: CaseSnapshot) -> CaseLink:
        """Makes the Case, its Contact and its comments say what the snapshot says; returns their ids."""
        known = self._known_case(case.ticket_id)
        contact_id = (known and known.contact_id) or self._contact(case)
        case_id, created = self._upsert_case(case, known, contact_id)
        present = {} if created else self._comments(case_id)
        missing = [comment for comment in case.comments if comment.message_id not in present]
        present |= self._add_comments(case_id, missing)
        return CaseLink(
            case_id=case_id,
            contact_id=contact_id,
            url=f"{self._connection.instance_url}/{case_id}",
            comment_ids=MappingProxyType({c.message_id: present[c.message_id] for c in case.comments}),
        )

    def changed_cases(self, since: datetime, limit: int) -> list[CaseChange]:
        """Cases touched after `since` (with a time zone; whole seconds count), oldest first.

        Salesforce's times have whole seconds, so a second is never split: the list may exceed `limit` to
        finish it. Hence the last `changed_at` always works as the next `since`.
        """
        if since.tzinfo is None:
            raise InvalidInput("since needs a time zone")
        rows = self._connection.query("read the changed cases", _CASES_SINCE, since=since)
        return list(_whole_seconds(self._changes(rows), limit))

    @property
    def _connection(self) -> "SalesforceConnection":
        if self._opened is None:
            from supportmax.adapters.crm.salesforce_http import SalesforceConnection

            self._opened = SalesforceConnection(self._config)
        return self._opened

    def _known_case(self, ticket_id: UUID) -> _KnownCase | None:
        for row in self._connection.query("find the case", _CASE_BY_TICKET, ticket=str(ticket_id)):
            change = self._change(row)
            if change is not None:
                return _KnownCase(row["Id"], row["ContactId"], change)
        return None

    def _contact(self, case: CaseSnapshot) -> str | None:
        """A contact that people already keep is linked as it is; only a missing one is written."""
        email = mapping.usable_email(case.requester_email)
        if not email:
            return None
        key = mapping.requester_key(email)
        rows = list(self._connection.query("find the contact", _CONTACT, key=key, email=email))
        ours = [row["Id"] for row in rows if row[mapping.REQUESTER_FIELD] == key]
        if rows:
            return str((ours or [rows[0]["Id"]])[0])
        contact_id, _ = self._upsert(
            "save the contact",
            f"sobjects/Contact/{mapping.REQUESTER_FIELD}/{key}",
            mapping.contact_fields(case.requester_name, email),
            headers=_SAVE_DESPITE_ALERTS,
        )
        return contact_id

    def _upsert_case(self, case: CaseSnapshot, known: _KnownCase | None, contact_id: str | None) -> tuple[str, bool]:
        fields = mapping.ticket_fields(case) | self._states(case, known)
        if known is None:
            fields |= mapping.first_fields(case)
        if contact_id and (known is None or known.contact_id is None):
            fields["ContactId"] = contact_id
        path = f"sobjects/Case/{mapping.TICKET_FIELD}/{case.ticket_id}"
        return self._upsert("save the case", path, fields)

    def _states(self, case: CaseSnapshot, known: _KnownCase | None) -> dict[str, str]:
        """Status and priority, but not over a change made in Salesforce that no pull has brought yet."""
        status = mapping.status_fields(case.status, self._config.statuses)
        priority = mapping.priority_fields(case.priority, self._config.priorities)
        if known is None:
            return status | priority
        theirs, seen = known.change, case.crm_seen_until
        unread = seen is not None and theirs.changed_at > seen
        if unread and theirs.status_changed:
            status = {}
        if unread and theirs.priority_changed:
            priority = {}
        return _without_synonyms(status | priority, case, theirs)

    def _upsert(
        self, doing: str, path: str, fields: dict[str, Any], headers: dict[str, str] | None = None
    ) -> tuple[str, bool]:
        """PATCH by external id: the record's id, and whether it is new.

        201 is created and 200 updated, both with the id; before API version 46.0 an update is 204 without it.
        """
        saved = self._connection.call(doing, "PATCH", path, json=fields, headers=headers or {})
        if saved is None:
            saved = self._connection.call(doing, "GET", path, params={"fields": "Id"})
            return str(saved["Id"]), False
        return str(saved["id"]), bool(saved.get("created", True))

    def _comments(self, case_id: str) -> dict[UUID, str]:
        rows = self._connection.query("read the comments", _COMMENTS, case_id=case_id)
        marked = ((mapping.marked_message(row["CommentBody"]), row["Id"]) for row in rows)
        return {message_id: row_id for message_id, row_id in marked if message_id is not None}

    def _add_comments(self, case_id: str, comments: list[CaseComment]) -> dict[UUID, str]:
        added: dict[UUID, str] = {}
        for start in range(0, len(comments), _COLLECTION_LIMIT):
            batch = comments[start : start + _COLLECTION_LIMIT]
            ids = self._create([_comment_record(case_id, comment) for comment in batch])
            added |= dict(zip((comment.message_id for comment in batch), ids, strict=True))
        return added

    def _create(self, records: list[dict[str, Any]]) -> list[str]:
        from supportmax.adapters.crm.salesforce_http import record_errors

        doing = "add the comments"
        results = self._connection.call(
            doing, "POST", "composite/sobjects", json={"allOrNone": True, "records": records}
        )
        record_errors(doing, results)
        return [str(result["id"]) for result in results]

    def _changes(self, rows: Iterable[dict[str, Any]]) -> Iterator[CaseChange]:
        for row in rows:
            change = self._change(row)
            if change is not None:
                yield change

    def _change(self, row: dict[str, Any]) -> CaseChange | None:
        ticket_id = _uuid(row[mapping.TICKET_FIELD])
        if ticket_id is None:
            _LOG.warning("Case %s has an unusable %s; ignored", row["CaseNumber"], mapping.TICKET_FIELD)
            return None
        pushed_status, pushed_priority = row["SupportMax_Status__c"], row["SupportMax_Priority__c"]
        status = mapping.status_from(row["Status"], row["IsClosed"], pushed_status, self._config.statuses)
        priority = mapping.priority_from(row["Priority"], pushed_priority, self._config.priorities)
        return CaseChange(
            ticket_id=ticket_id,
            case_id=row["Id"],
            case_number=row["CaseNumber"],
            status=status,
            priority=priority,
            changed_at=datetime.fromisoformat(row["SystemModstamp"]),
            status_changed=status != pushed_status,
            priority_changed=priority != pushed_priority,
        )


def _without_synonyms(fields: dict[str, str], case: CaseSnapshot, theirs: CaseChange) -> dict[str, str]:
    """Keeps a value of the organisation's own ("Assigned", "Critical") that already means ours."""
    if theirs.status == case.status:
        fields.pop("Status", None)
    if theirs.priority == case.priority:
        fields.pop("Priority", None)
    return fields


def _comment_record(case_id: str, comment: CaseComment) -> dict[str, Any]:
    return {
        "attributes": {"type": "CaseComment"},
        "ParentId": case_id,
        "CommentBody": mapping.comment_body(comment),
        "IsPublished": comment.public,
    }


def _whole_seconds(changes: Iterable[CaseChange], limit: int) -> Iterator[CaseChange]:
    last: datetime | None = None
    for count, change in enumerate(changes):
        if count >= limit and change.changed_at != last:
            return
        last = change.changed_at
        yield change


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
