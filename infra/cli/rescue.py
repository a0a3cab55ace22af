"""`rescue`: an administrator who cannot come in any more."""

from contextlib import closing
from typing import Annotated

import typer

from infra.cli.connection import AsJson, running_stack
from infra.cli.one_line import clear_errors
from infra.cli.output import console, print_json
from supportmax.domain.errors import InvalidInput


def rescue(
    email: Annotated[str, typer.Argument(help="The administrator's address.", show_default=False)],
    workspace: Annotated[str, typer.Option(help="Slug of the workspace.")] = "default",
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
    """Give an administrator a new password, without second factor and lockout. Their sessions end."""
    from supportmax.adapters.postgres.database import Database
    from supportmax.adapters.postgres.store import PostgresStore
    from supportmax.services.rescue_administrator import rescue_administrator

    with (
        clear_errors(),
        closing(Database(database_url or running_stack("--database-url").database_url)) as database,
    ):
        store = PostgresStore(database)
        found = store.find_workspace(slug=workspace)
        if found is None:
            raise InvalidInput(f"--workspace: there is no workspace {workspace!r}")
        password = rescue_administrator(store, found, email)
    if as_json:
        print_json({"email": email, "password": password})
    else:
        console.print(f"{email} signs in with this password now: {password}", markup=False, soft_wrap=True)
