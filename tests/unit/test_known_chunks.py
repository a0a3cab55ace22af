"""When a process reads the chunks of a workspace into memory, and when it lets them go."""

import struct
from typing import Any
from uuid import UUID, uuid4

import pytest

from supportmax.adapters.postgres import known_chunks
from supportmax.adapters.postgres.known_chunks import KnownChunks

MODEL = "m"


def _rows(count: int) -> list[dict[str, Any]]:
    """As the query gives them."""
    article = uuid4()
    common = {"article_id": article, "external_id": "a", "title": "A", "topics": [], "kind": "body", "language": "en"}
    return [
        common
        | {"chunk_id": uuid4(), "ordinal": n, "text": f"{n}", "size": 1, "published": True}
        | {"vector": struct.pack(">2f", 1.0, n)}
        for n in range(count)
    ]


def _never() -> list[dict[str, Any]]:
    raise AssertionError("read again")


def test_a_version_is_read_when_it_is_asked_for_a_second_time_and_then_kept() -> None:
    known, key = KnownChunks(), (uuid4(), MODEL)
    assert known.at(key, 7, _never) is None
    snapshot = known.at(key, 7, lambda: _rows(3))
    assert snapshot is not None
    assert known.at(key, 7, _never) is snapshot
    assert known.at(key, 8, _never) is None
    assert len(known) == 0


def test_a_base_that_has_grown_is_left_to_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_chunks, "MOST_CHUNKS", 2)
    known, key = KnownChunks(), (uuid4(), MODEL)
    assert [known.at(key, 1, lambda: _rows(3)) for _ in range(2)] == [None, None]


def test_the_least_recently_used_leave_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_chunks, "MOST_IN_ALL", 5)
    known, keys = KnownChunks(), [(uuid4(), MODEL) for _ in range(3)]

    def ask(key: tuple[UUID, str]) -> None:
        for _ in range(2):
            known.at(key, 1, lambda: _rows(2))

    for key in (keys[0], keys[1], keys[0], keys[2]):
        ask(key)
    assert known.at(keys[0], 1, _never) is not None
    assert len(known) == 4
    with pytest.raises(AssertionError, match="read again"):
        known.at(keys[1], 1, _never)


def test_the_nearest_and_what_the_words_match_are_found_nearest_first() -> None:
    known, key, rows = KnownChunks(), (uuid4(), MODEL), _rows(40)
    far = str(rows[39]["chunk_id"])
    known.at(key, 1, _never)
    snapshot = known.at(key, 1, lambda: rows)
    assert snapshot is not None
    hits = snapshot.search([1.0, 0.0], {far: 0.5, str(uuid4()): 1.0}, 3)
    # Of a long article 21 passages, the three nearest among them, and the one that the words matched.
    assert [hit.ordinal for hit in hits] == [*range(21), 39]
    assert hits[0].similarity == pytest.approx(1.0)
    assert hits[-1].word_rank == 0.5
    assert not any(hit.whole for hit in hits)
