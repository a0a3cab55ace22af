"""What only the Salesforce adapter does: its session, repeating after a lost answer, and what it writes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from supportmax.adapters.crm import salesforce_mapping
from supportmax.adapters.crm.salesforce import SalesforceCRM
from supportmax.domain.errors import InvalidInput, PermanentFailure, TransientFailure
from tests.fakes.cases import LONG_AGO, comment, config, ticket
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


def test_a_case_carries_what_an_agent_in_salesforce_needs(crm: SalesforceCRM, server: SalesforceServer) -> None:
    case = ticket(comment(), comment("Check the station", public=False))

    link = crm.push_case(case)

    (row,) = server.org.cases
    (contact,) = server.org.contacts
    assert row["Id"] == link.case_id
    assert row["ContactId"] == contact["Id"] == link.contact_id
    assert (row["Subject"], row["Status"], row["Priority"]) == (case.subject, "Working", "High")
    assert (row["SupportMax_Status__c"], row["SupportMax_Priority__c"]) == ("open", "urgent")
    assert row["SupportMax_Category__c"] == "card_swallowed"
    assert (contact["FirstName"], contact["LastName"]) == ("Ada King", "Lovelace")
    assert [c["IsPublished"] for c in server.org.comments] == [True, False]
    assert server.org.comments[0]["CommentBody"].startswith("Ada Lovelace, 2026-01-02 10:33 UTC\n\nIt kept my card")
    assert link.url == f"{server.url}/{link.case_id}"


def test_the_session_is_kept_between_calls(crm: SalesforceCRM, server: SalesforceServer) -> None:
    crm.push_case(ticket())
    crm.changed_cases(LONG_AGO, 10)

    assert server.sign_ins == 1


@pytest.mark.parametrize("when", [QUERY, SAVE_CONTACT, SAVE_CASE, ADD_COMMENTS])
def test_an_expired_session_is_renewed_once_and_the_push_goes_on(
    crm: SalesforceCRM, server: SalesforceServer, when: str
) -> None:
    server.trouble("expired", on=when)

    crm.push_case(ticket(comment()))

    assert server.sign_ins == 2
    assert (len(server.org.cases), len(server.org.contacts), len(server.org.comments)) == (1, 1, 1)


def test_a_session_that_ends_again_at_once_is_left_to_the_queue(crm: SalesforceCRM, server: SalesforceServer) -> None:
    server.trouble("expired", on=QUERY, times=2)

    with pytest.raises(TransientFailure, match="INVALID_SESSION_ID"):
        crm.changed_cases(LONG_AGO, 10)

    assert server.sign_ins == 2


@pytest.mark.parametrize("lost", [SAVE_CONTACT, SAVE_CASE, ADD_COMMENTS])
def test_a_lost_answer_and_a_repeated_push_leave_one_of_each(
    crm: SalesforceCRM, server: SalesforceServer, lost: str
) -> None:
    case = ticket(comment("first"), comment("second"))
    server.trouble("cut_after", on=lost)

    with pytest.raises(TransientFailure, match="connection to Salesforce broke"):
        crm.push_case(case)
    link = crm.push_case(case)

    assert (len(server.org.cases), len(server.org.contacts), len(server.org.comments)) == (1, 1, 2)
    assert set(link.comment_ids.values()) == {row["Id"] for row in server.org.comments}


def test_a_case_that_appears_while_we_look_gets_no_comment_twice(crm: SalesforceCRM, server: SalesforceServer) -> None:
    case = ticket(comment())
    other = SalesforceCRM(config(server))
    server.meanwhile(SAVE_CASE, lambda: other.push_case(case))

    crm.push_case(case)

    assert (len(server.org.cases), len(server.org.contacts), len(server.org.comments)) == (1, 1, 1)


def test_pages_of_a_query_are_followed(crm: SalesforceCRM, server: SalesforceServer) -> None:
    server.page_size = 2
    case = ticket(*(comment(f"message {i}") for i in range(5)))
    crm.push_case(case)
    crm.push_case(case)
    for _ in range(4):
        crm.push_case(ticket())

    assert len(server.org.comments) == 5
    assert len(crm.changed_cases(LONG_AGO, 100)) == 5


def test_more_comments_than_one_request_takes(crm: SalesforceCRM, server: SalesforceServer) -> None:
    case = ticket(*(comment(f"message {i}") for i in range(201)))

    assert len(crm.push_case(case).comment_ids) == 201
    assert len(server.org.comments) == 201


def test_before_api_version_46_the_id_is_read_after_an_update(server: SalesforceServer) -> None:
    crm = SalesforceCRM(config(server, api_version="45.0"))
    case = ticket(comment())

    assert crm.push_case(case) == crm.push_case(case)
    assert (len(server.org.cases), len(server.org.comments)) == (1, 1)


def test_a_contact_that_people_keep_is_linked_and_not_changed(crm: SalesforceCRM, server: SalesforceServer) -> None:
    kept = server.org.insert("Contact", {"LastName": "Countess of Lovelace", "Email": "Ada@Customer.example"})

    link = crm.push_case(ticket())

    assert link.contact_id == kept
    assert [row["LastName"] for row in server.org.contacts] == ["Countess of Lovelace"]


def test_our_contact_is_found_again_after_its_address_changed_there(
    crm: SalesforceCRM, server: SalesforceServer
) -> None:
    first = crm.push_case(ticket())
    assert first.contact_id
    server.org.edit("Contact", first.contact_id, Email="ada@elsewhere.example")

    assert crm.push_case(ticket()).contact_id == first.contact_id


def test_duplicate_rules_that_alert_are_passed_and_those_that_block_are_reported(
    crm: SalesforceCRM, server: SalesforceServer
) -> None:
    server.org.insert("Contact", {"LastName": "Lovelace", "Email": "another@customer.example"})
    server.org.alerting_duplicate_rule = True
    crm.push_case(ticket())
    assert len(server.org.contacts) == 2

    server.org.blocking_duplicate_rule = True
    with pytest.raises(PermanentFailure, match="Set the duplicate rule on Contact to Allow"):
        crm.push_case(ticket(requester_email="third@customer.example"))


@pytest.mark.parametrize("address", ["ada@localhost", "no address", "ä@b.example", f"{'a' * 80}@b.example"])
def test_an_address_salesforce_would_refuse_does_not_keep_the_case_out(
    crm: SalesforceCRM, server: SalesforceServer, address: str
) -> None:
    assert crm.push_case(ticket(requester_email=address)).contact_id is None
    assert server.org.cases[0]["SuppliedName"] == "Ada King Lovelace"


def test_quotes_in_an_address_stay_data(crm: SalesforceCRM, server: SalesforceServer) -> None:
    server.org.insert("Contact", {"LastName": "Boss", "Email": "boss@pebblebank.example"})

    link = crm.push_case(ticket(requester_email="o'neil'OR'1@customer.example"))

    (ours,) = [row for row in server.org.contacts if row["Id"] == link.contact_id]
    assert ours["Email"] == "o'neil'OR'1@customer.example"


def test_long_and_odd_texts_fit(crm: SalesforceCRM, server: SalesforceServer) -> None:
    long = "Straße 🙂\x00\x08 " * 10_000
    case = ticket(comment(long), subject=long, description=long, requester_name=long, category=long)

    crm.push_case(case)
    crm.push_case(case)

    (row,) = server.org.comments
    assert len(row["CommentBody"].encode()) <= 4000
    assert "shortened" in row["CommentBody"]
    assert "\x00" not in f"{server.org.cases}{server.org.contacts}{server.org.comments}"


def test_people_keep_their_own_values_that_mean_the_same(crm: SalesforceCRM, server: SalesforceServer) -> None:
    case = ticket()
    link = crm.push_case(case)
    server.org.edit("Case", link.case_id, Status="Assigned", Description="edited there")

    (change,) = crm.changed_cases(LONG_AGO, 10)
    crm.push_case(case)

    assert not change.status_changed
    (row,) = server.org.cases
    assert (row["Status"], row["Description"]) == ("Assigned", "edited there")


def test_cases_that_are_not_ours_are_left_out(
    crm: SalesforceCRM, server: SalesforceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.org.insert("Case", {"Subject": "made there"})
    server.org.insert("Case", {"SupportMax_Ticket_Id__c": "typed by hand"})

    assert crm.changed_cases(LONG_AGO, 10) == []
    assert "unusable SupportMax_Ticket_Id__c" in caplog.text


def test_a_watermark_needs_a_time_zone(crm: SalesforceCRM) -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        crm.changed_cases(datetime(2026, 1, 1), 10)


def test_a_watermark_may_have_any_time_zone_and_fractions(crm: SalesforceCRM, server: SalesforceServer) -> None:
    crm.push_case(ticket())
    since = (server.org.clock - timedelta(seconds=1, microseconds=-7)).astimezone()

    assert len(crm.changed_cases(since, 10)) == 1


@pytest.mark.parametrize(
    ("login_url", "audience"),
    [
        ("https://login.salesforce.com/", "https://login.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://pebble.my.salesforce.com", "https://login.salesforce.com"),
        ("https://pebble--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_a_my_domain_address_signs_in_for_the_audience_salesforce_expects(
    server: SalesforceServer, login_url: str, audience: str
) -> None:
    assert config(server, login_url=login_url).audience == audience


def test_a_key_written_on_one_line_works(server: SalesforceServer) -> None:
    settings = config(server, private_key=server.private_key.replace("\n", "\\n"))

    assert SalesforceCRM(settings).changed_cases(LONG_AGO, 10) == []


def test_a_marker_that_a_customer_writes_hides_nothing(crm: SalesforceCRM, server: SalesforceServer) -> None:
    later = comment("the second message")
    case = ticket(comment(f"as I said [SupportMax {later.message_id}]"))
    crm.push_case(case)

    crm.push_case(replace(case, comments=(*case.comments, later)))

    found = [salesforce_mapping.marked_message(row["CommentBody"]) for row in server.org.comments]
    assert found == [case.comments[0].message_id, later.message_id]
