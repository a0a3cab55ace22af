"""What the template promises, in the form that a reader of it cannot see at a glance."""

import json
import re
from itertools import chain
from typing import Any

import pytest

from tests.packaging import template
from tests.packaging.template import FUNCTIONS, as_list, logical, resources, statements

QUEUES = {
    "Classify": 60, "Respond": 60, "Escalate": 30, "EmailSend": 30, "Index": 120, "CrmSync": 60, "WebhookSend": 60,
}  # fmt: skip
BIGGEST_TIMEOUT_OF_API = 29


def functions() -> dict[str, Any]:
    return resources("AWS::Serverless::Function")


def test_every_function_of_the_design_is_there_and_no_other() -> None:
    assert set(functions()) == {logical(name) for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_is_built_from_its_own_folder(name: str) -> None:
    properties = functions()[logical(name)]

    assert properties["CodeUri"] == f"functions/{name}"
    assert properties["Handler"] == f"functions.{name}.app.handler"
    assert template.load()["Resources"][logical(name)]["Metadata"] == {"BuildMethod": "makefile"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_has_a_role_of_its_own(name: str) -> None:
    """SAM makes one role per function as long as none is named."""
    assert "Role" not in functions()[logical(name)]
    assert "Role" not in template.load()["Globals"]["Function"]


def all_statements() -> list[dict[str, Any]]:
    own = chain.from_iterable(statements(name) for name in FUNCTIONS)
    policies = ("AWS::IAM::ManagedPolicy", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy")
    of_resources = chain.from_iterable(
        properties["PolicyDocument"]["Statement"] for kind in policies for properties in resources(kind).values()
    )
    return [*own, *of_resources]


def test_no_policy_allows_a_wildcard_action_or_every_resource() -> None:
    allowed = [statement for statement in all_statements() if statement["Effect"] == "Allow"]

    assert len(allowed) > len(FUNCTIONS)
    for statement in allowed:
        assert not [action for action in as_list(statement["Action"]) if "*" in action], statement
        assert "*" not in as_list(statement["Resource"]), statement


def queues_known(name: str) -> set[str]:
    """Logical ids of the queues whose address a function has."""
    variables = functions()[logical(name)].get("Environment", {}).get("Variables", {})
    return {value["Ref"] for key, value in variables.items() if "_QUEUE_" in key or "DEAD_LETTER" in key}


def queues_allowed(name: str, action: str) -> set[str]:
    """Logical ids of the queues with which its role may do that."""
    return {
        resource["Fn::GetAtt"][0]
        for statement in statements(name)
        if action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "admin"])
def test_function_may_send_to_exactly_the_queues_that_it_knows(name: str) -> None:
    assert queues_allowed(name, "sqs:SendMessage") == queues_known(name)


def test_admin_looks_at_all_queues_and_sends_to_what_it_begins_alone() -> None:
    every = {f"{queue}Queue" for queue in QUEUES}

    assert queues_allowed("admin", "sqs:GetQueueAttributes") >= every
    assert queues_known("admin") >= every
    assert queues_allowed("admin", "sqs:SendMessage") == {"EmailSendQueue", "IndexQueue", "WebhookSendQueue"}


def test_maintenance_can_sweep_the_outbox_to_every_queue() -> None:
    assert queues_allowed("maintenance", "sqs:SendMessage") == {f"{queue}Queue" for queue in QUEUES}


def test_only_migrate_knows_the_owner_of_the_database() -> None:
    knowing = {
        name
        for name, properties in functions().items()
        if any("MIGRATION_DATABASE" in key for key in properties.get("Environment", {}).get("Variables", {}))
    }
    assert knowing == {"MigrateFunction"}


@pytest.mark.parametrize("queue", QUEUES)
def test_queue_gives_up_after_five_tries_and_keeps_the_message(queue: str) -> None:
    properties = resources("AWS::SQS::Queue")[f"{queue}Queue"]

    assert properties["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [f"{queue}DeadLetterQueue", "Arn"]},
        "maxReceiveCount": 5,
    }
    longest = resources("AWS::SQS::Queue")[f"{queue}DeadLetterQueue"]["MessageRetentionPeriod"]
    assert longest > properties["MessageRetentionPeriod"]


@pytest.mark.parametrize(("queue", "timeout"), QUEUES.items())
def test_message_stays_hidden_while_its_function_may_still_work_on_it(queue: str, timeout: int) -> None:
    mapping = next(
        properties
        for properties in resources("AWS::Lambda::EventSourceMapping").values()
        if properties["EventSourceArn"] == {"Fn::GetAtt": [f"{queue}Queue", "Arn"]}
    )
    consumer = functions()[mapping["FunctionName"]["Ref"]]

    assert consumer["Timeout"] == timeout
    assert resources("AWS::SQS::Queue")[f"{queue}Queue"]["VisibilityTimeout"] >= 6 * timeout
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def alarmed() -> set[tuple[str, str]]:
    alarms = resources("AWS::CloudWatch::Alarm").values()
    return {(alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0], alarm["MetricName"]) for alarm in alarms}


@pytest.mark.parametrize("queue", QUEUES)
def test_people_hear_of_old_and_of_failed_messages(queue: str) -> None:
    assert (f"{queue}Queue", "ApproximateAgeOfOldestMessage") in alarmed()
    assert (f"{queue}DeadLetterQueue", "ApproximateNumberOfMessagesVisible") in alarmed()


def test_failed_events_of_mail_and_schedules_are_kept_and_alarmed() -> None:
    for name in ("email_ingest", "maintenance", "salesforce_sync"):
        destination = functions()[logical(name)]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
        assert destination["Destination"] == {"Fn::GetAtt": ["FailedEventsQueue", "Arn"]}
    assert ("FailedEventsQueue", "ApproximateNumberOfMessagesVisible") in alarmed()


def test_the_dashboard_shows_what_functions_measure_and_every_dead_letter_queue() -> None:
    (dashboard,) = resources("AWS::CloudWatch::Dashboard").values()
    body = dashboard["DashboardBody"]["Fn::Sub"]
    shown = [json.dumps(widget["properties"]["metrics"]) for widget in json.loads(body)["widgets"]]
    for queue in QUEUES:
        assert sum(f"{queue}DeadLetterQueue.QueueName" in metrics for metrics in shown) == 1
        assert sum(f"{{{queue}Queue.QueueName" in metrics for metrics in shown) == 1
    sources = [
        *(template.ROOT / "shared" / "supportmax" / "runtime").glob("*.py"),
        *template.ROOT.glob("functions/*/*.py"),
    ]
    emitted = {name for path in sources for name in re.findall(r'emit\("(\w+)"', path.read_text("utf-8"))}
    assert emitted == {"Turns", "TurnLatency", "MailsIn", "MailsOut", "Failures", "QueuedMessages", "QueueAge"}
    assert all(any(name in metrics for metrics in shown) for name in emitted)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_logs_are_kept_for_a_limited_time(name: str) -> None:
    group = functions()[logical(name)]["LoggingConfig"]["LogGroup"]["Ref"]

    assert resources("AWS::Logs::LogGroup")[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def routes() -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, event["Properties"])
        for name, properties in functions().items()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "Api"
    ]


