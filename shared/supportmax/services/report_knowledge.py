"""What the knowledge base covers, what of it nobody needs, and what has grown old."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from supportmax.domain.clock import utcnow
from supportmax.domain.improvement import ArticleUse, QuestionCounts
from supportmax.ports import Transaction

STALE_AFTER = timedelta(days=180)
# Below this many ratings a share says nothing.
ENOUGH_RATINGS = 3
BAD_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class KnowledgeReport:
    """`since` (UTC): what was counted from. The lists name published articles."""

    since: datetime
    counts: QuestionCounts
    most_used: list[ArticleUse]
    answers_nothing: list[ArticleUse]
    stale: list[ArticleUse]
    badly_rated: list[ArticleUse]

    @property
    def coverage(self) -> float | None:
        """The share of questions that an article answered and that did not come back; None without questions."""
        counts = self.counts
        settled = counts.answered - counts.unhelpful - counts.reopened
        return max(0, settled) / counts.questions if counts.questions else None


def report_knowledge(tx: Transaction, days: int, most: int = 20) -> KnowledgeReport:
    """Counts the last `days`; each list holds at most `most` articles, those that matter most first."""
    since = utcnow() - timedelta(days=days)
    uses = tx.answer_history.uses(since)
    old = utcnow() - STALE_AFTER
    return KnowledgeReport(
        since=since,
        counts=tx.answer_history.counts(since),
        most_used=[use for use in uses if use.answers][:most],
        answers_nothing=[use for use in uses if not use.answers and use.updated_at < since][:most],
        stale=sorted((use for use in uses if use.updated_at < old), key=lambda use: use.updated_at)[:most],
        badly_rated=sorted(filter(_badly_rated, uses), key=lambda use: -use.unhelpful)[:most],
    )


def _badly_rated(use: ArticleUse) -> bool:
    ratings = use.helpful + use.unhelpful
    return ratings >= ENOUGH_RATINGS and use.unhelpful > BAD_SHARE * ratings
