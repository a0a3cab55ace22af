"""Generated requests against the real API: whatever comes in, the answer is one that the OpenAPI document promises."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.build import openapi
from infra.container.app import app
from supportmax.runtime import http
from supportmax.runtime.container import Container
from supportmax.runtime.settings import Settings
from supportmax.services.tokens import issue_token
from tests.cloud import MODEL
from tests.server import TEMPLATE, PostgresServer

SCHEMA = schemathesis.openapi.from_dict(json.loads(openapi.TARGET.read_text(encoding="utf-8")))
SCHEMA.app = app
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations() if isinstance(result, Ok)]
SECRET = "a secret of at least thirty-two characters"
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def tools(postgres: PostgresServer) -> Iterator[Container]:
    """The API on a database of its own, without queues."""
    name = f"t_{uuid4().hex}"
    postgres.create_database(name, template=TEMPLATE)
    url = SecretStr(postgres.runtime_url(name))
    found = Container(Settings(database_url=url, token_secret=SecretStr(SECRET), embedder_model_dir=MODEL))
    app.dependency_overrides[http.container] = lambda: found
    yield found
    del app.dependency_overrides[http.container]
    found.database.close()
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def token(tools: Container) -> str:
    """An administrator's."""
    workspace = tools.workspace()
    with tools.store.begin(workspace) as tx:
        return issue_token(tx.users.add("admin", "Ada", "ada@desk.example", None), workspace, SECRET)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_a_documented_one(operation: Any, token: str) -> None:
    @settings(
        max_examples=6,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)))
    def check(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    check()
