"""`supportmax embeddings …`: another embedding model, while the desk is in use."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from infra.cli.connection import ApiUrl, AsJson, Email, Password, as_agent
from infra.cli.one_line import clear_errors
from infra.cli.output import console, fail, print_json
from infra.cli.progress import bar

if TYPE_CHECKING:
    from infra.api_client import ApiClient

app = typer.Typer(no_args_is_help=True, help="The embedding model: fill an index for another one, switch, go back.")
Model = Annotated[str, typer.Argument(help="name or name@dimensions at the embeddings endpoint, or the local model.")]
PATH = "/v1/embeddings"
POLL_SECONDS = 1.0
STATES = {
    "building": "not complete",
    "ready": "complete: switch with `supportmax embeddings switch`",
    "previous": "the one before: go back with `supportmax embeddings rollback`",
}


@app.command(epilog="Example: supportmax embeddings status --json")
def status(as_json: AsJson = False, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """The model in use, and how far the second index is."""
    with clear_errors():
        found = as_agent(api_url, email, password).get(PATH)
    print_json(found) if as_json else _show(found)


@app.command(epilog="Example: supportmax embeddings prepare text-embedding-3-small --wait 3600")
def prepare(
    model: Model,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait until it is complete.")] = 0,
    as_json: AsJson = False,
    api_url: ApiUrl = "",
    email: Email = "",
    password: Password = "",
) -> None:
    """Fill a second index in the background; searches go on with the first. Again: go on where it stopped."""
    with clear_errors():
        api = as_agent(api_url, email, password)
        found = api.post(PATH, {"model": model})
        if wait:
            found = _await_filled(api, found, wait)
    print_json(found) if as_json else _show(found)


@app.command(epilog="Example: supportmax embeddings switch text-embedding-3-small")
def switch(model: Model, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """Search with the second index from now on; the first one stays, to go back to."""
    with clear_errors():
        _show(as_agent(api_url, email, password).post(f"{PATH}/switch", {"model": model}))


@app.command(epilog="Example: supportmax embeddings rollback")
def rollback(api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """Back to the model of before, at once."""
    with clear_errors():
        _show(as_agent(api_url, email, password).post(f"{PATH}/rollback", {}))


@app.command(epilog="Example: supportmax embeddings drop text-embedding-3-small")
def drop(model: Model, api_url: ApiUrl = "", email: Email = "", password: Password = "") -> None:
    """Remove the index that is not in use. There is no way back to it then."""
    with clear_errors():
        as_agent(api_url, email, password).delete(PATH, model=model)
    console.print(f"Dropped the index of {escape(model)}.")


def _await_filled(api: "ApiClient", found: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Until all is in it, or something stopped it, or time is over."""
    deadline = time.monotonic() + seconds
    with bar(_total(found), "filling") as shown:
        while found["spare"] and found["spare"]["state"] == "building":
            if trouble := found["spare"]["trouble"]:
                fail(f"filling stopped at {_done(found)} of {_total(found)}: {trouble}")
            if time.monotonic() > deadline:
                fail(f"{_done(found)} of {_total(found)} are done after {seconds:g} seconds; it goes on by itself")
            time.sleep(POLL_SECONDS)
            found = api.get(PATH)
            shown.at(_done(found))
    return found


def _total(found: dict[str, Any]) -> int:
    spare = found["spare"]
    return int(spare["articles"] + spare["examples"]) if spare else 0


def _done(found: dict[str, Any]) -> int:
    spare = found["spare"]
    return int(spare["articles_done"] + spare["examples_done"]) if spare else 0


def _show(found: dict[str, Any]) -> None:
    console.print(f"[bold]{escape(found['active'])}[/bold] is in use.", soft_wrap=True)
    spare = found["spare"]
    if spare is None:
        return
    console.print(f"[bold]{escape(spare['model'])}[/bold] is {STATES[spare['state']]}.", soft_wrap=True)
    for what in ("articles", "examples"):
        console.print(f"   {spare[f'{what}_done']} of {spare[what]} {what}")
    if spare["trouble"]:
        console.print(f"   [red]stopped:[/red] {escape(spare['trouble'])}", soft_wrap=True)
    elif not spare["calibrated"] and spare["state"] == "ready":
        console.print(
            "   It is not known how sure its answers are: the articles need 20 titles and example questions. Until "
            "then a desk that uses it hands over.",
            soft_wrap=True,
        )
