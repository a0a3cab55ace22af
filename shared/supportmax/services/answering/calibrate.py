"""One confidence that means what it says: of a hundred answers given with confidence 0.9, ninety are right.

The articles' shares of the vote, how familiar the question is, and what labelled examples say become one score; a
fitted curve turns the score into a chance. docs/answers.md has the measurements.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path

from pydantic import TypeAdapter

from supportmax.domain.calibration import Calibration, Rules
from supportmax.domain.embedding import LOCAL_MODEL
from supportmax.domain.knowledge import Vector
from supportmax.domain.triage import Neighbour
from supportmax.ports import Pending, Transaction
from supportmax.services import vote
from supportmax.services.answering.retrieve import CANDIDATES, RankedArticle, Retrieval, retrieve_later
from supportmax.services.local_fit import label_scores
from supportmax.services.triage.corpus import Corpora, Known
from supportmax.services.triage.neighbours import neighbours

SHIPPED = Path(__file__).with_name("calibration.json")
# A soft step for the cosine of the nearest text we know.
FAMILIAR_MIDDLE = 0.5
FAMILIAR_WIDTH = 0.08
EXAMPLES = 50
# A question that is itself an example, perhaps more than once, must not be judged by its own label when fitting.
COPIES = 5
LABEL_TEMPERATURE = 0.1
# Examples that are this much further from the question than what search found have nothing to add to it.
FURTHER = 0.05
# What an article keeps that one of the two witnesses does not know at all.
UNHEARD = 0.001
MAX_CHOICES = 3
MIN_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Weighed:
    """Articles, best first, with the shares on which search and examples agree, and how familiar the question is."""

    articles: tuple[RankedArticle, ...]
    familiarity: float
    with_examples: bool

    @property
    def score(self) -> float:
        """Of the best article, 0 to 1; not yet a chance."""
        return self.articles[0].share * self.familiarity if self.articles else 0.0

    @property
    def choices(self) -> tuple[RankedArticle, ...]:
        """The articles to choose from when asking back."""
        return tuple(article for article in self.articles[:MAX_CHOICES] if article.share >= MIN_SHARE)

    @property
    def choices_score(self) -> float:
        """Of all choices together."""
        return sum(article.share for article in self.choices) * self.familiarity


@dataclass(frozen=True, slots=True)
class Assessed:
    """A retrieval with its final order and confidence.

    `confidence`: the chance that the best article answers the question; `choices_confidence`: that one of `choices`
    does; `threshold`: how sure the workspace wants to be; `calibration`: the version by which all this was said.
    """

    found: Retrieval
    confidence: float
    choices: tuple[RankedArticle, ...]
    choices_confidence: float
    threshold: float
    with_examples: bool
    calibration: str


class Prepared:
    """What can be asked of the database before a message is embedded, so that it works meanwhile.

    `corpora`: the labelled examples that this process keeps in memory, if it does.
    """

    def __init__(self, tx: Transaction, model: str, texts: Sequence[str], corpora: Corpora | None = None) -> None:
        self._model = model
        self._examples = corpora.later(tx, model) if corpora else None
        self.search = tx.chunks.prepare(texts, model, CANDIDATES)
        self._rules = tx.calibrations.rules_later(model)
        self._known: Known | None = None

    @cached_property
    def rules(self) -> Rules:
        return self._rules()

    def nearest_later(self, tx: Transaction, vectors: Sequence[Vector]) -> list[Pending[list[Neighbour]]]:
        """Of each vector the labelled examples, by memory or by the database."""
        if self._examples:
            self._known, self._examples = self._examples(tx), None
        if self._known is None:
            return [tx.examples.nearest_later(vector, self._model, EXAMPLES) for vector in vectors]
        corpus = self._known.corpus
        return [partial(neighbours, corpus, vector, EXAMPLES) for vector in vectors]


def assess(tx: Transaction, prepared: Prepared, asked: Sequence[tuple[str, Vector]]) -> list[Assessed]:
    """Search for each text, ask the labelled examples, too, and say how sure we are. At most one round trip for all."""
    examples = prepared.nearest_later(tx, [vector for _, vector in asked])
    searches = [retrieve_later(tx, text, vector, prepared.search) for text, vector in asked]
    found = [(retrieval(), nearest()) for retrieval, nearest in zip(searches, examples, strict=True)]
    return [conclude(retrieval, weigh(retrieval.articles, nearest), prepared.rules) for retrieval, nearest in found]


def conclude(found: Retrieval, weighed: Weighed, rules: Rules) -> Assessed:
    """The chances by the calibration in force."""
    calibration = in_force(rules)
    fit = calibration.with_examples if weighed.with_examples else calibration.alone
    return Assessed(
        found=replace(found, articles=weighed.articles),
        confidence=fit.best.chance(weighed.score) if weighed.articles else 0.0,
        choices=weighed.choices,
        choices_confidence=fit.choices.chance(weighed.choices_score) if weighed.articles else 0.0,
        threshold=fit.threshold(rules.wanted_precision),
        with_examples=weighed.with_examples,
        calibration=calibration.version,
    )


def in_force(rules: Rules) -> Calibration:
    """The workspace's own, or the one that is shipped, which says nothing about another embedding model."""
    return rules.own or (shipped() if rules.model == LOCAL_MODEL else unknown(rules.model))


