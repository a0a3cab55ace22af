"""Small values: ids, subjects, hashes, addresses, times."""

from dataclasses import replace
from datetime import UTC
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import NotFound, SupportMaxError, TooLarge
from supportmax.domain.ids import new_id, parse_id
from supportmax.domain.knowledge import ArticleDraft
from supportmax.domain.people import normal_email
from supportmax.domain.tickets import solving_time, subject_from

DRAFT = ArticleDraft(external_id="a", title="t", body="b", questions=["q"], topics=["x"])


def test_ids_are_version_7_and_in_order() -> None:
    ids = [new_id() for _ in range(1_000)]
    assert {found.version for found in ids} == {7}
    assert ids == sorted(ids)
    assert len(set(ids)) == 1_000


def test_an_id_is_read_or_not_found() -> None:
    known = new_id()
    assert parse_id(str(known), "ticket") == known
    with pytest.raises(NotFound, match="No such ticket: 'nonsense'"):
        parse_id("nonsense", "ticket")


@given(st.text())
def test_no_text_breaks_the_reading_of_an_id(text: str) -> None:
    try:
        assert isinstance(parse_id(text, "ticket"), UUID)
    except NotFound as error:
        assert len(error.message) < 500


def test_now_is_in_utc() -> None:
    assert utcnow().tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("  My\n card ", "My card"),
        ("", "(no subject)"),
        (" \n", "(no subject)"),
        ("word " * 40, "word " * 16 + "…"),
        ("x" * 200, "x" * 80 + " …"),
    ],
)
def test_a_subject_for_what_came_without_one(text: str, subject: str) -> None:
    assert subject_from(text) == subject


@given(st.text())
def test_a_made_up_subject_is_one_short_line(text: str) -> None:
    subject = subject_from(text)
    assert 1 <= len(subject) <= 82
    assert len(subject.splitlines()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"title": "T"},
        {"body": "B"},
        {"questions": ["q", "r"]},
        {"topics": []},
        {"language": "de"},
        {"status": "draft"},
        {"title": "tb", "body": ""},
    ],
)
def test_the_content_hash_sees_every_change(change: dict[str, Any]) -> None:
    assert replace(DRAFT, **change).content_hash() != DRAFT.content_hash()


def test_the_content_hash_sees_the_content_only() -> None:
    assert replace(DRAFT, external_id="b").content_hash() == DRAFT.content_hash()


@given(st.emails())
def test_addresses_are_compared_in_one_form(address: str) -> None:
    assert normal_email(f" {address.upper()} ") == normal_email(address.lower())


def test_solving_has_its_time() -> None:
    assert solving_time({"priority": "high"}) == {}
    assert solving_time({"status": "open"}) == {"solved_at": None}
    assert solving_time({"status": "solved"})["solved_at"] <= utcnow()


def test_an_error_without_words_says_what_it_is() -> None:
    assert NotFound().message == "NotFound"
    assert isinstance(TooLarge("x"), SupportMaxError)
