"""The OpenAPI document: current, valid, complete, and true to what the functions and the template do."""

import json
from importlib import import_module
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
import schemathesis
import yaml
from fastapi.testclient import TestClient
from pydantic import SecretStr

from infra.build import openapi
from infra.container.app import app
from supportmax.domain.ids import new_id
from supportmax.runtime import http
from supportmax.runtime.container import Container
from supportmax.runtime.settings import Settings
from tests.packaging import template

DOCUMENT = json.loads(openapi.TARGET.read_text(encoding="utf-8"))
OPERATIONS = {operation["operationId"]: operation for _, operation in openapi.operations(DOCUMENT)}
UNDOCUMENTED = {("get", "/openapi.json"), ("get", "/docs")}
# Links in mails to customers lead there.
PAGES = {("get", "/v1/satisfaction/{token}"), ("post", "/v1/satisfaction/{token}")}
NOWHERE = SecretStr("postgresql://supportmax_app@127.0.0.1:1/none")
OTHER = "#/components/responses/Other"
SIGNED_OUT = {"Authorization": "Bearer not-a-token"}

# (method, path, request, documented path, status)
SAMPLES: list[tuple[str, str, dict[str, Any], str, int]] = [
    ("post", "/chat", {"content": "{", "headers": {"Content-Type": "application/json"}}, "/chat", 400),
    ("post", "/chat", {"json": {"message": "Hello", "colour": "red"}}, "/chat", 422),
    ("post", "/chat", {"json": {"message": "   "}}, "/chat", 422),
    ("post", "/chat", {"json": {"message": "a" * 9_000}}, "/chat", 413),
    ("post", "/chat", {"json": {"message": "Hello", "session_id": "nonsense"}}, "/chat", 404),
    ("post", "/chat", {"json": {"message": "Hello"}}, "/chat", 503),
    ("get", "/chat", {}, "/chat", 405),
    ("get", "/v1/sessions/nonsense/messages", {}, "/v1/sessions/{session_id}/messages", 404),
    ("get", "/v1/sessions/nonsense/messages?limit=0", {}, "/v1/sessions/{session_id}/messages", 422),
    ("get", "/v1/tickets", {}, "/v1/tickets", 401),
    ("get", "/v1/tickets", {"headers": SIGNED_OUT}, "/v1/tickets", 401),
    ("post", "/v1/auth/token", {"json": {"email": "a@b.example"}}, "/v1/auth/token", 422),
    ("get", "/metrics", {}, "/metrics", 503),
]


class WithoutDatabase(Container):
    """Knows its workspace, and reaches no database."""

    def __init__(self) -> None:
        super().__init__(Settings(database_url=NOWHERE, token_secret=SecretStr("a secret of at least 32 characters")))

    def workspace(self, widget_key: str = "") -> UUID:
        return new_id()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setitem(app.dependency_overrides, http.container, WithoutDatabase)
    return TestClient(app, raise_server_exceptions=False)


def check(value: Any, schema: dict[str, Any]) -> None:
    """Raises when `value` is not as a schema of the document says."""
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.validate(whole, value, validate_formats=True)


def resolved(response: dict[str, Any]) -> dict[str, Any]:
    name = response.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["responses"][name] if name else response


def test_the_committed_document_is_current() -> None:
    assert openapi.TARGET.read_text(encoding="utf-8") == openapi.text(), "run `make openapi`"


def test_it_is_valid() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def wired(*functions: dict[str, Any]) -> set[tuple[str, str]]:
    """Routes of the template. Preflights are browsers' business, not the document's."""
    events = [event for function in functions for event in function.get("Events", {}).values()]
    routes = {(e["Properties"]["Method"].lower(), e["Properties"]["Path"]) for e in events if e["Type"] == "Api"}
    return {(method, path) for method, path in routes if method != "options"}


@pytest.mark.parametrize("function", ["chat", "tickets", "knowledge", "admin"])
def test_the_template_sends_a_function_exactly_what_it_serves(function: str) -> None:
    served = {
        (method, path)
        for path, methods in import_module(f"functions.{function}.app").app.openapi()["paths"].items()
        for method in methods
    }
    resource = template.resources("AWS::Serverless::Function")[template.logical(function)]
    assert wired(resource) == served | {"admin": UNDOCUMENTED, "tickets": PAGES}.get(function, set())


def test_it_describes_what_the_template_wires() -> None:
    documented = {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    functions = template.resources("AWS::Serverless::Function").values()
    assert documented == wired(*functions) - UNDOCUMENTED - PAGES


def test_operations_can_be_told_apart() -> None:
    assert len(OPERATIONS) == sum(1 for _ in openapi.operations(DOCUMENT))
    assert all(name.isidentifier() for name in OPERATIONS)


def test_addresses_are_relative_to_the_document() -> None:
    assert [server["url"] for server in DOCUMENT["servers"]] == ["."]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_described(name: str) -> None:
    operation = OPERATIONS[name]
    (tag,) = operation["tags"]
    assert tag in {known["name"] for known in DOCUMENT["tags"]}
    assert operation["summary"]
    successes = [status for status in operation["responses"] if status.startswith("2")]
    assert len(successes) == 1
    for status, response in operation["responses"].items():
        assert resolved(response)["description"]
        if status == "default" or (int(status) >= 400 and name != "get_health"):
            assert list(resolved(response)["content"]) == [openapi.PROBLEM]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_example_fits_its_schema(name: str) -> None:
    operation = OPERATIONS[name]
    bodies = [resolved(response) for response in operation["responses"].values()]
    bodies.append(operation.get("requestBody", {}))
    contents = [content for body in bodies for content in body.get("content", {}).values()]
    assert contents
    for content in contents:
        check(content["example"], content["schema"])


def test_no_example_is_left_over() -> None:
    words = yaml.safe_load(openapi.WORDS.read_text(encoding="utf-8"))
    assert set(words["examples"]) <= set(OPERATIONS)


@pytest.mark.parametrize(("method", "path", "request_", "documented", "status"), SAMPLES)
def test_an_error_is_answered_as_documented(
    client: TestClient, method: str, path: str, request_: dict[str, Any], documented: str, status: int
) -> None:
    response = client.request(method, path, **request_)
    assert response.status_code == status
    responses = DOCUMENT["paths"][documented].get(method, {}).get("responses", {})
    promised = resolved(responses.get(str(status)) or responses.get("default") or {"$ref": OTHER})
    media_type = response.headers["content-type"]
    assert media_type in promised["content"]
    body = response.json()
    check(body, promised["content"][media_type]["schema"])
    assert body["status"] == status
    assert body["type"].startswith("urn:supportmax:problem:")


def test_health_says_what_is_broken_as_documented(client: TestClient) -> None:
    response = client.get("/health")
    assert response.status_code == 503
    promised = DOCUMENT["paths"]["/health"]["get"]["responses"]["503"]["content"]["application/json"]
    check(response.json(), promised["schema"])
    assert response.json()["checks"]["database"]["ok"] is False
