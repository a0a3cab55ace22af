"""Bad input through the gateway: one clear answer each."""

import json
from typing import Any

import pytest

from tests.e2e.stack import DeployedStack

pytestmark = pytest.mark.stack

NOBODY = "018f0000-0000-7000-8000-000000000000"
CASES: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("POST", "/chat", {"content": b"{bad", "headers": {"Content-Type": "application/json"}}, 400, "invalid-json"),
    ("POST", "/chat", {"json": {"message": ""}}, 422, "invalid-input"),
    ("POST", "/chat", {"json": {"message": "x" * 1_000_000}}, 413, "too-large"),
    ("POST", "/chat", {"json": {"message": "hi", "session_id": NOBODY}}, 404, "not-found"),
    ("POST", "/chat", {"json": {"message": "hi", "session_id": "no id"}}, 404, "not-found"),
    ("POST", "/chat", {"json": {"message": "hi", "colour": "red"}}, 422, "invalid-input"),
    ("DELETE", "/chat", {}, 404, "not-found"),
    ("GET", "/nowhere", {}, 404, "not-found"),
    ("GET", "/v1/tickets", {}, 401, "unauthorized"),
    ("GET", f"/v1/sessions/{NOBODY}/messages", {}, 404, "not-found"),
]


@pytest.mark.parametrize(("method", "path", "request_", "status", "kind"), CASES)
def test_it_is_refused_with_a_reason(
    stack: DeployedStack, method: str, path: str, request_: dict[str, Any], status: int, kind: str
) -> None:
    answer = stack.customer.request(method, path, **request_)

    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = json.loads(answer.text)
    assert problem["type"] == f"urn:supportmax:problem:{kind}"
    assert problem["status"] == status
    assert problem["detail"]
    assert "Traceback" not in answer.text
