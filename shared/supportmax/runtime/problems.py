"""Errors as RFC 9457 problem documents, with stable types."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi_problem.handler import ExceptionHandler, add_exception_handler, new_exception_handler
from rfc9457 import Problem
from starlette.exceptions import HTTPException
from starlette.routing import Match

from supportmax.domain import errors
from supportmax.runtime.logs import log

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
TYPE_URI = "urn:supportmax:problem:{type}"

# Most specific first.
_KINDS: tuple[tuple[type[errors.SupportMaxError], int, str, str], ...] = (
    (errors.TooLarge, 413, "too-large", "Too large"),
    (errors.InvalidInput, 422, "invalid-input", "Invalid input"),
    (errors.NotFound, 404, "not-found", "Not found"),
    (errors.KeyReused, 409, "idempotency-key-reused", "Idempotency key reused"),
    (errors.StillWorking, 409, "request-in-progress", "Request in progress"),
    (errors.AlreadyDone, 409, "already-done", "Already done"),
    (errors.Conflict, 409, "conflict", "Conflict"),
    (errors.PreconditionFailed, 412, "precondition-failed", "Precondition failed"),
    (errors.TooManyRequests, 429, "too-many-requests", "Too many requests"),
    (errors.SecondFactorNeeded, 401, "second-factor-needed", "Second factor needed"),
    (errors.Unauthorized, 401, "unauthorized", "Unauthorized"),
    (errors.OriginRefused, 403, "origin-not-allowed", "Origin not allowed"),
    (errors.Forbidden, 403, "forbidden", "Forbidden"),
    (errors.TransientFailure, 503, "unavailable", "Temporarily unavailable"),
)


def install(app: FastAPI) -> None:
    """Every error of the app leaves as application/problem+json; nothing of ours leaks into it."""
    handlers: dict[type[Exception], Any] = {errors.SupportMaxError: _ours}
    handler = new_exception_handler(
        handlers=handlers,
        unhandled_wrappers={"default": _unexpected},  # type: ignore[dict-item]
        http_exception_handler=_of_http,
        request_validation_handler=_invalid_request,
        pre_hooks=[_log_unexpected],
        documentation_uri_template=TYPE_URI,
    )
    add_exception_handler(app, handler, generic_swagger_defaults=False)
    app.add_exception_handler(errors.SupportMaxError, handler)


def response(request: Request, error: Exception) -> Response:
    """What an endpoint that raises the error answers."""
    made: Response = request.app.exception_handlers[Exception](request, error)
    return made


def document(request: Request, error: Exception) -> str:
    """The problem document of an error that came when the response had begun."""
    return bytes(response(request, error).body).decode()


def _ours(_: ExceptionHandler, request: Request, error: errors.SupportMaxError) -> Problem:
    for kind, status, type_, title in _KINDS:
        if isinstance(error, kind):
            headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
            if isinstance(error, errors.TooManyRequests | errors.StillWorking):
                headers["Retry-After"] = str(error.seconds)
            if status == 503:
                log(logging.ERROR, "unavailable", path=request.url.path, error=error.message)
                return Problem(title, type_, "Please try again in a moment.", status, {"Retry-After": "5"})
            return Problem(title, type_, error.message, status, headers)
    log(logging.ERROR, "failed", path=request.url.path, error=error.message)
    return _unexpected(error.message)


def _of_http(_: ExceptionHandler, request: Request, error: HTTPException) -> Problem:
    """What the framework refuses by itself: an unknown path, a method it does not take, a body it cannot read."""
    status = HTTPStatus(error.status_code)
    kind = status.phrase.lower().replace(" ", "-")
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(method for method in _METHODS if _takes(request, method))
    return Problem(status.phrase, kind, str(error.detail), error.status_code, headers)


def _takes(request: Request, method: str) -> bool:
    """Whether the path does. (The framework names the methods of the first route alone.)"""
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def _unexpected(_: str) -> Problem:
    return Problem("Internal error", "internal-error", "Something went wrong on our side; it has been logged.", 500)


def _log_unexpected(request: Request, error: Exception) -> None:
    if isinstance(error, Problem | errors.SupportMaxError | RequestValidationError) or hasattr(error, "status_code"):
        return
    log(logging.ERROR, "unexpected error", path=request.url.path, error=f"{type(error).__name__}: {error}")


def _invalid_request(_: ExceptionHandler, __: Request, error: RequestValidationError) -> Problem:
    """One line that names the field, and all of them in `errors`; what was sent is not echoed."""
    found = [{"field": _field(e["loc"]), "message": e["msg"].removeprefix("Value error, ")} for e in error.errors()]
    if any(e["type"] == "json_invalid" for e in error.errors()):
        return Problem("Invalid JSON", "invalid-json", "The body is not valid JSON.", 400)
    detail = f"{found[0]['field']}: {found[0]['message']}"
    return Problem("Invalid input", "invalid-input", detail, 422, errors=found)


def _field(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in place if part != "body") or "body"
