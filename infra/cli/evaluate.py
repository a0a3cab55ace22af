"""`supportmax eval …`: measure triage, retrieval and answers on labelled files. Needs no running stack."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from infra.cli.connection import AsJson
from infra.cli.one_line import clear_errors
from infra.cli.output import console, print_json
from infra.cli.progress import progress
from supportmax.domain.clock import utcnow

if TYPE_CHECKING:
    from infra.evaluation.answers import Material
    from infra.evaluation.desk import EvaluationDesk

app = typer.Typer(
    no_args_is_help=True,
    help="Measure on labelled files, through the services that serve customers, on a database that is gone afterwards.",
)
Figures = dict[str, float | int | None]


def _file(option: str, text: str) -> typer.models.OptionInfo:
    return typer.Option(option, help=text, show_default=False)  # type: ignore[no-any-return]


@app.command(epilog="Example: supportmax eval triage --train train.csv --test test.csv --json")
def triage(
    train: Annotated[Path, _file("--train", "CSV text,label: the examples to learn.")],
    test: Annotated[Path, _file("--test", "CSV text,label: the texts to judge; label oos = out of scope.")],
    as_json: AsJson = False,
) -> None:
    """How well examples classify other texts, and notice those that belong nowhere."""
    from infra.evaluation.files import read_examples
    from infra.evaluation.triage import evaluate_triage

    with clear_errors():
        examples, texts = read_examples(train), read_examples(test)
        with _desk() as desk:
            figures = evaluate_triage(desk, examples, texts, progress)
    _print(figures, as_json)


@app.command(epilog="Example: supportmax eval retrieval --kb kb.jsonl --queries queries.jsonl --json")
def retrieval(
    kb: Annotated[Path, _file("--kb", "The articles: anything that `kb import` takes.")],
    queries: Annotated[Path, _file("--queries", 'JSON Lines {"query": …, "relevant": [id, …]}.')],
    as_json: AsJson = False,
) -> None:
    """Whether a search finds the right article, and how far up."""
    from infra.evaluation.files import read_queries
    from infra.evaluation.retrieval import evaluate_retrieval
    from supportmax.services.read_articles import read_articles

    with clear_errors():
        articles, asked = read_articles(kb), read_queries(queries, "query", answerable=True)
        with _desk() as desk:
            figures = evaluate_retrieval(desk, articles, asked, progress)
    _print(figures, as_json)


_KB = _file("--kb", "The articles: anything that `kb import` takes.")
_QUESTIONS = _file(
    "--questions",
    'JSON Lines {"question": …, "relevant": [article id or topic, …]}, empty: none; or CSV text,label (oos: none).',
)
_EXAMPLES = _file("--examples", "CSV text,label: labelled examples whose labels are topics of articles.")


@app.command(epilog="Example: supportmax eval answers --kb infra/sample/kb --questions questions.jsonl --json")
def answers(
    kb: Annotated[Path, _KB],
    questions: Annotated[list[Path], _QUESTIONS],
    examples: Annotated[Path | None, _EXAMPLES] = None,
    plot: Annotated[Path | None, _file("--plot", "Write the reliability diagram to this picture.")] = None,
    precision: Annotated[
        float, typer.Option("--precision", min=0.5, max=0.999, help="The share of all answers that should be right.")
    ] = 0.95,
    as_json: AsJson = False,
) -> None:
    """How many questions are answered without a human, and how many of those answers are right."""
    from infra.evaluation.answers import evaluate_answers
    from infra.evaluation.diagram import check_picture, draw_reliability

    with clear_errors():
        if plot:
            check_picture(plot)
        material = _material(kb, questions, examples)
        with _desk() as desk:
            desk.ask_for(precision)
            figures, asked = evaluate_answers(desk, material, progress)
        if plot:
            draw_reliability(
                [one.confident for one in asked if one.confident], plot, f"Confidence of answers from {kb.name}"
            )
    _print(figures, as_json)


@app.command(
    epilog="Example: supportmax eval calibrate --kb infra/sample/kb --questions train.csv --examples train.csv "
    "--output calibration.json"
)
def calibrate(
    kb: Annotated[Path, _KB],
    questions: Annotated[list[Path], _QUESTIONS],
    output: Annotated[Path, _file("--output", "Where to write the parameters.")],
    examples: Annotated[Path | None, _EXAMPLES] = None,
    version: Annotated[str, typer.Option("--version", help="Name of this calibration.")] = "",
) -> None:
    """Fit confidence to questions whose answers are known. One that is among the examples is judged by the others."""
    from infra.evaluation.calibration import calibrate as fitted
    from infra.evaluation.calibration import write_calibration
    from supportmax.services.fit_calibration import check_enough

    with clear_errors():
        material = _material(kb, questions, examples)
        check_enough(len(material.questions))
        with _desk() as desk:
            write_calibration(fitted(desk, material, version or f"{utcnow():%Y-%m-%d}", progress), output)
    console.print(f"wrote {output}")


def _material(kb: Path, questions: list[Path], examples: Path | None) -> "Material":
    from infra.evaluation.answers import Material
    from infra.evaluation.files import read_examples, read_questions
    from supportmax.services.read_articles import read_articles

    articles = read_articles(kb)
    asked = [question for path in questions for question in read_questions(path)]
    return Material(articles, asked, read_examples(examples) if examples else ())


@contextmanager
def _desk() -> Iterator["EvaluationDesk"]:
    """A request to terminate takes the way of an error, so that the database server does not outlive us."""
    from infra.evaluation.desk import open_desk

    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with open_desk() as desk:
            yield desk
    finally:
        signal.signal(signal.SIGTERM, before)


def _print(figures: Figures, as_json: bool) -> None:
    rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}
    if as_json:
        print_json(rounded)
        return
    table = Table(show_header=False, box=None)
    for name, value in rounded.items():
        table.add_row(name, "-" if value is None else f"{value}")
    console.print(table)
