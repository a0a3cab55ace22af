"""`supportmax doctor`: is this machine, and is what was set up on it, fit to run the stack?"""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from infra.cli.output import console, print_json


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check the machine, the settings and the models they name; say what to do about each problem.

    Each language model is asked one tiny question, which a vendor may bill. Exit code 1 when something cannot work.
    """
    from infra.local import endpoints, machine

    with console.status("asking the models …"):
        found = [*machine.findings(), *endpoints.findings()]
    healthy = all(finding.ok for finding in found if finding.hard)
    if as_json:
        print_json({"ok": healthy, "checks": [asdict(finding) for finding in found]})
    else:
        for finding in found:
            mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]" if finding.hard else "[yellow]![/yellow]"
            console.print(f"{mark} {escape(finding.line())}", soft_wrap=True)
    raise typer.Exit(0 if healthy else 1)
