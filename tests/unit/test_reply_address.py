"""The signed reply address: whoever it was given to comes back to the ticket, nobody else."""

from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from supportmax.services.mail.reply_address import ReplyAddresses

OURS = ReplyAddresses("support@desk.example", "secret")
TICKET = UUID("01890000-0000-7000-8000-000000000000")
ANN = "ann@customer.example"
customers = st.emails()


@given(st.uuids(), customers)
def test_the_customer_comes_back_to_the_ticket(ticket_id: UUID, customer: str) -> None:
    assert OURS.ticket_of(OURS.for_ticket(ticket_id, customer), customer) == ticket_id


@given(st.uuids(), customers, st.sampled_from([str.upper, str.lower, str.title]))
def test_capitals_do_not_matter(ticket_id: UUID, customer: str, written: object) -> None:
    assert callable(written)
    address = OURS.for_ticket(ticket_id, customer)
    assert OURS.ticket_of(f" {written(address)} ", written(customer)) == ticket_id


@given(st.uuids(), customers, customers)
def test_somebody_else_does_not(ticket_id: UUID, customer: str, other: str) -> None:
    assume(customer.lower() != other.lower())
    assert OURS.ticket_of(OURS.for_ticket(ticket_id, customer), other) is None


@given(st.integers(0, 41), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_changed_token_threads_nobody(place: int, letter: str) -> None:
    local, _, domain = OURS.for_ticket(TICKET, ANN).partition("@")
    token = local.removeprefix("support+")
    forged = token[:place] + letter + token[place + 1 :]
    found = OURS.ticket_of(f"support+{forged}@{domain}", ANN)
    # The last letter carries bits that nobody reads.
    assert found is None or (forged[:-1] == token[:-1] and found == TICKET)


@given(st.text(min_size=1))
def test_another_secret_opens_nothing(secret: str) -> None:
    assume(secret != "secret")
    try:
        theirs = ReplyAddresses("support@desk.example", secret).for_ticket(TICKET, ANN)
    except UnicodeEncodeError:
        return
    assert OURS.ticket_of(theirs, ANN) is None


@given(st.text())
@pytest.mark.parametrize("form", ["{}", "{}@desk.example", "support+{}@desk.example"])
def test_no_address_breaks_it(form: str, text: str) -> None:
    assert OURS.ticket_of(form.format(text), ANN) is None


def test_the_local_part_stays_within_64_characters() -> None:
    address = OURS.for_ticket(TICKET, ANN)
    assert len(address.partition("@")[0]) <= 64
    assert address.endswith("@desk.example")


def test_a_support_address_with_a_tag_of_its_own() -> None:
    tagged = ReplyAddresses("help+desk@desk.example", "secret")
    assert tagged.ticket_of(tagged.for_ticket(TICKET, ANN), ANN) == TICKET
