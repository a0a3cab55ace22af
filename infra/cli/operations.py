"""Operations: `migrate`, `optimise`, `outbox`, `dlq …`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from infra.cli.connection import AsJson, running_stack
from infra.cli.one_line import clear_errors
from infra.cli.output import console, print_json
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput

if TYPE_CHECKING:
    from infra.cli.dead_letters import DeadLetterQueues

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
OLDEST = 5

dlq = typer.Typer(no_args_is_help=True, help="Dead-letter queues: what failed for good, and another try for it.")
StackName = Annotated[
    str,
    typer.Option("--stack", help="A stack on AWS, with your AWS credentials.", show_default="the local stack"),
]


def migrate(
    database_url: Annotated[
        str,
        typer.Option(
            "--database-url",
            envvar="SUPPORTMAX_MIGRATION_DATABASE_URL",
            help="The owner's URL.",
            show_default="the local stack's",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Bring the database to the newest schema. Deployments do this by themselves."""
    from supportmax.adapters.postgres import migrations

    with clear_errors():
        url = postgres(database_url or running_stack("--database-url").migration_database_url)
        applied = migrations.apply(url, MIGRATIONS)
    if as_json:
        print_json({"applied": applied, "schema_version": migrations.SCHEMA_VERSION})
    else:
        done = f"applied {', '.join(applied)}" if applied else "nothing to do"
        console.print(f"{done}; the schema is {migrations.SCHEMA_VERSION}")


def optimise(
    database_url: Annotated[
        str,
        typer.Option(
            "--database-url",
            envvar="SUPPORTMAX_MIGRATION_DATABASE_URL",
            help="The owner's URL.",
            show_default="the local stack's",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Count what search goes by again, and give a large workspace among many an index of its own. Nothing stops."""
    from supportmax.adapters.postgres.optimise import optimise as optimised

    with clear_errors():
        url = postgres(database_url or running_stack("--database-url").migration_database_url)
        done = [asdict(each) for each in optimised(url)]
    if as_json:
        print_json([each | {"workspace_id": str(each["workspace_id"])} for each in done])
        return
    for each in done:
        line = "{workspace_id}  {model}: {chunks:,} chunks, {way}".format(**each)
        console.print(escape(line + (", index made" if each["made_index"] else "")))


def outbox(
    database_url: Annotated[
        str,
        typer.Option(
            "--database-url",
            envvar="SUPPORTMAX_DATABASE_URL",
            help="The runtime role's URL.",
            show_default="the local stack's",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show what waits to be published to the queues. More than a minute old: something is wrong."""
    from supportmax.adapters.postgres.database import Database
    from supportmax.adapters.postgres.outbox_report import outbox_report

    with clear_errors():
        database = Database(postgres(database_url or running_stack("--database-url").database_url))
        report = outbox_report(database, OLDEST)
        database.close()
    if as_json:
        print_json(report)
        return
    for workspace in report:
        _show_workspace(workspace)


def _show_workspace(workspace: dict[str, Any]) -> None:
    total = sum(row["waiting"] for row in workspace["waiting"])
    console.print(f"[bold]{escape(workspace['workspace'])}[/bold]: {total or 'nothing'} waiting")
    for row in workspace["waiting"]:
        age = (utcnow() - row["oldest"]).total_seconds()
        console.print(
            f"  {row['queue']:<11} {row['waiting']:>6}  oldest {age:,.0f} s, up to {row['most_attempts']} tries"
        )
    for row in workspace["oldest"]:
        console.print(f"  [dim]{row['id']}  {row['type']}  {row['occurred_at']:%Y-%m-%d %H:%M:%S} UTC[/dim]")


def postgres(url: str) -> str:
    """The URL itself. Raises InvalidInput for one that is not of Postgres."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise InvalidInput("--database-url must look like postgresql://user:password@host:5432/database")
    return url


@dlq.command("list", epilog="Example: supportmax dlq list --json")
def list_(as_json: AsJson = False, stack: StackName = "") -> None:
    """Show each dead-letter queue: how many messages, and up to ten of them. Nothing is removed."""
    with clear_errors():
        queues = _queues(stack)
        found: list[dict[str, Any]] = [
            {"queue": name, "count": queues.count(name), "messages": queues.peek(name)} for name in queues.names
        ]
    if as_json:
        print_json(found)
        return
    for queue in found:
        console.print(f"{queue['queue']:<15} {queue['count'] or '-'}")
        for message in queue["messages"]:
            what = f"{message['type'] or 'unknown'} {message['id'] or ''}"
            console.print(f"  {what}  {message['age_seconds']:,} s  {message['reason']}", markup=False, soft_wrap=True)


@dlq.command(epilog="Example: supportmax dlq redrive classify")
def redrive(
    queue: Annotated[str, typer.Argument(help="A queue, such as classify.", show_default=False)] = "",
    every: Annotated[bool, typer.Option("--all", help="All queues.")] = False,
    as_json: AsJson = False,
    stack: StackName = "",
) -> None:
    """Send a dead-letter queue's messages back to the queue they came from. Repair the cause first."""
    with clear_errors():
        if bool(queue) == every:
            raise InvalidInput("name one queue, or give --all")
        queues = _queues(stack)
        names = queues.names if every else [queues.name_of(queue)]
        moved = {name: queues.redrive(name) for name in names}
    if as_json:
        print_json(moved)
        return
    for name, count in moved.items():
        console.print(f"{name:<15} {count} sent back")


def _queues(stack: str) -> "DeadLetterQueues":
    from infra.cli.dead_letters import DeadLetterQueues

    if not stack:
        from infra.local.stack import Stack

        urls = running_stack("--stack").queues
        return DeadLetterQueues(Stack().emulator.client("sqs"), urls)
    import boto3

    sqs = boto3.client("sqs")
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=f"{stack}-")
    found = [url for page in pages for url in page.get("QueueUrls", [])]
    if not found:
        raise InvalidInput(f"no queues of a stack {stack!r} in this account and region")
    return DeadLetterQueues(sqs, {url.rsplit("/", 1)[-1].removeprefix(f"{stack}-"): url for url in found})
