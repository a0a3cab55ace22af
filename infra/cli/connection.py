"""Where the desk is: the options of every command that talks to it, else the environment, else the running stack."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from supportmax.domain.errors import InvalidInput

if TYPE_CHECKING:
    from infra.api_client import ApiClient
    from infra.local.stack import Status

NOT_RUNNING = "no stack is running: start it with `make dev`"

ApiUrl = Annotated[
    str,
    typer.Option("--api-url", envvar="SUPPORTMAX_API_URL", help="The API's base URL.", show_default="the local stack"),
]
Email = Annotated[
    str, typer.Option("--email", envvar="SUPPORTMAX_AGENT_EMAIL", help="An agent's address.", show_default=False)
]
Password = Annotated[
    str, typer.Option("--password", envvar="SUPPORTMAX_AGENT_PASSWORD", help="Their password.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def running_stack(instead: str) -> "Status":
    """Raises InvalidInput when no stack runs; `instead` says what to give then."""
    from infra.local.stack import Stack

    status = Stack().status()
    if not status.running:
        raise InvalidInput(f"{NOT_RUNNING}, or give {instead}")
    return status


def as_customer(api_url: str) -> "ApiClient":
    from infra.api_client import ApiClient

    return ApiClient(_checked(api_url) if api_url else running_stack("--api-url").api_url)


def as_agent(api_url: str, email: str, password: str) -> "ApiClient":
    """Signed in. Raises ApiError when that fails."""
    from infra.api_client import ApiClient

    if api_url:
        if not (email and password):
            raise InvalidInput("--api-url needs --email and --password of an agent")
        return ApiClient.sign_in(_checked(api_url), email, password)
    status = running_stack("--api-url, --email and --password")
    return ApiClient.sign_in(
        status.api_url, email or status.agent["email"], password if email else status.agent["password"]
    )


def _checked(api_url: str) -> str:
    try:
        parts = urlsplit(api_url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or True)
    except ValueError:
        valid = False
    if not valid:
        raise InvalidInput(f"--api-url {api_url!r} is not an address such as https://desk.example.com/api")
    return api_url.rstrip("/")
