"""Which pages may read answers in a browser (CORS).

Of widgets' sessions: pages of the origins that the workspace's widget keys name. Of everything else: pages of the one
origin in the settings; on AWS the gateway answers those preflights by itself.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from supportmax.domain.errors import OriginRefused, TransientFailure
from supportmax.domain.widgets import patterns_of
from supportmax.runtime import container, problems, settings

# Headers that a page of another origin may read.
_READABLE = "ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET,POST,PUT,PATCH,DELETE,OPTIONS",
    "Access-Control-Allow-Headers": "authorization,content-type,idempotency-key,if-match,if-none-match,last-event-id,"
    "x-session-token,x-widget-key",
    "Access-Control-Max-Age": "600",
}
_SESSIONS = "/v1/sessions"


async def answer_pages(request: Request, call_next: Callable[[Request], Any]) -> Response:
    """Middleware: answer preflights, and say of every other answer who may read it."""
    asks_first = request.method == "OPTIONS" and "access-control-request-method" in request.headers
    of_widget = request.url.path == _SESSIONS or request.url.path.startswith(f"{_SESSIONS}/")
    response = _preflight(request, of_widget) if asks_first else await call_next(request)
    allowed = settings.load().allowed_origin
    if of_widget:
        origin = request.headers.get("origin", "")
        allowed = origin if origin and _may_read(request, origin) else ""
    if allowed:
        response.headers["Access-Control-Allow-Origin"] = allowed
        response.headers["Access-Control-Expose-Headers"] = _READABLE
    if allowed != "*":
        response.headers["Vary"] = "Origin"
    return response


def _preflight(request: Request, of_widget: bool) -> Response:
    origin = request.headers.get("origin", "")
    if of_widget and not _may_read(request, origin):
        return problems.response(request, OriginRefused(f"No widget here is for pages of {origin[:200]}."))
    return Response(status_code=204, headers=_PREFLIGHT)


def _may_read(request: Request, origin: str) -> bool:
    """Once it is known whose session it is, the keys of that workspace say so; before that, those of all of them."""
    if getattr(request.state, "page_allowed", False) or origin == settings.load().allowed_origin:
        return True
    workspace_id: UUID | None = getattr(request.state, "workspace_id", None)
    try:
        return container.get().store.allows_origin(patterns_of(origin), workspace_id)
    except TransientFailure:
        return False
