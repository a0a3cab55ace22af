"""From questions that were not settled to articles that would settle them, drafted for a human to accept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.embedding import LOCAL_MODEL
from supportmax.domain.ids import new_id
from supportmax.domain.improvement import Evidence, FailedTurn, Proposal
from supportmax.domain.knowledge import Article, Vector
from supportmax.domain.personal_data import redact
from supportmax.domain.tickets import subject_from
from supportmax.ports import Embedder, Embedders, Store, Transaction
from supportmax.services.answering.account import concerns_account
from supportmax.services.answering.compose import NO_SEARCH
from supportmax.services.answering.links import without_links
from supportmax.services.answering.retrieve import retrieve_by_vector
from supportmax.services.group_questions import group_questions
from supportmax.services.mail.agent_words import without_greeting, without_name

PERIOD = timedelta(days=30)
QUESTIONS = 500
# Nobody fills the list alone, and a list that nobody reads to its end helps nobody.
OF_ONE_ASKER = 10
PROPOSALS = 20
# One person's question may be a whim. Two people's, or one that an agent has answered, are worth a look.
ENOUGH = 2
# An article this near to the question is about the same thing and should say more, or be found better.
SAME_SUBJECT = 0.75
EXAMPLES = 10
LONGEST_EXAMPLE = 300
PARAGRAPHS = 3


@dataclass(frozen=True, slots=True)
class _Group:
    """Questions that ask the same, the most typical one first, and its vector."""

    turns: list[FailedTurn]
    vector: Vector


def propose_articles(embedders: Embedders, store: Store, workspace_id: UUID) -> list[Proposal]:
    """New proposals from what was not answered, or answered badly, in the last 30 days; each question counts once.

    One at a time in a workspace: whoever comes second waits, and finds the questions used. What is alike is always said
    by the local model, for which it was measured; articles are searched with the active one.
    """
    local = embedders.named(LOCAL_MODEL)
    with store.begin(workspace_id) as tx:
        tx.proposals.one_at_a_time()
        failed = tx.answer_history.failed(utcnow() - PERIOD, QUESTIONS, OF_ONE_ASKER, NO_SEARCH)
        general = [turn for turn in failed if not concerns_account(turn.question)]
        groups = sorted(filter(_worthwhile, _groups(local, general)), key=lambda group: -_askers(group))[:PROPOSALS]
        near = _nearest(tx, local, embedders.named(tx.embedding.active()), groups)
        proposals = [_draft(group, article) for group, article in zip(groups, near, strict=True)]
        tx.proposals.add(proposals)
    return proposals


def _groups(embedder: Embedder, failed: Sequence[FailedTurn]) -> list[_Group]:
    vectors = embedder.embed([turn.question for turn in failed])
    return [_Group([failed[i] for i in group], vectors[group[0]]) for group in group_questions(vectors)]


def _worthwhile(group: _Group) -> bool:
    return _askers(group) >= ENOUGH or any(turn.agent_reply and turn.looked_up for turn in group.turns)


def _askers(group: _Group) -> int:
    return len({turn.asker for turn in group.turns})


def _draft(group: _Group, article: Article | None) -> Proposal:
    asked = dict.fromkeys(_as_example(turn) for turn in group.turns)
    questions = [question for question in asked if question][:EXAMPLES] or ["A question"]
    replies = _replies(group)
    return Proposal(
        id=new_id(),
        kind="edit" if article else "article",
        article_id=article.id if article else None,
        title=article.title if article else subject_from(questions[0]),
        body="\n\n".join([article.body, *(r for r in replies if r not in article.body)] if article else replies),
        questions=list(dict.fromkeys([*(article.questions if article else []), *questions])),
        evidence=[_evidence(turn) for turn in group.turns],
        created_at=utcnow(),
    )


def _nearest(tx: Transaction, local: Embedder, active: Embedder, groups: Sequence[_Group]) -> list[Article | None]:
    """For each group the article that is about the same, if there is one."""
    questions = [group.turns[0].question for group in groups]
    found: list[Article | None] = []
    for group, question, vector in zip(groups, questions, active.embed(questions), strict=True):
        hits = retrieve_by_vector(tx, active.model, question, vector).articles[:1]
        same = [hit.best for hit in hits if _cosine(group.vector, local.embed([hit.best.text])[0]) >= SAME_SUBJECT]
        found.append(tx.articles.get(same[0].article_id) if same else None)
    return found


def _cosine(one: Vector, other: Vector) -> float:
    return sum(map(float.__mul__, one, other))


def _as_example(turn: FailedTurn) -> str:
    """The question on one line, without links and personal data; of a long mail its beginning."""
    return " ".join(_impersonal(without_links(turn.question), turn).split())[:LONGEST_EXAMPLE].rstrip()


def _impersonal(text: str, turn: FailedTurn) -> str:
    """Personal data first: a name inside a mail address is part of it."""
    return without_name(redact(text), turn.customer)


def _replies(group: _Group) -> list[str]:
    """What agents answered, in their words, without greeting, name and whatever is one customer's own.

    The most typical question's answer comes first.
    """
    said = [_impersonal(without_greeting(turn.agent_reply), turn) for turn in group.turns if turn.agent_reply]
    return list(dict.fromkeys(text for text in said if text))[:PARAGRAPHS]


def _evidence(turn: FailedTurn) -> Evidence:
    ticket = str(turn.ticket_id) if turn.ticket_id else None
    return Evidence(turn_id=str(turn.turn_id), ticket_id=ticket, question=turn.question, failure=turn.failure)
