"""What leaves of a draft that is still being written."""

import json
from typing import Any

import pytest

from supportmax.services.answering.speak import Speaker

SENTENCES = [("One.", ["1"]), ('Two, with "quotes" and \\.', ["1"]), ("Three…", ["2"])]


def _draft(sentences: list[tuple[str, list[str]]] | None = None, action: str = "answer") -> str:
    written = [{"text": text, "sources": sources} for text, sources in sentences or SENTENCES]
    return json.dumps({"action": action, "sentences": written}, ensure_ascii=False)


def _heard(*drafts: str, step: int = 1) -> str:
    """Everything that is said while the drafts are written, `step` characters at a time."""
    said: list[str] = []
    speaker = Speaker(said.append, _checked)
    for draft in drafts:
        for end in range(step, len(draft) + step, step):
            speaker.hear(draft[:end])
    return "".join(said)


def _checked(sentence: Any) -> str | None:
    """Whole, and supported by passage 1 or 2."""
    supported = set(sentence["sources"]) <= {"1", "2"} and sentence["sources"]
    return str(sentence["text"]) if supported else None


@pytest.mark.parametrize("step", [1, 3, 17, 1_000])
def test_every_sentence_but_the_last_is_said_whole_and_once(step: int) -> None:
    assert _heard(_draft(), step=step) == 'One. Two, with "quotes" and \\.'


@pytest.mark.parametrize("around", ["<think>hm</think>", "```json\n", "Here you are: "])
def test_what_stands_before_the_object_does_not_matter(around: str) -> None:
    assert _heard(around + _draft()) == 'One. Two, with "quotes" and \\.'


def test_after_a_sentence_that_nothing_supports_there_is_silence() -> None:
    assert _heard(_draft([("One.", ["1"]), ("Invented.", ["9"]), ("Two.", ["1"]), ("Three.", ["1"])])) == "One."


@pytest.mark.parametrize("action", ["hand_over", "refund"])
def test_only_an_answer_is_said(action: str) -> None:
    assert _heard(_draft(action=action)) == ""


def test_an_action_that_comes_last_is_waited_for() -> None:
    draft = json.loads(_draft())
    late = json.dumps({"sentences": draft["sentences"], "action": "hand_over"})
    assert _heard(late) == ""


def test_a_second_draft_is_said_only_if_nothing_of_the_first_was() -> None:
    refused_at_once = _draft([("Invented.", []), ("One.", ["1"]), ("Two.", ["1"])])
    assert _heard(_draft(), _draft([("Other.", ["1"]), ("Words.", ["1"])])) == 'One. Two, with "quotes" and \\.'
    assert _heard("", _draft()) == 'One. Two, with "quotes" and \\.'
    assert _heard(refused_at_once) == ""


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"action": "answer"}', '{"action":"answer","sentences":7}']
)
def test_what_is_no_draft_says_nothing(text: str) -> None:
    assert _heard(text) == ""
