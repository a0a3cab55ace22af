"""What the desk learns about its knowledge from how answers fared."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from supportmax.domain.improvement import ArticleUse, FailedTurn, Proposal, ProposalStatus, QuestionCounts


class Ratings(Protocol):
    def save(self, session_id: UUID, message_id: UUID, helpful: bool, comment: str | None) -> None:
        """What the customer thought of a reply; the last word counts. Raises NotFound if it is no reply of theirs."""


class AnswerHistory(Protocol):
    def failed(self, since: datetime, limit: int, of_one: int, no_search: str) -> list[FailedTurn]:
        """Questions left unsettled since then that no proposal rests on yet, newest first: `of_one` an asker at most.

        `no_search`: the reason of those handed over without having been looked up.
        """

    def uses(self, since: datetime) -> list[ArticleUse]:
        """Every published article, the most used first."""

    def counts(self, since: datetime) -> QuestionCounts: ...


class ProposalReader(Protocol):
    def get(self, proposal_id: UUID) -> Proposal:
        """Raises NotFound."""

    def lock(self, proposal_id: UUID) -> Proposal:
        """Like get, and nobody else decides it until this transaction ends."""

    def list(self, status: ProposalStatus | None, after: UUID | None, limit: int) -> list[Proposal]:
        """Newest first."""


class ProposalWriter(Protocol):
    def one_at_a_time(self) -> None:
        """Nobody else makes proposals in this workspace until the transaction ends."""

    def add(self, proposals: Sequence[Proposal]) -> None: ...
    def decide(self, proposal_id: UUID, status: ProposalStatus, user_id: UUID) -> Proposal: ...


class Proposals(ProposalReader, ProposalWriter, Protocol):
    """Proposed articles of the workspace."""
