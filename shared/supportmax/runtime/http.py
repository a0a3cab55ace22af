"""What the HTTP functions share: the app, who is calling, pages of results.

Endpoints and dependencies are `async def` although the work in them blocks: a Lambda sandbox has one request at a time,
and a thread pool would open a second database connection for it.
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from mangum import Mangum
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from supportmax import __version__
from supportmax.domain.errors import Forbidden, InvalidInput, NotFound, Unauthorized
from supportmax.domain.people import User
from supportmax.domain.visible_text import visible
from supportmax.runtime import problems, settings
from supportmax.runtime.container import Container, get
from supportmax.runtime.logs import keep_private, log
from supportmax.services.sign_in import read_token

T = TypeVar("T")
TITLE = "SupportMax Pro"
_BROKEN = re.compile("[\x00\ud800-\udfff]")


class Body(BaseModel):
    """A request body; a field we do not know is a mistake the sender should hear of."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _all_of_it_visible(cls, value: Any, info: ValidationInfo) -> Any:
        """What nobody can see is in no text; NUL and half characters are left to be refused."""
        if info.field_name == "password":
            return value
        if isinstance(value, list):
            return [_visible(item) for item in value]
        return _visible(value)

    @field_validator("*")
    @classmethod
    def _storable(cls, value: T) -> T:
        """Postgres holds every character but one."""
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and "\x00" in text for text in texts):
            raise ValueError("must not contain NUL characters")
        return value


def _visible(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not _BROKEN.search(value) else value


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[dict[str, str]] | None = None


def create_app() -> FastAPI:
    """An app whose errors are problem documents and whose requests are logged. The admin function serves the docs."""
    keep_private()
    # Redirecting a trailing slash would leave the API's stage; unknown paths are simply not found.
    app = FastAPI(
        title=TITLE, version=__version__, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    problems.install(app)
    app.middleware("http")(_log_request)
    app.middleware("http")(_allow_origin)
    return app


async def _allow_origin(request: Request, call_next: Callable[[Request], Any]) -> Response:
    """Let pages of the allowed origin read the answer; preflights are answered by the gateway."""
    response: Response = await call_next(request)
    allowed = settings.load().allowed_origin
    response.headers["Access-Control-Allow-Origin"] = allowed
    if allowed != "*":
        response.headers["Vary"] = "Origin"
    return response


async def _log_request(request: Request, call_next: Callable[[Request], Any]) -> Response:
    started = time.perf_counter()
    response: Response = await call_next(request)
    took = round((time.perf_counter() - started) * 1000, 1)
    event = request.scope.get("aws.event") or {}
    request_id = event.get("requestContext", {}).get("requestId")
    log(
        logging.INFO,
        "request",
        method=request.method,
        path=request.url.path,
        status=response.status_code,
        ms=took,
        request_id=request_id,
    )
    return response


def lambda_handler(app: FastAPI) -> Mangum:
    """The app as a Lambda handler. Other than these, Mangum takes content types for binary and encodes them."""
    text = ["text/", "application/json", "application/problem+json"]
    return Mangum(app, lifespan="off", text_mime_types=text)


class Agent:
    """A signed-in agent or administrator, in their workspace."""

    def __init__(self, user: User, workspace_id: UUID) -> None:
        self.user = user
        self.workspace_id = workspace_id


_bearer = HTTPBearer(auto_error=False, description="The token of POST /v1/auth/token.")


async def container() -> Container:
    return get()


Tools = Annotated[Container, Depends(container)]


async def signed_in(
    tools: Tools, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None
) -> Agent:
    """Who is calling. Raises Unauthorized; a user deleted since is not let in."""
    if credentials is None:
        raise Unauthorized("Sign in with POST /v1/auth/token and send the token as 'Authorization: Bearer …'.")
    user_id, workspace_id = read_token(credentials.credentials, tools.token_secret)
    try:
        with tools.store.begin(workspace_id) as tx:
            user = tx.users.get(user_id)
    except NotFound:
        raise Unauthorized("The token is not valid.") from None
    if user.role == "customer":
        raise Forbidden("Only agents may do this.")
    return Agent(user, workspace_id)


async def administrator(agent: Annotated[Agent, Depends(signed_in)]) -> Agent:
    """Raises Forbidden for anyone but an administrator."""
    if agent.user.role != "admin":
        raise Forbidden("Only administrators may do this.")
    return agent


async def customer_workspace(
    tools: Tools,
    x_widget_key: Annotated[str, Header(description="The key of the widget; without it, the default workspace.")] = "",
) -> UUID:
    return tools.workspace(x_widget_key)


SignedIn = Annotated[Agent, Depends(signed_in)]
Administrator = Annotated[Agent, Depends(administrator)]
CustomerWorkspace = Annotated[UUID, Depends(customer_workspace)]
Limit = Annotated[int, Query(ge=1, le=100, description="Rows on a page.")]
After = Annotated[str | None, Query(description="The cursor of the page before (its `next_cursor`).")]


def cursor(after: str | None) -> UUID | None:
    """The id a cursor stands for. Raises InvalidInput."""
    if after is None:
        return None
    try:
        return UUID(after)
    except ValueError:
        raise InvalidInput("after: not a cursor of this list") from None


def page(rows: Sequence[T], limit: int, id_of: Callable[[T], UUID]) -> tuple[list[T], str | None]:
    """The rows of this page and the cursor of the next one, from one row more than the page holds."""
    shown = list(rows[:limit])
    return shown, str(id_of(shown[-1])) if len(rows) > limit else None
