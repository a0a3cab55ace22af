"""`python -m bench`: measure, show, and write docs/benchmarks.md."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from bench import machine, report
from bench.places import ROOT
from bench.run import PARTS, Plan, run

Part = StrEnum("Part", PARTS)  # type: ignore[misc]


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes: does it work? Writes no files.")] = False,
    only: Annotated[Part | None, typer.Option(help="Only this part. Writes no files.")] = None,
) -> None:
    """Measure imports, chat turns and search against their usual peers, and write docs/benchmarks.md.

    Example: python -m bench --quick --only retrieval
    """
    console = Console()
    parts = [only.value] if only else PARTS
    results = run(Plan.quick(parts) if quick else Plan(parts), console)
    report.show(console, results)
    if quick or only:
        console.print("Nothing was written: only a whole run is.")
        return
    report.write(results, machine.describe(results.postgres))
    console.print(f"Written: {report.PAGE.relative_to(ROOT)} and {report.NUMBERS.relative_to(ROOT)}")


if __name__ == "__main__":
    typer.run(main)
