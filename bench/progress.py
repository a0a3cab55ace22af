"""Progress on the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Steps(Protocol):
    """Counts steps that are done."""

    def advance(self) -> None: ...


class _Bar:
    def __init__(self, progress: Progress, title: str, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=total)

    def advance(self) -> None:
        self._progress.advance(self._task)


@contextmanager
def stages(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    """A spinner that is told what is done next; one line stays with the time that all of it took."""
    columns = [SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TimeElapsedColumn()]
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=1)
        yield lambda stage: progress.update(task, description=f"{title}: {stage}")
        progress.update(task, description=title, completed=1)


@contextmanager
def steps(console: Console, title: str, total: int | None = None) -> Iterator[Steps]:
    """A bar while the block runs; without `total` a spinner. One line stays with the time it took."""
    columns = [SpinnerColumn(finished_text="✓"), TextColumn("{task.description}")]
    counted = [BarColumn(bar_width=30), MofNCompleteColumn()] if total else []
    with Progress(*columns, *counted, TimeElapsedColumn(), console=console) as progress:
        bar = _Bar(progress, title, total or 1)
        yield bar
        if not total:
            bar.advance()
