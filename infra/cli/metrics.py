"""`supportmax metrics …`: the figures by quarter hours."""

from typing import Annotated

import typer

from infra.cli.connection import running_stack
from infra.cli.one_line import clear_errors
from infra.cli.operations import postgres
from infra.cli.output import console
from infra.cli.progress import progress
from supportmax.domain.clock import utcnow

app = typer.Typer(no_args_is_help=True, help="What the desk measures of itself.")


@app.command(epilog="Example: supportmax metrics rebuild")
def rebuild(
    database_url: Annotated[
        str,
        typer.Option(
            "--database-url",
            envvar="SUPPORTMAX_DATABASE_URL",
            help="The runtime role's URL.",
            show_default="the local stack's",
        ),
    ] = "",
) -> None:
    """Count everything again, from the log of what happened. Nothing stops; interrupted, it may be begun again."""
    from supportmax.adapters.postgres.database import Database
    from supportmax.adapters.postgres.store import PostgresStore
    from supportmax.services import roll_up_metrics

    with clear_errors():
        database = Database(postgres(database_url or running_stack("--database-url").database_url))
        store, now = PostgresStore(database), utcnow()
        workspaces = store.all_workspaces()
        work = [(each, chunk) for each in workspaces for chunk in roll_up_metrics.log_chunks(store, each, now)]
        for workspace_id, chunk in progress(work, "counting"):
            roll_up_metrics.rebuild(store, workspace_id, chunk)
        database.close()
    console.print(f"counted {len(work)} weeks of {len(workspaces)} workspaces again")
