"""Sets of questions for which vectors, words, or both are the better guide, and what search makes of each.

Each set has a knowledge base of its own. Two are real: customers' questions to the sample articles, and the FAQ of
../shared/data. Three are made, of articles that a model of meaning can hardly tell apart: they differ by an error code,
by the name of a product, or by the words on the screen. The rules of naming.py were made with these sets at hand: they
show that no leg is lost, not how well strangers' codes are found.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from bench import places
from bench.corpus import SEED, questions
from infra.evaluation.desk import EvaluationDesk, open_desk
from infra.evaluation.files import read_queries
from infra.evaluation.metrics import reciprocal_rank
from supportmax.domain.knowledge import ArticleDraft, Hit
from supportmax.services.answering.retrieve import CANDIDATES, rank
from supportmax.services.read_articles import read_articles

FAQ = places.ROOT.parent / "shared" / "data" / "retrieval"
_DEVICES = ("Aurora X200", "Aurora X300", "Borealis 7", "Caldera Mini", "Delta One")
_FAULTS = {
    "the heater did not reach its temperature": "Switch the device off for ten minutes and start it again.",
    "the lid is not closed": "Press the lid down until it clicks.",
    "the water tank is empty": "Fill the tank up to the line.",
    "the pump is blocked": "Clean the filter under warm water.",
}
_SERVICES = ("Zapplin", "Quorvo", "Mertix", "Halvorn", "Brightdesk", "Ostrava Pay", "Nimbly", "Kestrel CRM",
             "Tallyhub", "Ferrous", "Lumenbox", "Wexley", "Parcelo", "Ondine", "Stackwell", "Grendel")  # fmt: skip
_SUBJECTS = ("connection", "invoice", "import", "account")
_STATES = ("pending", "expired", "locked", "incomplete", "outdated", "rejected", "on hold", "archived")


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions with the ids of the articles that answer them."""

    name: str
    articles: Sequence[ArticleDraft]
    asked: Sequence[tuple[str, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Fusion:
    """MRR@10 of one set by each leg alone and by both; `nearest`: by the nearest chunk, as a vector store ranks."""

    name: str
    n: int
    nearest: float
    vectors: float
    words: float
    hybrid: float


def sets(limit: int) -> list[QuestionSet]:
    """All sets, at most `limit` questions each; the FAQ only where its files are."""
    made = [customers(), codes(), names(), screens(), *([faq()] if FAQ.exists() else [])]
    return [QuestionSet(each.name, each.articles, _some(each.asked, limit)) for each in made]


def measure(each: QuestionSet) -> Fusion:
    """On a desk of its own."""
    with open_desk() as desk:
        desk.teach(each.articles)
        found = [(_found(desk, text), relevant) for text, relevant in each.asked]
    legs = [
        sum(reciprocal_rank(ids[leg], set(relevant), 10) for ids, relevant in found) / len(found) for leg in range(4)
    ]
    return Fusion(each.name, len(found), *legs)


def _found(desk: EvaluationDesk, text: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """The articles by their nearest chunk, by vectors alone, by words alone, and by both."""
    vector, model = desk.embedder.embed([text])[0], desk.embedder.model
    with desk.store.begin(desk.workspace_id) as tx:
        near, both = (tx.chunks.search(vector, words, model, CANDIDATES) for words in ("", text))
    worded = sorted((hit for hit in both if hit.word_rank), key=lambda hit: -hit.word_rank)
    by_words = list(dict.fromkeys(hit.external_id for hit in worded))
    by_chunk = list(dict.fromkeys(hit.external_id for hit in near))
    return by_chunk, _ranked(near, ""), by_words, _ranked(both, text)


def _ranked(hits: Sequence[Hit], text: str) -> list[str]:
    return [article.best.external_id for article in rank(hits, text)]


def _some(asked: Sequence[tuple[str, frozenset[str]]], limit: int) -> list[tuple[str, frozenset[str]]]:
    return random.Random(SEED).sample(list(asked), min(limit, len(asked)))


def customers() -> QuestionSet:
    """Real questions, put in customers' own words, to the sample articles of the same topic."""
    articles = read_articles(places.ARTICLES)
    of_topic = {
        topic: frozenset(a.external_id for a in articles if topic in a.topics) for a in articles for topic in a.topics
    }
    asked = [(each.text, of_topic[each.topic]) for each in questions(100_000) if each.topic in of_topic]
    return QuestionSet("customers' own words", articles, asked)


def faq() -> QuestionSet:
    """The FAQ about a disease, and people's paraphrases of its questions."""
    asked = [(q.text, frozenset(q.relevant)) for q in read_queries(FAQ / "covid_faq_queries_dev.jsonl", "query")]
    return QuestionSet("FAQ, paraphrased", read_articles(FAQ / "covid_faq_kb.jsonl"), asked)


def codes() -> QuestionSet:
    """Faults of devices: the same few texts for many codes, each code in one article."""
    shapes: Sequence[Callable[[int], str]] = (
        lambda n: f"ERR_{n % 90 + 10}{n // 90}", lambda n: f"E{1200 + n}", lambda n: f"{n % 7 + 1}-{40_000 + 17 * n}",
    )  # fmt: skip
    articles, asked = [], []
    for number, (device, fault) in enumerate(product(_DEVICES * 3, _FAULTS)):
        code, key = shapes[number % 3](number), f"fault-{number}"
        body = f"The {device} shows {code} when {fault}. {_FAULTS[fault]}"
        articles.append(ArticleDraft(external_id=key, title=f"{device}: {code}", body=body))
        right = frozenset([key])
        asked += [(f"What does {code} mean?", right), (f"my machine stopped with {code.lower()}, what now", right)]
        asked.append((f"I keep getting {code} on the display after I switch it on", right))
    return QuestionSet("error codes", articles, asked)


def names() -> QuestionSet:
    """The same instructions for many services, whose names stand in the text only and are written as people type."""
    articles, asked = [], []
    for number, service in enumerate(_SERVICES):
        for verb, doing in (("Connect", "connecting"), ("Remove", "removing")):
            key = f"{verb}-{service}"
            body = f"Open the settings and choose integrations. {verb} {service} there with the code that it shows you."
            title = f"{verb} a service, part {number + 1}"
            articles.append(ArticleDraft(external_id=key, title=title, body=body))
            right = frozenset([key])
            asked += [(f"How do I {verb.lower()} {service} to my desk?", right), (f"{doing} {service.lower()}", right)]
            asked.append((f"my colleague wants to {verb.lower()} {service.lower()}, where is that", right))
    return QuestionSet("names of products", articles, asked)


def screens() -> QuestionSet:
    """What a message on the screen means, quoted by who saw it, among articles about the same things."""
    articles, asked = [], []
    for subject, state in product(_SUBJECTS, _STATES):
        key, shown = f"{subject}-{state}", f"Your {subject} is {state}"
        body = f"This happens now and then and is not a mistake of yours. If the page says {shown!r}, write to us."
        articles.append(ArticleDraft(external_id=key, title=f"Messages about your {subject}", body=body))
        right = frozenset([key])
        asked += [(f'The page shows "{shown}", why?', right), (f"what can I do about “{shown.lower()}”", right)]
    return QuestionSet("quoted messages", articles, asked)


if __name__ == "__main__":
    for each in sets(400):
        print(measure(each))
