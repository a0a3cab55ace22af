"""`supportmax dev …`: the one-machine stack."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from infra.cli.output import console, fail, print_json, step

if TYPE_CHECKING:
    from infra.local.stack import Status

app = typer.Typer(no_args_is_help=True, help="The one-machine stack: start, stop, look at it.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog="Example: supportmax dev up && supportmax ask 'My card was swallowed, what now?'")
def up(
    detach: Annotated[bool, typer.Option("--detach", help="Accepted for habit: it always returns.")] = False,
) -> None:
    """Start everything, deploy what has changed, load the sample world; return when it serves."""
    from infra.local.errors import StackError
    from infra.local.stack import Stack

    try:
        status = Stack().up(step)
    except StackError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("interrupted; `supportmax dev up` goes on from here, `supportmax dev down` stops what runs", 130)
    show(status)
    console.print(TO_TRY, soft_wrap=True)


@app.command(epilog="Example: supportmax dev down")
def down() -> None:
    """Stop everything. Data stays in .supportmax/ for the next start."""
    from infra.local.errors import StackError
    from infra.local.stack import Stack

    try:
        stopped = Stack().down()
    except StackError as error:
        fail(str(error))
    console.print(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")


@app.command(epilog="Example: supportmax dev status --json | python3 -m json.tool")
def status(as_json: AsJson = False) -> None:
    """Show what runs and where. The exit code is 1 when the stack does not run."""
    from infra.local import stack

    found = stack.Stack().status()
    if as_json:
        print_json(stack.as_json(found))
    else:
        show(found)
    raise typer.Exit(0 if found.running else 1)


@app.command(epilog="Example: supportmax dev logs chat --lines 20")
def logs(
    name: Annotated[
        str, typer.Argument(help="A function (chat, email_ingest …) or a process (ministack, sam-deploy …).")
    ],
    lines: Annotated[int, typer.Option(min=1, help="How many of the last lines.")] = 50,
) -> None:
    """Print the last lines that a function or a process of the stack has logged."""
    from infra.local.errors import StackError
    from infra.local.logs import read_log

    try:
        for line in read_log(name, lines):
            console.print(line, markup=False, soft_wrap=True)
    except StackError as error:
        fail(str(error))


def show(status: "Status") -> None:
    rows = {
        "API": status.api_url,
        "API docs": status.docs_url,
        "agent login": f"{status.agent['email']}  {status.agent['password']}" if status.agent["email"] else "",
        "widget key": status.widget_key,
        "sent mail": status.mailbox_dir,
        "database": status.database_url,
        "AWS endpoint": status.aws_endpoint_url,
    }
    console.print(
        "[green]running[/green]" if status.running else f"[red]not running[/red]: {'; '.join(status.problems)}"
    )
    for name, value in rows.items():
        if value:
            console.print(f"  {name:<13} {escape(value)}", soft_wrap=True)


TO_TRY = """
Three things to try:
  .venv/bin/supportmax ask "My card was swallowed by the machine, what now?"
  .venv/bin/supportmax mail send events/emails/*.eml      then look into the folder of sent mail
  .venv/bin/supportmax kb search "exchange rate at the weekend"
"""