def weigh(articles: Sequence[RankedArticle], neighbours: Sequence[Neighbour]) -> Weighed:
    """The articles in the order in which search and the nearest labelled examples see them together.

    Without an example whose label is a topic of one of the articles, or where all examples are clearly further from the
    question than an article's own words, the search decides alone.
    """
    nearest = max((article.best.similarity for article in articles[:1]), default=0.0)
    topics = {topic for article in articles for topic in article.best.topics}
    about_them = any(neighbour.label in topics for neighbour in neighbours)
    if not about_them or neighbours[0].similarity < nearest - FURTHER:
        return Weighed(tuple(articles), _familiar(nearest), with_examples=False)
    labels = vote.shares(label_scores(neighbours).items(), LABEL_TEMPERATURE)
    return Weighed(_agreed(articles, labels), _familiar(max(nearest, neighbours[0].similarity)), with_examples=True)


def _familiar(similarity: float) -> float:
    return vote.familiarity(similarity, FAMILIAR_MIDDLE, FAMILIAR_WIDTH)


def _agreed(articles: Sequence[RankedArticle], labels: dict[str, float]) -> tuple[RankedArticle, ...]:
    """New shares: both witnesses have the same say, so an article needs both (a logarithmic opinion pool).

    A label that is no article's topic competes like an article that search did not find. An article without topics is
    one that the examples cannot speak about: there search counts twice.
    """
    said = [sum(labels.get(t, 0.0) for t in a.best.topics) if a.best.topics else a.share for a in articles]
    pooled = [_pool(article.share, by_examples) for article, by_examples in zip(articles, said, strict=True)]
    topics = {topic for article in articles for topic in article.best.topics}
    elsewhere = sum(_pool(0.0, share) for label, share in labels.items() if label not in topics)
    total = sum(pooled) + elsewhere
    agreed = [replace(article, share=share / total) for article, share in zip(articles, pooled, strict=True)]
    return tuple(sorted(agreed, key=lambda article: (-article.share, -article.score)))


def _pool(one: float, other: float) -> float:
    return math.sqrt((one + UNHEARD) * (other + UNHEARD))


@cache
def shipped() -> Calibration:
    """The calibration that comes with the product."""
    return read_calibration(json.loads(SHIPPED.read_text("utf-8")))


def unknown(model: str) -> Calibration:
    """For a model of which nobody knows what its cosines mean: no confidence is enough to answer."""
    curves = shipped()
    return Calibration(
        f"none for {model}", replace(curves.alone, reached=()), replace(curves.with_examples, reached=())
    )


def read_calibration(value: object) -> Calibration:
    """From parsed JSON. Raises pydantic's ValidationError."""
    return TypeAdapter(Calibration).validate_python(value)
