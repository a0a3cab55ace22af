"""Articles come in: one by one from an editor, or many from files. The same content again changes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from supportmax.domain.events import ArticleChanged
from supportmax.domain.knowledge import Article, ArticleDraft, ImportCounts
from supportmax.domain.visible_text import visible
from supportmax.ports import Store, Transaction


def save_article(
    tx: Transaction, draft: ArticleDraft, actor: str, article_id: UUID | None = None
) -> tuple[Article, str]:
    """Create or update one; a change is audited and goes to the index. The second is created, updated or unchanged.

    What a reader would not see is not kept: it could speak to a model behind the reader's back.
    """
    article, outcome = tx.articles.save(_visible(draft), article_id)
    if outcome != "unchanged":
        tx.audit.add(actor, f"article.{outcome}", "article", article.id, {"title": article.title})
        tx.outbox.add(ArticleChanged(article_id=article.id))
    return article, outcome


def _visible(draft: ArticleDraft) -> ArticleDraft:
    questions = [seen for question in draft.questions if (seen := visible(question).strip())]
    return replace(draft, title=visible(draft.title), body=visible(draft.body), questions=questions)


def import_articles(store: Store, workspace_id: UUID, drafts: Sequence[ArticleDraft], actor: str) -> ImportCounts:
    """All of them in one transaction."""
    with store.begin(workspace_id) as tx:
        outcomes = Counter(save_article(tx, draft, actor)[1] for draft in drafts)
    return ImportCounts(outcomes["created"], outcomes["updated"], outcomes["unchanged"])


def delete_article(tx: Transaction, article_id: UUID, actor: str) -> None:
    """Gone from answers with this transaction: its chunks go with it. Raises NotFound."""
    title = tx.articles.get(article_id).title
    tx.articles.delete(article_id)
    tx.audit.add(actor, "article.deleted", "article", article_id, {"title": title})
