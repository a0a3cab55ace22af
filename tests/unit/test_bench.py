"""The benchmark's own arithmetic, its made knowledge bases and its report. (What it measures is not tested here.)"""

import json

import numpy as np
import pytest

from bench import report
from bench.chats import Chats, Waits
from bench.clock import Clock
from bench.corpus import Corpus, Piece, exact_neighbours, questions, resize, topics_of
from bench.cost import Cost, StandIn
from bench.fusion import Fusion
from bench.imports import Imports, functions
from bench.machine import Machine
from bench.retrieval import Retrieval, Series
from bench.run import Plan, Results
from bench.stats import Times, mean, milliseconds, percentile, ratio, recall
from bench.turn import Ranking, Turns
from supportmax.ports import CallLimits, Prompt

MACHINE = Machine("2026-01-01", "A processor", 2, 8, 0.5, "3.11.7", "PostgreSQL 18", {"numpy": "2"}, {"chromadb": "1"})
PARTS = {"embed": 1.0, "database": 2.0, "rest": 0.5}
FAST, SLOW = Times(9, 1.0, 2.0, 4.0), Times(9, 4.0, 6.0, 1_200.0)


@pytest.fixture
def base() -> Corpus:
    """Two articles with three pieces in all."""
    pieces = [
        Piece(0, "title", 0, "Lost card"),
        Piece(0, "body", 0, "Freeze the card"),
        Piece(1, "title", 0, "Fees"),
    ]
    vectors = np.eye(3, 8, dtype=np.float32)
    return Corpus.of(pieces, vectors, ["Lost card", "Fees"], [["lost_card"], ["fees"]])


@pytest.fixture
def results() -> Results:
    """A run with something in every part."""
    return Results(
        Plan(),
        postgres="PostgreSQL 18",
        imports=Imports({"chat": FAST}, SLOW),
        turns=[Turns(1_000, FAST, SLOW, SLOW, SLOW, 1.5, PARTS, {"answer": 9}, Ranking(0.9, 0.95), Ranking(0.8, 0.9))],
        retrievals=[Retrieval(1_000, Series(FAST, 1.0), Series(FAST, 0.99), Series(SLOW, 0.98))],
        fusions=[Fusion("codes", 9, 0.5, 0.6, 0.9, 1.0)],
        chats=Chats(50, 60.0, Waits(300, 80.0, 210.0, 290.0), Waits(500, 9.0, 12.0, 20.0), 400, 60, []),
        cost=Cost(20, 10, 1.5, 900.0, 100.0, {"gpt-4o-mini": 0.2}),
    )


def test_a_percentile_is_a_value_that_was_measured() -> None:
    measured = [5.0, 1.0, 2.0, 4.0, 3.0]
    assert [percentile(measured, p) for p in (0, 50, 80, 99)] == [1.0, 3.0, 4.0, 5.0]
    assert Times.of(measured) == Times(5, 1.0, 3.0, 5.0)


def test_no_measurement_has_no_summary() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 50)
    assert np.isnan(mean([]))


def test_recall_is_the_share_of_the_exact_ones() -> None:
    assert recall(["a", "c", "x"], ["a", "b", "c", "d"]) == 0.5


@pytest.mark.parametrize(
    ("ours", "peers", "words"),
    [(2.0, 6.0, "3.0x faster"), (6.0, 2.0, "3.0x slower"), (2.0, 2.0, "1.0x faster"), (0.0, 2.0, "-")],
)
def test_a_ratio_says_who_is_faster(ours: float, peers: float, words: str) -> None:
    assert ratio(ours, peers) == words


@pytest.mark.parametrize(("value", "words"), [(0.1234, "0.12 ms"), (12.34, "12.3 ms"), (1234.5, "1,234 ms")])
def test_times_have_no_more_digits_than_they_deserve(value: float, words: str) -> None:
    assert milliseconds(value) == words


def test_a_section_inside_another_counts_once() -> None:
    clock = Clock()
    with clock.section("database"), clock.section("embed"):
        pass
    assert set(clock.take()) == {"database"}
    assert clock.take() == {}


