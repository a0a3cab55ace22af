"""The sample articles, split and embedded as the index function does it."""

from dataclasses import asdict

import numpy as np

from bench import places
from bench.corpus import Corpus, Piece
from supportmax.domain.clock import utcnow
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import Article, ArticleDraft
from supportmax.ports import Embedder
from supportmax.services.index_article import meanings, split
from supportmax.services.read_articles import read_articles


def sample(embedder: Embedder) -> Corpus:
    """All sample articles in order of their files."""
    drafts = read_articles(places.ARTICLES)
    articles = [split(_stored(draft)) for draft in drafts]
    pieces = [
        Piece(number, kind, ordinal, text) for number, article in enumerate(articles) for kind, ordinal, text in article
    ]
    texts = [text for article in articles for text in meanings(article)]
    vectors = np.array(embedder.embed(texts), dtype=np.float32)
    return Corpus.of(pieces, vectors, [d.title for d in drafts], [d.topics for d in drafts])


def _stored(draft: ArticleDraft) -> Article:
    now = utcnow()
    return Article(
        id=new_id(),
        **asdict(draft),
        content_hash=draft.content_hash(),
        indexed_with=[],
        index_error=None,
        version=1,
        created_at=now,
        updated_at=now,
    )
