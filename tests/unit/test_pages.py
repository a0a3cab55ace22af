"""Cursors and pages."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.errors import InvalidInput
from supportmax.runtime.http import cursor, page


def _fetch(rows: list[UUID], after: UUID | None, limit: int) -> list[UUID]:
    """As the database does: in order, those beyond `after`, one more than the page holds."""
    return [row for row in rows if after is None or row > after][: limit + 1]


@given(st.lists(st.uuids(), unique=True, max_size=30).map(sorted), st.integers(1, 10))
def test_the_pages_together_are_the_list(rows: list[UUID], limit: int) -> None:
    seen: list[UUID] = []
    after: str | None = None
    while True:
        shown, after = page(_fetch(rows, cursor(after), limit), limit, lambda row: row)
        assert len(shown) <= limit
        seen += shown
        if after is None:
            break
        assert len(shown) == limit
    assert seen == rows


@given(st.uuids())
def test_a_cursor_is_an_id(row: UUID) -> None:
    assert cursor(str(row)) == row


@pytest.mark.parametrize("text", ["", "x", "1", "\x00", "01890000-0000-7000-8000-00000000000"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="after"):
        cursor(text)
