"""What the HTTP functions share: the app, who is calling, pages of results.

Endpoints and dependencies are `async def` although the work in them blocks: a Lambda sandbox has one request at a time,
and a thread pool would open a second database connection for it.
"""

import logging
import re
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from mangum import Mangum
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationInfo, field_validator
from pydantic_core import CoreSchema

from supportmax import __version__
from supportmax.domain.access import Caller, Visit
from supportmax.domain.errors import Forbidden, InvalidInput, Unauthorized
from supportmax.domain.visible_text import visible
from supportmax.runtime import cors, idempotency, problems, rate_limits
from supportmax.runtime.container import Container, get
from supportmax.runtime.json_types import by_json_type
from supportmax.runtime.logs import keep_private, log
from supportmax.runtime.rate_limits import Policy
from supportmax.runtime.scopes import needed_scope
from supportmax.services.manage_widgets import WIDGET_PREFIX
from supportmax.services.recognise_caller import recognise
from supportmax.services.visit_chat import Page, open_widget, workspace_of_widget

T = TypeVar("T")
TITLE = "SupportMax Pro"
Responses = dict[int | str, dict[str, Any]]
"""What an endpoint may answer, by status."""
_BROKEN = re.compile("[\x00\ud800-\udfff]")


class Body(BaseModel):
    """A request body. A field we do not know, or a number sent as a text, is a mistake the sender should hear of."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: CoreSchema = by_json_type(handler(source))
        return schema

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
    idempotency.install(app)
    app.middleware("http")(_log_request)
    app.middleware("http")(_limits)
    app.middleware("http")(cors.answer_pages)
    return app


async def _limits(request: Request, call_next: Callable[[Request], Any]) -> Response:
    response: Response = await call_next(request)
    rate_limits.add_headers(request, response)
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
    with warnings.catch_warnings():
        # It asks for an event loop before there is one, and makes one: since Python 3.12 asking is deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        return Mangum(app, lifespan="off", text_mime_types=text)


_bearer = HTTPBearer(auto_error=False, description="The token of POST /v1/auth/token, or an API key.")


async def container() -> Container:
    return get()


Tools = Annotated[Container, Depends(container)]


async def signed_in(
    request: Request,
    tools: Tools,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
) -> Caller:
    """Who is calling. Raises Unauthorized; a user deleted or deactivated since is not let in."""
    if credentials is None:
        raise Unauthorized("Sign in with POST /v1/auth/token and send the token as 'Authorization: Bearer …'.")
    caller, window = recognise(tools.store, credentials.credentials, tools.token_secret, rate_limits.WINDOW)
    rate_limits.check(request, Policy("caller", tools.settings.rate_limit_caller), window)
    if caller.user.role == "customer":
        raise Forbidden("Only agents may do this.")
    needed = needed_scope(request.method, request.url.path)
    if needed and not caller.may(needed):
        raise Forbidden(f"The API key lacks the scope {needed}.")
    await idempotency.claim(request, tools, caller.workspace_id, caller.name)
    return caller


async def administrator(caller: Annotated[Caller, Depends(signed_in)]) -> Caller:
    """Raises Forbidden for anyone but an administrator, in person or with a key for that."""
    if caller.user.role != "admin":
        raise Forbidden("Only administrators may do this.")
    if not caller.may("admin"):
        raise Forbidden("The API key lacks the scope admin.")
    return caller


async def in_person(caller: Annotated[Caller, Depends(signed_in)]) -> Caller:
    """Raises Forbidden for an API key: a key that leaked must not make others, or change how people sign in."""
    if caller.api_key_id:
        raise Forbidden("An API key may not do this: sign in.")
    return caller


async def administrator_in_person(
    caller: Annotated[Caller, Depends(in_person)], _: Annotated[Caller, Depends(administrator)]
) -> Caller:
    return caller


async def visitor(request: Request, tools: Tools) -> Visit:
    """Where somebody comes from who is not known yet. Raises TooManyRequests."""
    policy = Policy("sign-in", tools.settings.rate_limit_sign_in)
    rate_limits.count_address(request, tools, tools.workspace(), policy)
    return Visit(rate_limits.address_of(request), request.headers.get("user-agent", ""))


WidgetKeyHeader = Annotated[str, Header(description="The key of the widget; without it, the default workspace.")]


async def customer_workspace(
    request: Request,
    tools: Tools,
    x_widget_key: WidgetKeyHeader = "",
) -> UUID:
    workspace_id = _workspace_of(request, tools, x_widget_key)
    policy = Policy("address", tools.settings.rate_limit_address)
    rate_limits.count_address(request, tools, workspace_id, policy)
    await idempotency.claim(request, tools, workspace_id, "visitor", idempotency.VISITOR_KEY)
    return workspace_id


def _workspace_of(request: Request, tools: Container, widget_key: str) -> UUID:
    """That of a key made for some pages, or of the workspace's own key, or the default one. Raises Unauthorized."""
    if not widget_key.startswith(WIDGET_PREFIX):
        return tools.workspace(widget_key)
    workspace_id = workspace_of_widget(widget_key)[0]
    with tools.store.begin(workspace_id) as tx:
        open_widget(tx, widget_key, Page(request.headers.get("origin", ""), tools.settings.allowed_origin))
    return workspace_id


SignedIn = Annotated[Caller, Depends(signed_in)]
Administrator = Annotated[Caller, Depends(administrator)]
InPerson = Annotated[Caller, Depends(in_person)]
AdministratorInPerson = Annotated[Caller, Depends(administrator_in_person)]
Visitor = Annotated[Visit, Depends(visitor)]
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
