"""Everything about a person, across all tables."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from supportmax.domain.privacy import Footprint, Kept, Proof, RetentionRule, StoredObject, Whom
from supportmax.domain.tickets import Status


class Footprints(Protocol):
    def of(self, whom: Whom) -> Footprint:
        """Empty when nobody of that kind is known. Raises InvalidInput for somebody who works here."""

    def objects(self, footprint: Footprint) -> list[StoredObject]:
        """Raw mails, attachments, uploads, earlier exports."""

    def contents(self, footprint: Footprint) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """What each table holds, as JSON values; nothing secret, such as hashes of passwords."""

    def crm_cases(self, footprint: Footprint) -> list[str]:
        """Ids of cases in the CRM that show their tickets."""


class Erasures(Protocol):
    def remember(self, footprint: Footprint, secret: str) -> None:
        """Marks of what is about to go, so that nothing late or repeated brings it back."""

    def knows(self, marks: Sequence[bytes]) -> datetime | None:
        """When one of them was erased, the latest; None for none."""

    def erase(self, footprint: Footprint) -> dict[str, int]:
        """The rows; returns how many of each table went, not counting those that hang on them."""


class Proofs(Protocol):
    def prove(self, values: Sequence[str]) -> Proof:
        """Look for the values in every column of every table, replace them where they are free text, look again."""


class Retention(Protocol):
    def rules(self) -> list[RetentionRule]: ...
    def replace(self, rules: Sequence[RetentionRule]) -> None: ...
    def too_old(self, what: Kept, status: Status | None, before: datetime, limit: int) -> list[UUID]:
        """Oldest first."""

    def mails_of(self, ticket_ids: Sequence[UUID]) -> list[UUID]:
        """The inbound mails that became, or went into, these tickets."""

    def count(self, what: Kept, status: Status | None, before: datetime) -> int: ...


class PrivacyRepository(Footprints, Erasures, Proofs, Protocol):
    """People's footprints and their end."""
