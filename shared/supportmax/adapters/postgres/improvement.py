"""Ratings, unsettled questions, and the articles proposed from them."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import NotFound
from supportmax.domain.ids import first_id_at, new_id
from supportmax.domain.improvement import ArticleUse, Evidence, FailedTurn, Proposal, ProposalStatus, QuestionCounts


class Ratings(Repository):
    file = "improvement"

    def save(self, session_id: UUID, message_id: UUID, helpful: bool, comment: str | None) -> None:
        values = {"session_id": session_id, "message_id": message_id, "helpful": helpful, "comment": comment}
        if not self.run("save_rating", id=new_id(), **values):
            raise NotFound("No such reply.")


class AnswerHistory(Repository):
    file = "improvement"

    def failed(self, since: datetime, limit: int, of_one: int, no_search: str) -> list[FailedTurn]:
        since_id = first_id_at(since)
        return self.many(
            FailedTurn, "failed", since=since, since_id=since_id, limit=limit, of_one=of_one, no_search=no_search
        )

    def uses(self, since: datetime) -> list[ArticleUse]:
        return self.many(ArticleUse, "uses", since=since)

    def counts(self, since: datetime) -> QuestionCounts:
        return self.one(QuestionCounts, "question_counts", since=since)


class Proposals(Repository):
    file = "improvement"

    def one_at_a_time(self) -> None:
        self.send("lock_proposing")

    def add(self, proposals: Sequence[Proposal]) -> None:
        for proposal in proposals:
            evidence = Jsonb([asdict(one) for one in proposal.evidence])
            self.send("add_proposal", **(columns(proposal) | {"evidence": evidence}))

    def get(self, proposal_id: UUID) -> Proposal:
        return _read(self.one(Proposal, "get_proposal", id=proposal_id))

    def lock(self, proposal_id: UUID) -> Proposal:
        return _read(self.one(Proposal, "lock_proposal", id=proposal_id))

    def list(self, status: ProposalStatus | None, after: UUID | None, limit: int) -> list[Proposal]:
        return [_read(row) for row in self.many(Proposal, "list_proposals", status=status, after=after, limit=limit)]

    def decide(self, proposal_id: UUID, status: ProposalStatus, user_id: UUID) -> Proposal:
        return _read(self.one(Proposal, "decide_proposal", id=proposal_id, status=status, user_id=user_id))


def _read(row: Proposal) -> Proposal:
    """The evidence comes as it lies in its JSON column."""
    return replace(row, evidence=[Evidence(**one) for one in row.evidence])  # type: ignore[arg-type]
