"""How well the rules read messages: on sets that were written before the rules met them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supportmax.services.answering.account import concerns_account
from supportmax.services.answering.decompose import questions_in
from supportmax.services.answering.intent import recognise

SETS = Path(__file__).parents[1] / "sets"


def _lines(name: str) -> list[str]:
    return (SETS / name).read_text("utf-8").splitlines()


def _marked(name: str) -> Iterator[tuple[str, bool]]:
    return ((line[2:], line.startswith("+ ")) for line in _lines(name))


def _is_angry(text: str) -> bool:
    known = recognise(text)
    return known is not None and known.intent == "angry"


def test_two_questions_are_told_apart() -> None:
    missed = [line for line in _lines("two_questions.txt") if len(questions_in(line.replace("|| ", ""))) != 2]
    assert len(missed) <= 0.1 * len(_lines("two_questions.txt")), missed


def test_one_question_stays_one() -> None:
    assert [line for line in _lines("one_question.txt") if questions_in(line)] == []


def test_the_words_of_a_question_stay_as_they_were() -> None:
    for line in _lines("two_questions.txt"):
        assert all(part in line.replace("|| ", "") for part in questions_in(line.replace("|| ", "")))


@pytest.mark.parametrize(("name", "rule"), [("account_questions.txt", concerns_account), ("moods.txt", _is_angry)])
def test_a_rule_is_right_nine_times_of_ten_on_either_side(name: str, rule: Callable[[str], bool]) -> None:
    marked = list(_marked(name))
    for side in (True, False):
        texts = [text for text, positive in marked if positive is side]
        wrong = [text for text in texts if rule(text) is not side]
        assert len(wrong) <= 0.1 * len(texts), wrong