def test_api_names_every_method_and_each_route_once() -> None:
    """The emulator drops ANY and greedy paths; a route in two functions would be decided by chance."""
    named = [(properties["Method"], properties["Path"]) for _, properties in routes()]

    assert len(named) == len(set(named))
    assert {method for method, _ in named} <= {"get", "post", "put", "patch", "delete", "options"}
    assert not [path for _, path in named if "+" in path]


def test_api_functions_end_before_the_gateway_gives_up() -> None:
    for name, _ in routes():
        assert functions()[name]["Timeout"] <= BIGGEST_TIMEOUT_OF_API


def test_buckets_are_private_and_survive_the_stack() -> None:
    for name, properties in resources("AWS::S3::Bucket").items():
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert template.load()["Resources"][name]["DeletionPolicy"].startswith("Retain")


def test_migration_runs_when_its_code_a_layer_or_a_setting_has_changed() -> None:
    properties = functions()["MigrateFunction"]
    migration = template.load()["Resources"]["Migration"]["Properties"]

    assert properties["AutoPublishAliasAllProperties"] is True
    assert migration["Version"] == {"Ref": "MigrateFunction.Version"}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "migrate"])
def test_new_code_waits_for_the_new_schema(name: str) -> None:
    assert template.load()["Resources"][logical(name)]["DependsOn"] == "Migration"


def test_secrets_are_never_shown() -> None:
    for name, parameter in template.load()["Parameters"].items():
        secret = name.endswith(("Url", "Secret", "Password", "Key", "PrivateKey")) and "Base" not in name
        if secret and not name.endswith(("LoginUrl", "AppUrl")):
            assert parameter.get("NoEcho") is True, name
