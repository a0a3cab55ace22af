"""`supportmax doctor`: is this machine, and is what was set up on it, fit to run the stack?"""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from infra.cli.output import console, print_json


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check the machine and the settings; say what to do about each problem. Exit code 1 when one stops the stack."""
    from infra.local.machine import findings

    found = findings()
    healthy = all(finding.ok for finding in found if finding.hard)
    if as_json:
        print_json({"ok": healthy, "checks": [asdict(finding) for finding in found]})
    else:
        for finding in found:
            mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]" if finding.hard else "[yellow]![/yellow]"
            console.print(f"{mark} {escape(finding.line())}", soft_wrap=True)
    raise typer.Exit(0 if healthy else 1)
