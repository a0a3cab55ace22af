"""What administrators see of language models and decide about answers, through the API and the command line."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from infra.container.app import app
from supportmax.domain.clock import utcnow
from supportmax.domain.ids import new_id
from supportmax.domain.model_calls import CallOrigin
from supportmax.domain.people import User
from supportmax.domain.prices import Price
from supportmax.ports import Prompt
from supportmax.services.ask_model import Models, Provider
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from tests.articles import BASICS, SHARED
from tests.cloud import Cloud
from tests.desk import ADMIN
from tests.fakes.memory import ScriptedLLM
from tests.integration.conftest import Through
from tests.unit.cli.run import run

AT = ("--api-url", "http://desk.test", "--email", ADMIN.email, "--password", ADMIN.password)
A_TOKEN = Price(1_000_000, 1_000_000, 1_000_000)


@pytest.fixture
def admin(cloud: Cloud) -> tuple[User, dict[str, str]]:
    return cloud.person("admin")


@pytest.fixture
def through(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with TestClient(app, raise_server_exceptions=False) as client:
        monkeypatch.setattr(
            "infra.api_client.httpx.Client", lambda base_url, headers, timeout: Through(cloud, client, headers)
        )
        yield
        assert client.portal is not None
        client.portal.call(cloud.tools.database.close)


def _ask(cloud: Cloud, times: int = 1, workspace: Any = None, purpose: Any = "answer") -> None:
    """So many calls of 15 micro-dollars each, and one that fails at the end."""
    llm = ScriptedLLM()
    llm.script.extend([{}] * times)
    models = Models([Provider("llm.example", llm, A_TOKEN)])
    for _ in range(times + 1):
        asking = models.asking(cloud.tools.store, CallOrigin(workspace or cloud.workspace_id, new_id()))
        asking(Prompt(purpose, "system", "user", {}))


def _get(cloud: Cloud, path: str, headers: dict[str, str]) -> Any:
    response = cloud.http("admin").get(path, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_day_in_dollars(cloud: Cloud, admin: tuple[User, dict[str, str]]) -> None:
    _ask(cloud, 2)
    _ask(cloud, 1, purpose="rewrite")
    found = _get(cloud, "/v1/budget", admin[1])
    assert (found["budget_microusd"], found["spent_microusd"], found["reserved_microusd"]) == (5_000_000, 45, 0)
    assert [(use["purpose"], use["calls"], use["failed"], use["cost_microusd"]) for use in found["uses"]] == [
        ("answer", 3, 1, 30),
        ("rewrite", 2, 1, 15),
    ]
    yesterday = (utcnow() - timedelta(days=1)).date()
    before = _get(cloud, f"/v1/budget?day={yesterday}", admin[1])
    assert (before["day"], before["spent_microusd"], before["uses"]) == (str(yesterday), 0, [])


def test_the_ledger_page_by_page(cloud: Cloud, admin: tuple[User, dict[str, str]]) -> None:
    _ask(cloud, 4)
    first = _get(cloud, "/v1/model-calls?limit=3", admin[1])
    second = _get(cloud, f"/v1/model-calls?limit=3&after={first['next_cursor']}", admin[1])
    assert second["next_cursor"] is None
    calls = first["calls"] + second["calls"]
    assert [(call["outcome"], call["detail"]) for call in calls] == [
        ("unavailable", "the script is at its end"),
        *[("ok", None)] * 4,
    ]
    assert sum(call["cost_microusd"] for call in calls) == 60


def test_another_workspaces_calls_are_not_there(cloud: Cloud, admin: tuple[User, dict[str, str]]) -> None:
    theirs = prepare_workspace(cloud.tools.store, WorkspaceSetup("theirs", "Theirs"), new_id()).id
    _ask(cloud, 2, workspace=theirs)
    headers = cloud.person("admin", theirs)[1]
    cloud.http("admin").patch("/v1/workspace/answering", json={"wanted_precision": 0.8}, headers=headers)
    assert _get(cloud, "/v1/model-calls", admin[1])["calls"] == []
    assert _get(cloud, "/v1/budget", admin[1])["spent_microusd"] == 0
    assert _get(cloud, "/v1/workspace/answering", admin[1])["wanted_precision"] == 0.95


def test_a_workspace_decides_how_sure_and_how_dear(cloud: Cloud, admin: tuple[User, dict[str, str]]) -> None:
    user, headers = admin
    before = _get(cloud, "/v1/workspace/answering", headers)
    assert (before["wanted_precision"], before["daily_budget_microusd"]) == (0.95, None)
    assert before["default_daily_budget_microusd"] == 5_000_000
    change = {"wanted_precision": 0.98, "daily_budget_microusd": 1_000}
    after = cloud.http("admin").patch("/v1/workspace/answering", json=change, headers=headers).json()
    assert after == _get(cloud, "/v1/workspace/answering", headers)
    assert (after["wanted_precision"], after["daily_budget_microusd"]) == (0.98, 1_000)
    assert after["threshold"] > before["threshold"]
    assert after["threshold_with_examples"] > before["threshold_with_examples"]
    assert _get(cloud, "/v1/budget", headers)["budget_microusd"] == 1_000
    with cloud.tools.database.transaction() as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(cloud.workspace_id)])
        (entry,) = connection.execute(
            "SELECT actor, detail FROM audit_entries WHERE action = 'answering.changed'"
        ).fetchall()
    assert entry == (
        str(user.id),
        {"before": {"wanted_precision": 0.95, "daily_budget_microusd": None}, "after": change},
    )

    back = cloud.http("admin").patch("/v1/workspace/answering", json={"daily_budget_microusd": None}, headers=headers)
    assert (back.json()["daily_budget_microusd"], back.json()["wanted_precision"]) == (None, 0.98)


def test_a_lower_precision_answers_what_a_higher_one_asks_back(
    cloud: Cloud, admin: tuple[User, dict[str, str]]
) -> None:
    fields = ("external_id", "title", "body", "questions", "topics")
    articles = [{name: getattr(article, name) for name in fields} for article in BASICS]
    cloud.http("knowledge").post("/v1/articles/import", json={"articles": articles}, headers=admin[1])
    cloud.drain()
    question = "My card was eaten and I do not know what to do"

    def asked(precision: float) -> Any:
        body = {"wanted_precision": precision}
        cloud.http("admin").patch("/v1/workspace/answering", json=body, headers=admin[1])
        return cloud.http("chat").post("/chat", json={"message": question}).json()

    assert asked(0.5)["action"] == "answer"
    assert asked(0.999)["action"] != "answer"
    assert cloud.http("chat").post("/chat", json={"message": SHARED}).json()["action"] != "answer"


@pytest.mark.usefixtures("through")
def test_the_costs_on_the_command_line(cloud: Cloud) -> None:
    _ask(cloud, 2)
    shown = run("costs", *AT)
    assert shown.code == 0, shown.err
    assert "$0.000030 of 5.00 dollars" in shown.out
    assert "answer" in shown.out
    assert "the script is at its end" in shown.out
    found = json.loads(run("costs", "--json", "--calls", "1", *AT).out)
    assert (found["budget"]["spent_microusd"], len(found["calls"])) == (30, 1)


@pytest.mark.usefixtures("through")
def test_the_wishes_on_the_command_line(cloud: Cloud) -> None:
    shown = run("answering", "--precision", "0.9", "--budget", "2.50", *AT)
    assert shown.code == 0, shown.err
    assert "90" in shown.out
    found = json.loads(run("answering", "--json", *AT).out)
    assert (found["wanted_precision"], found["daily_budget_microusd"]) == (0.9, 2_500_000)
    assert json.loads(run("answering", "--budget", "default", "--json", *AT).out)["daily_budget_microusd"] is None


@pytest.mark.usefixtures("through")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("answering", "--precision", "95"), "wanted_precision"),
        (("answering", "--budget", "much"), "--budget"),
        (("answering", "--budget", "-1"), "--budget"),
        (("answering", "--budget", "nan"), "--budget"),
        (("costs", "--day", "yesterday"), "day"),
    ],
)
def test_a_slip_of_the_pen(arguments: tuple[str, ...], said: str, cloud: Cloud) -> None:
    shown = run(*arguments, *AT)
    assert shown.code != 0
    assert said in shown.err
    assert "Traceback" not in shown.err
