"""Salesforce's bad days: what is retried, what is given up with a reason, and what never shows."""

import logging
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from supportmax.adapters.crm import salesforce_mapping
from supportmax.adapters.crm.salesforce import SalesforceCRM
from supportmax.adapters.crm.salesforce_config import SalesforceConfig
from supportmax.adapters.crm.salesforce_http import record_errors
from supportmax.domain.errors import PermanentFailure, SupportMaxError, TransientFailure
from tests.fakes.cases import LONG_AGO, comment, config, ticket
from tests.fakes.salesforce_org import Column
from tests.fakes.salesforce_server import SalesforceServer

SAVE_CASE = "PATCH /services/data/v62.0/sobjects/Case"
SAVE_CONTACT = "PATCH /services/data/v62.0/sobjects/Contact"
ADD_COMMENTS = "POST /services/data/v62.0/composite"
QUERY = "GET /services/data/v62.0/query"
SIGN_IN = "POST /services/oauth2/token"


@pytest.fixture
def server() -> Iterator[SalesforceServer]:
    with SalesforceServer() as running:
        yield running


@pytest.fixture
def crm(server: SalesforceServer) -> SalesforceCRM:
    return SalesforceCRM(config(server))


@pytest.mark.parametrize(
    "kind", ["unavailable", "request_limit", "too_many_requests", "locked_row", "lost_race", "cut_before"]
)
@pytest.mark.parametrize("when", [QUERY, SAVE_CASE, ADD_COMMENTS])
def test_what_passes_by_itself_is_transient(crm: SalesforceCRM, server: SalesforceServer, kind: str, when: str) -> None:
    case = ticket(comment())
    server.trouble(kind, on=when)

    with pytest.raises(TransientFailure):
        crm.push_case(case)

    crm.push_case(case)
    assert (len(server.org.cases), len(server.org.comments)) == (1, 1)


@pytest.mark.parametrize("kind", ["silent", "trickle"])
@pytest.mark.parametrize("when", [SIGN_IN, QUERY])
def test_no_answer_in_time_is_transient(server: SalesforceServer, kind: str, when: str) -> None:
    crm = SalesforceCRM(config(server, timeout_seconds=0.3))
    server.trouble(kind, on=when)
    started = monotonic()

    with pytest.raises(TransientFailure, match="did not answer in time"):
        crm.changed_cases(LONG_AGO, 10)

    assert monotonic() - started < 3


def test_nothing_listening_is_transient(server: SalesforceServer) -> None:
    settings = config(server, login_url="http://127.0.0.1:9")

    with pytest.raises(TransientFailure, match="connection to Salesforce broke"):
        SalesforceCRM(settings).changed_cases(LONG_AGO, 10)


def test_a_missing_custom_field_is_permanent_and_says_what_to_create(
    crm: SalesforceCRM, server: SalesforceServer
) -> None:
    del server.org.schema["Case"]["SupportMax_Ticket_Id__c"]

    with pytest.raises(PermanentFailure, match=r"SupportMax_Ticket_Id__c.*docs/salesforce\.md"):
        crm.push_case(ticket())


def test_a_field_that_is_no_external_id_is_permanent(crm: SalesforceCRM, server: SalesforceServer) -> None:
    server.org.schema["Case"]["SupportMax_Ticket_Id__c"] = Column(36)

    with pytest.raises(PermanentFailure, match=r"NOT_FOUND.*docs/salesforce\.md"):
        crm.push_case(ticket())


def test_a_value_outside_a_picklist_is_permanent_until_it_is_mapped(server: SalesforceServer) -> None:
    server.org.schema["Case"]["Status"] = Column(values=("New", "In Progress", "Closed"))

    with pytest.raises(PermanentFailure, match="Add the value to the picklist, or map it"):
        SalesforceCRM(config(server)).push_case(ticket())

    statuses = dict(salesforce_mapping.STATUS_VALUES) | {"open": "In Progress", "pending": "In Progress"}
    SalesforceCRM(config(server, statuses=statuses)).push_case(ticket())
    assert server.org.cases[0]["Status"] == "In Progress"


def test_a_validation_rule_is_permanent(crm: SalesforceCRM, server: SalesforceServer) -> None:
    server.trouble("validation_rule", on=SAVE_CASE)

    with pytest.raises(PermanentFailure, match=r"Every case needs a product\. Exempt the integration user"):
        crm.push_case(ticket())


