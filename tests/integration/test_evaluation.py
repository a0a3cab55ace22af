"""The measuring itself, end to end on small files whose figures can be known before."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from infra.evaluation.answers import Material, evaluate_answers
from infra.evaluation.desk import EvaluationDesk
from infra.evaluation.files import Query
from infra.evaluation.retrieval import evaluate_retrieval
from infra.evaluation.triage import evaluate_triage
from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.events import Envelope
from supportmax.domain.knowledge import ArticleDraft
from supportmax.services.learn_examples import Example
from tests.desk import Desk
from tests.server import PostgresServer
from tests.unit.cli.run import run

ARTICLES = [
    ArticleDraft(
        external_id="pin",
        title="Changing your PIN",
        body="Open Cards, then PIN, then Change.",
        questions=["How do I change my PIN?", "I want another PIN", "Where can I choose a new PIN code?"],
        topics=["change_pin"],
    ),
    ArticleDraft(
        external_id="swallowed",
        title="The machine kept my card",
        body="Freeze the card in the app, then order a new one.",
        questions=["The cash machine swallowed my card", "An ATM ate my card", "My card is stuck in the machine"],
        topics=["card_swallowed"],
    ),
]
EXAMPLES = [
    Example("How do I change my PIN?", "change_pin"),
    Example("I want a new PIN code", "change_pin"),
    Example("The cash machine swallowed my card", "card_swallowed"),
    Example("An ATM kept my card", "card_swallowed"),
]
TEXTS = [
    Example("Can I change the PIN code?", "change_pin"),
    Example("the atm swallowed the card", "card_swallowed"),
    Example("What is the weather in Lisbon tomorrow?", "oos"),
    Example("Recommend me a film about whales", "oos"),
]

FILES = {
    "kb": "kb.json",
    "examples": "examples.csv",
    "questions": "questions.csv",
    "plot": "diagram.png",
}


def _csv(rows: Sequence[Example]) -> str:
    return "\n".join(["text,label", *(f'"{row.text}",{row.label}' for row in rows)])


@pytest.fixture
def measured(
    postgres: PostgresServer, database_name: str, desk: Desk, embedder: MiniLMEmbedder
) -> Iterator[EvaluationDesk]:
    database = Database(postgres.runtime_url(database_name))
    waiting: list[Envelope] = []
    store = PostgresStore(database, after_commit=lambda _, envelopes: waiting.extend(envelopes))
    yield EvaluationDesk(store, desk.workspace_id, embedder, waiting)
    database.close()


def test_triage(measured: EvaluationDesk) -> None:
    figures = evaluate_triage(measured, EXAMPLES, TEXTS)
    assert figures.pop("p50_ms") is not None
    assert figures == {
        "accuracy": 1.0,
        "macro_f1": 1.0,
        "coverage_at_p95": 1.0,
        "coverage_at_p99": 1.0,
        "oos_auroc": 1.0,
        "oos_fpr95": 0.0,
        "accuracy_with_oos": 0.5,
        "threshold": None,
        "head_share": None,
        "metric_helps": None,
        "fit_s": None,
        "n": 4,
    }


def test_triage_counts_what_is_wrong(measured: EvaluationDesk) -> None:
    wrong = [Example("Can I change the PIN code?", "card_swallowed"), TEXTS[1]]
    figures = evaluate_triage(measured, EXAMPLES, wrong)
    assert figures["accuracy"] == 0.5
    assert figures["oos_auroc"] is None


def test_examples_that_are_out_of_scope_are_examples_like_others(measured: EvaluationDesk) -> None:
    taught = [*EXAMPLES, Example("What is the weather like?", "oos"), Example("Tell me a film", "oos")]
    figures = evaluate_triage(measured, taught, TEXTS)
    assert (figures["accuracy"], figures["oos_auroc"]) == (1.0, 1.0)


def test_retrieval(measured: EvaluationDesk) -> None:
    queries = [
        Query("my card is stuck in the cash machine", frozenset(["swallowed"])),
        Query("choose another PIN", frozenset(["pin"])),
        Query("choose a new PIN code", frozenset(["swallowed"])),  # found second
    ]
    figures = evaluate_retrieval(measured, ARTICLES, queries)
    assert figures["hit_at_1"] == pytest.approx(2 / 3)
    assert figures["hit_at_5"] == 1
    assert figures["mrr_at_10"] == pytest.approx((1 + 1 + 0.5) / 3)
    assert figures["n"] == 3


def test_answers(measured: EvaluationDesk) -> None:
    questions = [
        Query("an atm ate my card!", frozenset(["card_swallowed"])),  # right by its topic
        Query("how can i change my pin", frozenset(["pin"])),  # right by its id
        Query("I want another PIN please", frozenset(["something_else"])),  # answered, and wrong
        Query("What is your CEO's shoe size?", frozenset()),
    ]
    figures, _ = evaluate_answers(measured, Material(ARTICLES, questions))
    assert figures["automation_rate"] == 1
    assert figures["precision"] == pytest.approx(2 / 3)
    assert figures["refused_unanswerable"] == 1
    assert figures["n"] == 4


def test_the_command_needs_no_stack_and_prints_json_only(tmp_path: Path) -> None:
    """On a database server of its own, which is gone afterwards."""
    for name, rows in {"train": EXAMPLES, "test": TEXTS}.items():
        (tmp_path / f"{name}.csv").write_text(_csv(rows))
    ran = run("eval", "triage", "--train", tmp_path / "train.csv", "--test", tmp_path / "test.csv", "--json")
    assert (ran.code, ran.err) == (0, "")
    figures = json.loads(ran.out)
    assert list(figures) == [
        *("accuracy", "macro_f1", "coverage_at_p95", "coverage_at_p99", "oos_auroc", "oos_fpr95"),
        *("accuracy_with_oos", "threshold", "head_share", "metric_helps", "fit_s", "p50_ms", "n"),
    ]
    assert figures["accuracy"] == 1


def test_answers_with_labelled_examples_come_with_a_diagram(tmp_path: Path) -> None:
    articles = [asdict(article) | {"id": article.external_id} for article in ARTICLES]
    (tmp_path / "kb.json").write_text(json.dumps(articles))
    (tmp_path / "examples.csv").write_text(_csv(EXAMPLES))
    (tmp_path / "questions.csv").write_text(_csv(TEXTS))
    files = [f"--{name}={tmp_path / file}" for name, file in FILES.items()]
    ran = run("eval", "answers", *files, "--json")
    assert (ran.code, ran.err) == (0, "")
    figures = json.loads(ran.out)
    assert (figures["automation_rate"], figures["precision"], figures["refused_unanswerable"]) == (1, 1, 1)
    assert 0 <= figures["ece"] <= 1
    assert (tmp_path / "diagram.png").read_bytes().startswith(b"\x89PNG")


def test_a_calibration_wants_enough_questions(tmp_path: Path) -> None:
    (tmp_path / "kb.json").write_text(json.dumps([asdict(article) for article in ARTICLES]))
    (tmp_path / "questions.csv").write_text(_csv(TEXTS))
    files = [f"--{name}={tmp_path / FILES[name]}" for name in ("kb", "questions")]
    ran = run("eval", "calibrate", *files, f"--output={tmp_path / 'calibration.json'}")
    refused = "supportmax: 4 questions are too few for a calibration: give at least 200"
    assert (ran.code, ran.err.strip()) == (1, refused)
    assert not (tmp_path / "calibration.json").exists()
