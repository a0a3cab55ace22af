"""Errors of the command line: one clear line on standard error and an exit code, never a trace or a box."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from infra.cli.output import fail
from supportmax.domain.errors import SupportMaxError

USAGE = 2


class OneLineGroup(TyperGroup):
    """The root command: what Typer would print as a box about wrong arguments becomes one line."""

    def main(self, *args: Any, **extra: Any) -> Any:
        if not extra.pop("standalone_mode", True):
            return super().main(*args, **extra, standalone_mode=False)  # type: ignore[misc]
        try:
            code = super().main(*args, **extra, standalone_mode=False)  # type: ignore[misc]
        except Exception as error:
            # Typer's usage errors have this method.
            if not hasattr(error, "format_message"):
                raise
            sys.stderr.write(_line(error))
            sys.exit(getattr(error, "exit_code", USAGE))
        sys.exit(code if isinstance(code, int) else 0)


def _line(error: Any) -> str:
    context = getattr(error, "ctx", None)
    message = error.format_message().strip()
    if not message:  # no arguments at all is a wish for help, which was printed
        return ""
    help_on = f" (see `{context.command_path} --help`)" if context else ""
    return f"supportmax: {' '.join(message.split()).rstrip('.')}{help_on}\n"


@contextmanager
def clear_errors() -> Iterator[None]:
    """What we raise on purpose, and what a database, AWS or the disk refuses, ends the command with one line."""
    try:
        yield
    except KeyboardInterrupt:
        fail("interrupted", 130)
    except typer.Exit:
        raise
    except Exception as error:
        if not _expected(error):
            raise
        fail(" ".join(str(error).split()) or type(error).__name__)


def _expected(error: Exception) -> bool:
    """By name for the libraries that only some commands load: importing them here would slow down every command."""
    if isinstance(error, SupportMaxError | OSError | TimeoutError):
        return True
    names = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(error).__mro__}
    return bool(names & _LIBRARIES)


_LIBRARIES = {
    "botocore.BotoCoreError",
    "botocore.ClientError",
    "infra.ApiError",
    "infra.StackError",
    "psycopg.Error",
}
