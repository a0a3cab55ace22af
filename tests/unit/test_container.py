"""The HTTP functions as one app, as a container serves them."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr

from functions.admin.app import app as admin
from functions.chat.app import app as chat
from functions.knowledge.app import app as knowledge
from functions.tickets.app import app as tickets
from infra.container.__main__ import main as serve
from infra.container.app import app
from infra.container.local import environment
from infra.local.stack import Stack
from supportmax.runtime import http
from supportmax.runtime.container import Container
from supportmax.runtime.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    nowhere = Settings(database_url=SecretStr("postgresql://supportmax_app@127.0.0.1:1/none"))
    monkeypatch.setitem(app.dependency_overrides, http.container, lambda: Container(nowhere))
    return TestClient(app)


def test_it_serves_health_with_the_reason_of_a_failure(client: TestClient) -> None:
    response = client.get("/health")
    assert response.status_code == 503
    assert "connection" in response.json()["checks"]["database"]["detail"]


def test_it_serves_the_documentation(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.startswith("<!doctype html>")
    document = client.get("/openapi.json")
    assert document.headers["content-type"] == "application/json"
    assert document.json()["info"]["title"] == "SupportMax Pro"


def test_the_documentation_works_offline(client: TestClient) -> None:
    page = client.get("/docs").text.replace("http://www.w3.org/2000/svg", "")  # the name of a format, not an address
    assert "http:" not in page
    assert "https:" not in page
    assert "innerHTML" not in page


def test_it_serves_every_endpoint_of_every_function() -> None:
    parts: list[dict[str, Any]] = [part.openapi()["paths"] for part in (chat, tickets, knowledge, admin)]
    expected = {(path, method) for part in parts for path, methods in part.items() for method in methods}
    assert {(path, method) for path, methods in app.openapi()["paths"].items() for method in methods} == expected


def test_an_unknown_path_is_a_problem_document(client: TestClient) -> None:
    response = client.get("/v2/tickets")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_the_environment_says_where_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, Any]] = []
    monkeypatch.setattr(uvicorn, "run", lambda target, **options: started.append({"target": target, **options}))
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    serve([])
    assert started[0]["target"] == "infra.container.app:app"
    assert (started[0]["host"], started[0]["port"], started[0]["workers"]) == ("0.0.0.0", 9000, 3)
    assert started[0]["reload"] is False


def test_it_refuses_what_it_does_not_know() -> None:
    with pytest.raises(SystemExit, match="--local"):
        serve(["--reload"])


def test_on_one_machine_it_takes_the_settings_of_the_running_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack()
    queue = "http://aws/0/supportmax-local-email-send"
    stack.state.outputs = {"RestApiId": "a", "StageName": "api"}
    stack.state.outputs |= {"EmailSendQueueUrl": queue, "EmailSendDeadLetterQueueUrl": f"{queue}-dlq"}
    stack.state.ports = {"postgres": 5999, "aws": 4999}
    monkeypatch.setattr(stack, "_pids", lambda: {"postgres": 1, "ministack": 2, "mailbox": 3})
    found = environment(stack)
    assert found["SUPPORTMAX_QUEUE_EMAIL_SEND_URL"] == queue
    assert [name for name in found if "DLQ" in name] == []
    assert "5999" in found["SUPPORTMAX_DATABASE_URL"]
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4999"
    assert found["SUPPORTMAX_MAIL_FROM"].startswith("support@")


def test_without_a_stack_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack()
    monkeypatch.setattr(stack, "_pids", dict)
    with pytest.raises(SystemExit, match="make dev"):
        environment(stack)


def api_routes(router: Any) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from api_routes(route.original_router)


def dependencies(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from dependencies(inner)


def is_coroutine(call: Any) -> bool:
    """Functions, and objects whose class makes them callable, such as FastAPI's HTTPBearer."""
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)


def test_no_request_leaves_its_thread_and_takes_a_second_connection() -> None:
    routes = [route for part in (chat, tickets, knowledge, admin) for route in api_routes(part.router)]
    calls = {each.call for route in routes for each in dependencies(route.dependant)}
    assert len(calls) > len(routes) > 30
    assert [call for call in calls if not is_coroutine(call)] == []


def test_the_image_is_made_of_files_that_exist() -> None:
    lines = (ROOT / "infra/container/Containerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ")]
    assert "functions" in copied
    assert [path for path in copied if not (ROOT / path).exists()] == []


def test_the_image_has_the_versions_that_were_tested() -> None:
    def pins(path: str) -> set[str]:
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        return {line.split(";")[0].rstrip(" \\") for line in lines if "==" in line and line[:1].isalnum()}

    image = pins("infra/container/requirements.txt")
    assert image <= pins("requirements.txt")
    assert pins("shared/requirements.txt") | pins("infra/layers/embedder/requirements.txt") <= image
    assert any(pin.startswith("uvicorn==") for pin in image)
