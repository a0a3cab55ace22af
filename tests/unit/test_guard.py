"""What a customer wrote becomes plain text of bounded length."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.errors import InvalidInput, TooLarge
from supportmax.services.answering.guard import MAX_CHARACTERS, accept_message, visible_text


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    kinds = {unicodedata.category(character) for character in visible_text(text) if character not in "\n\t"}
    assert kinds.isdisjoint({"Cc", "Cf", "Co", "Cs"})


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert visible_text(visible_text(text)) == visible_text(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_what_can_be_seen_stays(text: str) -> None:
    assert visible_text(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("pass\u200bword", "password"),
        ("\u202etxt.exe", "txt.exe"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("\ufeffhello", "hello"),
        ("  line\n\n  next\t", "line\n\n  next"),
        ("\U000e0041\U000e0042hidden tags", "hidden tags"),
    ],
)
def test_what_is_taken_out(text: str, seen: str) -> None:
    assert visible_text(text) == seen


@given(st.text())
def test_a_message_is_accepted_clean_or_refused(text: str) -> None:
    try:
        assert accept_message(text) == visible_text(text) != ""
    except InvalidInput:
        assert visible_text(text) == "" or len(text) > MAX_CHARACTERS


def test_the_limit_itself_is_allowed() -> None:
    assert len(accept_message("x" * MAX_CHARACTERS)) == MAX_CHARACTERS
    with pytest.raises(TooLarge):
        accept_message("x" * (MAX_CHARACTERS + 1))
