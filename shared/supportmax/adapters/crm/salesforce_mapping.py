"""A ticket in Salesforce's words, and back. Pure functions.

Salesforce's standard picklists are poorer than ours (pending and open are both "Working", urgent and high both
"High"). So a case also carries the words we pushed last, in fields of our own: while the picklist still says
what we pushed, our word stands; once it differs, somebody there changed it.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from supportmax.domain.crm import CaseComment, CaseSnapshot

TICKET_FIELD = "SupportMax_Ticket_Id__c"
REQUESTER_FIELD = "SupportMax_Requester_Id__c"

STATUS_VALUES: Mapping[str, str] = MappingProxyType(
    {"new": "New", "open": "Working", "pending": "Working", "solved": "Closed", "closed": "Closed"}
)
PRIORITY_VALUES: Mapping[str, str] = MappingProxyType(
    {"low": "Low", "normal": "Medium", "high": "High", "urgent": "High"}
)

COMMENT_BYTES = 4000
"""Most a CaseComment's body holds, in bytes of UTF-8."""

_DONE = ("solved", "closed")
_MARKER = re.compile(r"\[SupportMax ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\]\s*\Z")
_SHORTENED = "\n… (shortened; the full text is in SupportMax)"
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def ticket_fields(case: CaseSnapshot) -> dict[str, Any]:
    """What every push writes, except status and priority."""
    return {
        "Subject": clean(case.subject)[:255],
        "SupportMax_Category__c": clean(case.category)[:255],
    }


def first_fields(case: CaseSnapshot) -> dict[str, Any]:
    """What only the push that creates the case writes: people there may edit it afterwards."""
    fields: dict[str, Any] = {"Description": clean(case.description)[:32_000]}
    if case.requester_name.strip():
        fields["SuppliedName"] = clean(case.requester_name)[:80]
    email = usable_email(case.requester_email)
    if email:
        fields["SuppliedEmail"] = email
    return fields


def usable_email(address: str) -> str:
    """The address, or "" for one that Salesforce's e-mail fields refuse: the case must arrive nevertheless."""
    address = address.strip()
    return address if len(address) <= 80 and _EMAIL.fullmatch(address) else ""


def status_fields(status: str, values: Mapping[str, str]) -> dict[str, str]:
    """The picklist value, and our own word beside it."""
    return {"Status": values[status], "SupportMax_Status__c": status}


def priority_fields(priority: str, values: Mapping[str, str]) -> dict[str, str]:
    """The picklist value, and our own word beside it."""
    return {"Priority": values[priority], "SupportMax_Priority__c": priority}


def contact_fields(name: str, email: str) -> dict[str, str]:
    """A contact must have a last name: without any name it is the part of the address before the @."""
    first, _, last = clean(name).strip().rpartition(" ")
    fields = {"LastName": (last or email.partition("@")[0])[:80], "Email": email}
    if first.strip():
        fields["FirstName"] = first.strip()[:40]
    return fields


def requester_key(email: str) -> str:
    """External id of the contact we create for an address: stable, and safe inside a URL path."""
    return str(uuid5(NAMESPACE_URL, f"mailto:{email.lower()}"))


def status_from(value: str, is_closed: bool, pushed: str | None, values: Mapping[str, str]) -> str:
    """Our word for a case's status. A status of the organisation's own counts as open, or solved if closed."""
    if is_closed:
        return pushed if pushed in _DONE else "solved"
    return _word_for(value, pushed, values, "open")


def priority_from(value: str | None, pushed: str | None, values: Mapping[str, str]) -> str:
    """Our word for a case's priority; an unknown value counts as normal."""
    return _word_for(value, pushed, values, "normal")


def _word_for(value: str | None, pushed: str | None, values: Mapping[str, str], other: str) -> str:
    if pushed is not None and values.get(pushed) == value:
        return pushed
    return next((ours for ours, theirs in values.items() if theirs == value and ours not in _DONE), other)


def comment_body(comment: CaseComment) -> str:
    """Who, when, the text (shortened to fit 4,000 bytes) and a last line by which a later push finds it again."""
    written = comment.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    head = f"{clean(comment.author_name)[:100]}, {written}\n\n"
    tail = f"\n\n[SupportMax {comment.message_id}]"
    room = COMMENT_BYTES - len(f"{head}{tail}".encode())
    return head + _fit(clean(comment.body), room) + tail


def marked_message(body: str | None) -> UUID | None:
    """The message that a comment came from; None for one that was written in Salesforce."""
    found = _MARKER.search(body or "")
    return UUID(found[1]) if found else None


def clean(text: str) -> str:
    """Without the control characters that Salesforce does not store."""
    return _UNPRINTABLE.sub("", text)


def _fit(text: str, room: int) -> str:
    encoded = text.encode()
    if len(encoded) <= room:
        return text
    return encoded[: room - len(_SHORTENED.encode())].decode(errors="ignore") + _SHORTENED
