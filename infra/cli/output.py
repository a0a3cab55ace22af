"""How the command line speaks: one console, steps with their seconds, one clear line for an error."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """Plain JSON on standard output, whatever the terminal is."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def fail(message: str, code: int = 1) -> NoReturn:
    """One line on standard error, and the exit code."""
    errors.print(f"[red]supportmax:[/red] {escape(message)}", soft_wrap=True)
    raise typer.Exit(code)


class RunningStep:
    """Keeps the last remark of a step for its closing line."""

    def __init__(self) -> None:
        self.remark = ""

    def say(self, remark: str) -> None:
        self.remark = remark


@contextmanager
def step(name: str) -> Iterator[RunningStep]:
    """Shows a step while it runs, then one line with how long it took. A failure has no line: the error follows."""
    running, start = RunningStep(), time.monotonic()
    with console.status(f"{name} …"):
        yield running
    remark = f"  [dim]{escape(running.remark)}[/dim]" if running.remark else ""
    console.print(f"[green]✓[/green] {name:<14} {time.monotonic() - start:5.1f} s{remark}", soft_wrap=True)
