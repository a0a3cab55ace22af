"""`migrate`, the custom resource: CloudFormation gets an answer, whatever happens."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from functions.migrate import app
from supportmax.adapters.postgres.migrations import SCHEMA_VERSION
from supportmax.runtime import container, logs, settings
from tests.cloud import CONTEXT, event
from tests.fakes.http_server import serving
from tests.server import PostgresServer


class CloudFormation:
    """Where the answers go."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []
        self.content_types: list[str | None] = []

    def handler(self) -> type[BaseHTTPRequestHandler]:
        waiting = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                length = int(self.headers["Content-Length"])
                waiting.answers.append(json.loads(self.rfile.read(length)))
                waiting.content_types.append(self.headers["Content-Type"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        return Handler


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    """An empty database."""
    name = f"t_{uuid4().hex}"
    postgres.create_database(name)
    yield name
    postgres.drop_database(name)


@pytest.fixture
def waiting() -> CloudFormation:
    return CloudFormation()


@pytest.fixture
def resource(
    postgres: PostgresServer, database: str, waiting: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """The event of a first deploy, and a function that is set up for it."""
    given = {
        "MIGRATION_DATABASE_URL": postgres.owner_url(database),
        "DATABASE_URL": postgres.runtime_url(database),
        "ADMIN_EMAIL": "boss@desk.example",
        "ADMIN_PASSWORD": "correct horse battery",
        "WORKSPACE_NAME": "Pebblebank",
        "LOG_LEVEL": "CRITICAL",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"SUPPORTMAX_{name}", value)
    _forget()
    with serving(waiting.handler()) as url:
        yield event("cloudformation_migrate_create") | {"ResponseURL": f"{url}/answer?signature=x"}
    container.get().database.close()
    _forget()


def _forget() -> None:
    for cached in (container.get, settings.load, logs._threshold):
        cached.cache_clear()


def _answer(waiting: CloudFormation) -> dict[str, Any]:
    (answer,) = waiting.answers
    return answer


def test_a_first_deploy_makes_schema_role_and_workspace(
    resource: dict[str, Any], waiting: CloudFormation, postgres: PostgresServer, database: str
) -> None:
    app.handler(resource, CONTEXT)
    answer = _answer(waiting)
    assert (answer["Status"], answer["Data"]["SchemaVersion"]) == ("SUCCESS", SCHEMA_VERSION)
    assert answer["Data"]["WidgetKey"].startswith("wk_")
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        assert answer[name] == resource[name]
    assert answer["PhysicalResourceId"]
    assert waiting.content_types == [""]
    with psycopg.connect(postgres.owner_url(database)) as owner:
        people = owner.execute("SELECT role, email FROM users").fetchall()
        workspaces = owner.execute("SELECT id::text, slug, name FROM workspaces").fetchall()
    assert people == [("admin", "boss@desk.example")]
    assert workspaces == [(answer["Data"]["WorkspaceId"], "default", "Pebblebank")]


def test_a_second_deploy_changes_nothing_and_keeps_the_resource(
    resource: dict[str, Any], waiting: CloudFormation
) -> None:
    app.handler(resource, CONTEXT)
    again = resource | {"RequestType": "Update", "PhysicalResourceId": waiting.answers[0]["PhysicalResourceId"]}
    app.handler(again, CONTEXT)
    first, second = waiting.answers
    assert second["Data"] == first["Data"]
    assert second["PhysicalResourceId"] == first["PhysicalResourceId"]


def test_deleting_the_stack_keeps_the_data(
    resource: dict[str, Any], waiting: CloudFormation, postgres: PostgresServer, database: str
) -> None:
    app.handler(resource, CONTEXT)
    app.handler(resource | {"RequestType": "Delete", "PhysicalResourceId": "supportmax-migration"}, CONTEXT)
    assert [answer["Status"] for answer in waiting.answers] == ["SUCCESS", "SUCCESS"]
    with psycopg.connect(postgres.owner_url(database)) as owner:
        assert owner.execute("SELECT count(*) FROM workspaces").fetchone() == (1,)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("MIGRATION_DATABASE_URL=postgresql://boss:s3cret@127.0.0.1:1/none", "Connection refused"),
        ("MIGRATION_DATABASE_URL=", "set SUPPORTMAX_MIGRATION_DATABASE_URL"),
        ("MAIL_FROM=nobody", "mail_from"),
    ],
)
def test_a_failure_is_answered_with_its_reason(
    setting: str, reason: str, resource: dict[str, Any], waiting: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unanswered custom resource blocks the stack for an hour."""
    with monkeypatch.context() as patch:
        name, _, value = setting.partition("=")
        patch.setenv(f"SUPPORTMAX_{name}", value)
        _forget()
        app.handler(resource, CONTEXT)
    _forget()
    answer = _answer(waiting)
    assert answer["Status"] == "FAILED"
    assert reason in answer["Reason"]
    assert "s3cret" not in json.dumps(answer)


def test_without_cloudformation_nobody_waits_for_an_answer(resource: dict[str, Any], waiting: CloudFormation) -> None:
    del resource["ResponseURL"]
    answer = app.handler(resource, CONTEXT)
    assert (answer["status"], answer["SchemaVersion"]) == ("SUCCESS", SCHEMA_VERSION)
    assert waiting.answers == []


def test_an_answer_that_does_not_arrive_is_an_error_of_the_function(resource: dict[str, Any]) -> None:
    """Lambda then tries again, and finds the migrations done."""
    with pytest.raises(OSError):
        app.handler(resource | {"ResponseURL": "http://127.0.0.1:1/answer"}, CONTEXT)
