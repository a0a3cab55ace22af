"""What a customer wrote becomes plain text of bounded length."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.errors import InvalidInput, TooLarge
from supportmax.services.answering.guard import MAX_CHARACTERS, accept_message, visible_text

INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
# Format characters that are drawn, and those that join: the tests below say where.
DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
JOINERS = "\u200c\u200d\ufe0e\ufe0f"
# What of all scripts and symbols takes part in hiding text, and what it hides between.
TRICKS = st.text(
    st.sampled_from("a1#\u0645\u06cc\u0915\U0001f469\U0001f3fd\u2764\u200b\u202e\ufe00\U000e0041" + JOINERS)
)


@pytest.mark.parametrize("block", range(0, 0x110000, 0x10000))
def test_nothing_invisible_is_left(block: int) -> None:
    """Of all characters there are, each between two letters."""
    every = [chr(code) for code in range(block, block + 0x10000) if chr(code) not in "\n\t"]
    hidden = [c for c in every if unicodedata.category(c) in INVISIBLE and c not in DRAWN]
    left = visible_text("".join(f"a{c}" for c in hidden))
    assert set(left) <= {"a", "\n"}


@given(st.text() | TRICKS)
def test_joiners_stand_only_where_they_join(text: str) -> None:
    seen = visible_text(text)
    for place, character in enumerate(seen):
        if character in JOINERS:
            assert place > 0
            assert seen[place - 1] not in "a\u200c\u200d"
    assert {unicodedata.category(c) for c in seen if c not in "\n\t" + JOINERS and c not in DRAWN}.isdisjoint(INVISIBLE)


@given(st.text() | TRICKS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert visible_text(visible_text(text)) == visible_text(text)


BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol that are drawn as nothing


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters=BLANK), min_size=1))
def test_what_can_be_seen_stays(text: str) -> None:
    assert visible_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian: "I want"
        "\u0915\u094d\u200d\u0937",  # Devanagari: a half form
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",  # a family
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",  # with a skin tone
        "\u2764\ufe0f\u200d\U0001f525",
        "1\ufe0f\u20e3",
        "\u0600123",
    ],
)
def test_what_writing_and_emoji_need_stays(text: str) -> None:
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
        ("a\u200d\u200cb", "ab"),
        ("\U0001f469\u200d\ufe0f", "\U0001f469\ufe0f"),
        ("\U0001f600\ufe0f\ufe0f\U000e0100\U000e0164", "\U0001f600\ufe0f"),
        ("\u0645\u200c\u200c\u200d\u06cc", "\u0645\u200d\u06cc"),
        ("one\u2028two\x85three", "one\ntwo\nthree"),
        ("\u3164\u2800blank\u034f", "blank"),
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