def test_a_small_knowledge_base_is_the_beginning_of_the_sample(base: Corpus) -> None:
    small = resize(base, 2)
    assert small.pieces == base.pieces[:2]
    assert (small.titles, small.topics) == (["Lost card"], [["lost_card"]])


def test_a_large_one_is_the_sample_and_variants_of_it(base: Corpus) -> None:
    large = resize(base, 8)
    assert large.pieces[:3] == base.pieces
    assert [piece.article for piece in large.pieces] == [0, 0, 1, 2, 2, 3, 4, 4]
    assert large.titles == ["Lost card", "Fees", "Lost card", "Fees", "Lost card"]
    assert len({piece.text for piece in large.pieces if piece.kind == "body"}) == 3
    np.testing.assert_allclose(np.linalg.norm(large.vectors, axis=1), 1, atol=1e-5)
    assert topics_of(large)["article-3"] == ["fees"]


def test_the_same_size_makes_the_same_knowledge_base(base: Corpus) -> None:
    first, second = resize(base, 8), resize(base, 8)
    assert first.pieces == second.pieces
    np.testing.assert_array_equal(first.vectors, second.vectors)


def test_exact_neighbours_are_nearest_first(base: Corpus) -> None:
    asked = np.array([[0.1, 0.2, 0.9, 0, 0, 0, 0, 0]], dtype=np.float32)
    assert exact_neighbours(base, asked, 2) == [[str(base.chunk_ids[2]), str(base.chunk_ids[1])]]


def test_the_stand_in_for_a_model_counts_what_it_is_asked_and_says() -> None:
    stand_in = StandIn()
    user = json.dumps({"passages": [{"id": "7", "text": "Freeze it. Order one! " * 4}]})
    completion = stand_in.complete(Prompt("answer", "s" * 400, user, {}), CallLimits(1, 1))
    sentences = completion.data["sentences"]
    assert [sentence["text"] for sentence in sentences] == ["Freeze it.", "Order one!"] * 2
    assert {source for sentence in sentences for source in sentence["sources"]} == {"7"}
    assert stand_in.usage == [completion.usage]
    assert completion.usage.input_tokens > 150
    assert 0 < completion.usage.output_tokens < 80


def test_the_questions_are_many_and_always_the_same() -> None:
    asked = questions(400)
    assert len({question.text for question in asked}) == 400
    assert asked == questions(400)


def test_every_function_is_measured() -> None:
    assert len(functions()) == 14


def test_the_page_compares_every_figure_with_its_peer(results: Results) -> None:
    page = report.markdown(results, MACHINE)
    assert "| chat | 2.00 ms | 1.00 ms | 3.0x faster |" in page
    assert "| 1,000: LangChain + Chroma + SQLAlchemy | 6.00 ms | 1,200 ms | 3.0x faster | 80.0% | 0.900 |" in page
    assert "| 1,000: SupportMax, vectors and words | 1.000 | 2.00 ms | 4.00 ms | 3.0x faster |" in page
    assert "| codes (9) | 0.500 | 0.600 | 0.900 | 1.000 |" in page
    assert "| gpt-4o-mini | $0.20 | 125 to 275x cheaper |" in page
    assert "| a message and its answer | 300 | 80.0 ms | 210 ms | 290 ms |" in page
    assert "Errors: 0 (every message was kept once and in order" in page
    assert "A processor, 2 cores" in page
    assert "make bench" in page


def test_a_part_that_was_left_out_has_no_table(results: Results) -> None:
    results.turns, results.retrievals, results.fusions, results.cost = [], [], [], None
    results.chats = None
    assert [table.title for table in report.tables(results)] == ["Import of a cold function"]


def test_the_numbers_are_json(results: Results) -> None:
    numbers = json.loads(report.numbers(results, MACHINE))
    assert numbers["turns"][0]["ours"] == {"n": 9, "minimum": 1.0, "p50": 2.0, "p99": 4.0}
    assert numbers["machine"]["cores"] == 2
