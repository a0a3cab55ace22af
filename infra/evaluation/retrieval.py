"""`eval retrieval`: does a search find the right article, and how far up?"""

import time
from collections.abc import Sequence
from statistics import fmean, median

from infra.evaluation.desk import EvaluationDesk, Track, silent
from infra.evaluation.files import Query
from infra.evaluation.metrics import ndcg, reciprocal_rank
from supportmax.domain.knowledge import ArticleDraft
from supportmax.services.answering.guard import visible_text
from supportmax.services.answering.retrieve import retrieve


def evaluate_retrieval(
    desk: EvaluationDesk, articles: Sequence[ArticleDraft], queries: Sequence[Query], track: Track = silent
) -> dict[str, float | int | None]:
    """Teaches the articles and searches for each query, one by one. Each query needs a relevant id."""
    desk.teach(articles, track)
    timed = [(query, *_search(desk, query.text)) for query in track(queries, "searching")]
    found = [(ids, set(query.relevant)) for query, ids, _ in timed]
    return {
        "hit_at_1": fmean(bool(relevant & set(ids[:1])) for ids, relevant in found),
        "hit_at_5": fmean(bool(relevant & set(ids[:5])) for ids, relevant in found),
        "mrr_at_10": fmean(reciprocal_rank(ids, relevant, 10) for ids, relevant in found),
        "ndcg_at_10": fmean(ndcg(ids, relevant, 10) for ids, relevant in found),
        "p50_ms": median(ms for *_, ms in timed),
        "n": len(timed),
    }


def _search(desk: EvaluationDesk, text: str) -> tuple[list[str], float]:
    """The ids of the articles found, best first, and the milliseconds it took."""
    started = time.perf_counter()
    with desk.store.begin(desk.workspace_id) as tx:
        found = retrieve(tx, desk.embedder, visible_text(text))
    return [article.best.external_id for article in found.articles], (time.perf_counter() - started) * 1000
