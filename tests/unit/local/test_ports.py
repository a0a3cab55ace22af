"""Ports stay the same until somebody else has them."""

import socket
from collections.abc import Iterator

import pytest

from infra.local import ports
from infra.local.errors import StackError


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((ports.HOST, 0)) as server:
        yield server.getsockname()[1]


def test_a_remembered_port_is_used_again() -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        free = server.getsockname()[1]

    assert ports.choose("aws", free, set()) == free


def test_a_port_that_another_program_has_taken_is_left_to_it(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ports.PREFERRED, "aws", taken)

    assert ports.choose("aws", taken, set()) in range(taken + 1, taken + ports.TRIES)


def test_two_services_never_get_the_same_port(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ports.choose("smtp", None, set())

    assert ports.choose("smtp", None, {first}) != first


def test_when_all_are_taken_it_says_so_in_one_line(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ports.PREFERRED, "aws", taken)
    monkeypatch.setattr(ports, "TRIES", 1)

    with pytest.raises(StackError, match=f"ports {taken} to {taken} for aws are all taken"):
        ports.choose("aws", None, set())


def test_the_program_that_has_a_port_is_named(taken: int) -> None:
    assert "pid" in ports.holder(taken)
    assert ports.accepts(taken)
