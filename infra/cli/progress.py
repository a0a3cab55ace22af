"""Progress of long work, on standard error and only where a person watches."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.progress import Progress, track

from infra.cli.output import errors

T = TypeVar("T")


def progress(items: Sequence[T], what: str) -> Iterable[T]:
    """Passes the items on and draws a bar while they are worked through."""
    return track(items, what, console=errors, transient=True, disable=not errors.is_terminal)


@contextmanager
def bar(total: int, what: str) -> Iterator["Bar"]:
    """A bar that is told how far the work is."""
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as shown:
        yield Bar(shown, total, what)


class Bar:
    """One bar of a known length."""

    def __init__(self, shown: Progress, total: int, what: str) -> None:
        self._shown = shown
        self._task = shown.add_task(what, total=total)

    def at(self, done: int) -> None:
        self._shown.update(self._task, completed=done)