def test_two_cases_with_our_id_are_reported_by_their_ids(crm: SalesforceCRM, server: SalesforceServer) -> None:
    case = ticket()
    link = crm.push_case(case)
    twin = server.org.insert("Case", {"SupportMax_Ticket_Id__c": str(case.ticket_id)})

    with pytest.raises(PermanentFailure, match=rf"\({link.case_id}, {twin}\).*Merge or delete"):
        crm.push_case(case)


def test_refused_comments_leave_none_behind(crm: SalesforceCRM, server: SalesforceServer) -> None:
    server.org.schema["CaseComment"]["CommentBody"] = Column(300, in_bytes=True)
    case = ticket(comment("short"), comment("long " * 100))

    with pytest.raises(PermanentFailure, match="add the comments: STRING_TOO_LONG"):
        crm.push_case(case)

    assert server.org.comments == []


SIGN_IN_FAULTS: list[tuple[str, Callable[[SalesforceServer], dict[str, Any]]]] = [
    ("Check SALESFORCE_CONSUMER_KEY", lambda server: {"consumer_key": "another"}),
    ("Pre-authorise the integration user", lambda server: {"username": "stranger@pebblebank.example"}),
    ("SALESFORCE_PRIVATE_KEY must belong", lambda server: {"private_key": another_key()}),
    ("SALESFORCE_PRIVATE_KEY is not an RSA private key", lambda server: {"private_key": "not a key"}),
    ("SALESFORCE_LOGIN_URL must be", lambda server: {"login_url": server.url.replace("127.0.0.1", "localhost")}),
]


def another_key() -> str:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


@pytest.mark.parametrize(("told", "change"), SIGN_IN_FAULTS, ids=[told for told, _ in SIGN_IN_FAULTS])
def test_wrong_credentials_are_permanent_and_name_the_setting(
    server: SalesforceServer,
    caplog: pytest.LogCaptureFixture,
    told: str,
    change: Callable[[SalesforceServer], dict[str, Any]],
) -> None:
    settings = config(server, **change(server))
    caplog.set_level(logging.INFO)

    with pytest.raises(PermanentFailure, match=told) as raised:
        SalesforceCRM(settings).changed_cases(LONG_AGO, 10)

    assert_no_secret(raised.value, caplog.text, settings)


def test_an_overloaded_sign_in_is_transient(crm: SalesforceCRM, server: SalesforceServer) -> None:
    server.trouble("unavailable", on=SIGN_IN)

    with pytest.raises(TransientFailure, match="could not sign us in"):
        crm.changed_cases(LONG_AGO, 10)


def test_failures_and_settings_show_neither_keys_nor_customers(
    crm: SalesforceCRM, server: SalesforceServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.trouble("cut_before", on=QUERY, times=2)
    crm_settings = config(server)

    with pytest.raises(TransientFailure) as raised:
        crm.push_case(ticket())

    assert_no_secret(raised.value, caplog.text, crm_settings)


def assert_no_secret(error: SupportMaxError, logged: str, settings: SalesforceConfig) -> None:
    shown = f"{error} {error.__cause__} {logged} {settings!r}"
    assert error.__suppress_context__ or error.__context__ is None
    for secret in ("PRIVATE KEY-", "session1", "ada@customer.example", "SELECT", settings.private_key):
        assert secret not in shown


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"login_url": "http://login.salesforce.com"}, "SALESFORCE_LOGIN_URL must start with https"),
        ({"login_url": ""}, "SALESFORCE_LOGIN_URL must start with https"),
        ({"private_key": " "}, "SALESFORCE_PRIVATE_KEY is empty"),
        ({"statuses": {"new": "New"}}, "lack a value for: open, pending"),
    ],
)
def test_unusable_settings_are_named(server: SalesforceServer, changed: dict[str, Any], told: str) -> None:
    with pytest.raises(PermanentFailure, match=told):
        config(server, **changed)


def test_a_locked_row_among_comments_is_transient() -> None:
    """The collection answers 200; its entries carry `statusCode`, and the others say they were rolled back."""
    rolled_back = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "rolled back", "fields": []}
    locked = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}
    results = [{"success": False, "errors": [rolled_back]}, {"success": False, "errors": [locked]}]

    with pytest.raises(TransientFailure, match="UNABLE_TO_LOCK_ROW"):
        record_errors("add the comments", results)
