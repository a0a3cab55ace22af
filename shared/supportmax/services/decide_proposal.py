"""A human accepts a proposed article, perhaps with other words, or dismisses it."""

import re
from dataclasses import dataclass, replace
from uuid import UUID

from supportmax.domain.errors import Conflict, InvalidInput
from supportmax.domain.improvement import Proposal
from supportmax.domain.knowledge import Article, ArticleDraft
from supportmax.domain.people import User
from supportmax.ports import Transaction
from supportmax.services.import_articles import save_article


@dataclass(frozen=True, slots=True)
class Wording:
    """What the human changed of the draft; None leaves it."""

    title: str | None = None
    body: str | None = None
    questions: list[str] | None = None


def accept_proposal(tx: Transaction, proposal_id: UUID, wording: Wording, actor: User) -> Article:
    """The article as saved; it is indexed in the background, then its questions are answered.

    Raises NotFound, Conflict when it was decided already, InvalidInput when nobody wrote what to answer.
    """
    proposal = _worded(_undecided(tx, proposal_id), wording)
    if not proposal.body.strip():
        raise InvalidInput("body: nobody has answered these questions yet: write what the article should say")
    article, _ = save_article(tx, _draft(tx, proposal), str(actor.id), proposal.article_id)
    tx.proposals.decide(proposal.id, "accepted", actor.id)
    tx.audit.add(str(actor.id), "proposal.accepted", "article", article.id, {"proposal": str(proposal.id)})
    return article


def dismiss_proposal(tx: Transaction, proposal_id: UUID, actor: User) -> Proposal:
    """Its questions will not be proposed again. Raises NotFound, Conflict when it was decided already."""
    proposal = tx.proposals.decide(_undecided(tx, proposal_id).id, "dismissed", actor.id)
    tx.audit.add(str(actor.id), "proposal.dismissed", "proposal", proposal.id, {})
    return proposal


def _undecided(tx: Transaction, proposal_id: UUID) -> Proposal:
    proposal = tx.proposals.lock(proposal_id)
    if proposal.status != "open":
        raise Conflict(f"This proposal was {proposal.status} already.")
    return proposal


def _worded(proposal: Proposal, wording: Wording) -> Proposal:
    return replace(
        proposal,
        title=proposal.title if wording.title is None else wording.title,
        body=proposal.body if wording.body is None else wording.body,
        questions=proposal.questions if wording.questions is None else wording.questions,
    )


def _draft(tx: Transaction, proposal: Proposal) -> ArticleDraft:
    """An edit keeps what it does not touch."""
    if proposal.article_id is None:
        name = re.sub(r"[^a-z0-9]+", "-", proposal.title.lower()).strip("-")[:60]
        external_id = f"{name or 'article'}-{proposal.id.hex[-6:]}"
        return ArticleDraft(
            external_id=external_id, title=proposal.title, body=proposal.body, questions=proposal.questions
        )
    old = tx.articles.get(proposal.article_id)
    return ArticleDraft(
        external_id=old.external_id,
        title=proposal.title,
        body=proposal.body,
        questions=proposal.questions,
        topics=old.topics,
        language=old.language,
        status=old.status,
    )
