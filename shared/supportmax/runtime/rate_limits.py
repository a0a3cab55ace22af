"""How often one may call. Headers as in draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` and `RateLimit`."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import Request, Response

from supportmax.domain.access import Window
from supportmax.domain.errors import TooManyRequests, TransientFailure
from supportmax.runtime.container import Container
from supportmax.services.slow_down_guessing import hashed

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests in a window of time. `name` says whose."""

    name: str
    quota: int


def address_of(request: Request) -> str:
    """The caller's address, as the gateway or the server tells it."""
    return (request.client.host if request.client else None) or "unknown"


def check(request: Request, policy: Policy, window: Window) -> None:
    """Remember it for the headers. Raises TooManyRequests."""
    _counted(request).append((policy, window))
    if window.count > policy.quota:
        raise TooManyRequests(
            f"More than {policy.quota:,} requests in {int(WINDOW.total_seconds())} seconds.", window.seconds_left
        )


def count(request: Request, tools: Container, workspace_id: UUID, caller: str, policy: Policy) -> None:
    """One request more of this caller, in one round trip. Raises TooManyRequests.

    Without a database nothing is counted: the request fails where it needs one, with a reason of its own.
    """
    try:
        with tools.store.begin(workspace_id) as tx:
            window = tx.rate_limits.count(caller, WINDOW)
    except TransientFailure:
        return
    check(request, policy, window)


def count_address(request: Request, tools: Container, workspace_id: UUID, policy: Policy) -> None:
    """The same for whoever is behind the request's address; it is stored as a hash."""
    count(request, tools, workspace_id, f"{policy.name}:{hashed(address_of(request))}", policy)


def add_headers(request: Request, response: Response) -> None:
    """What was counted for this request, so that clients can pace themselves."""
    if counted := _counted(request):
        seconds = int(WINDOW.total_seconds())
        response.headers["RateLimit-Policy"] = ", ".join(f'"{p.name}";q={p.quota};w={seconds}' for p, _ in counted)
        response.headers["RateLimit"] = ", ".join(
            f'"{p.name}";r={max(p.quota - w.count, 0)};t={w.seconds_left}' for p, w in counted
        )


def _counted(request: Request) -> list[tuple[Policy, Window]]:
    if not hasattr(request.state, "counted"):
        request.state.counted = []
    counted: list[tuple[Policy, Window]] = request.state.counted
    return counted
