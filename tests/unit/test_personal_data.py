"""Personal data is found in whatever spelling, and nothing else is taken for it."""

import json
from collections.abc import Callable
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.personal_data import Mask, checks, find, generalise, redact, same
from tests.canaries import canaries, plain

# Published examples of the ids and accounts, not from our own checksums.
KNOWN = [
    ("card", "4111-1111-1111-1111"),
    ("card", "4111 1111 1111 1111"),
    ("card", "4111,1111,1111,1111"),
    ("card", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
    ("card", "3782 822463 10005"),
    ("card", "\uff14\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11"),
    ("card", "4111\u00a01111\u20091111\u202f1111"),
    ("card", "4111\u200b111111111111"),
    ("card", "5555 5555 5555 4444 12/27 123"),
    ("iban", "DE89 3704 0044 0532 0130 00"),
    ("iban", "de89370400440532013000"),
    ("iban", "GB82-WEST-1234-5698-7654-32"),
    ("iban", "FR14 2004 1010 0505 0001 3M02 606"),
    ("iban", "MT84 MALT 0110 0001 2345 MTLC AST0 01S"),
    ("phone", "+44 20 7946 0958"),
    ("phone", "(555) 123-4567"),
    ("phone", "07700 900123"),
    ("phone", "07700900123"),
    ("phone", "+49 (0)30 901820"),
    ("phone", "030/901820"),
    ("phone", "01.23.45.67.89"),
    ("phone", "555-1234"),
    ("phone", "+1-555-123-4567 ext. 89"),
    ("email", "jane.doe+tag@sub.example.co.uk"),
    ("email", "jane at example dot com"),
    ("email", "jane [at] example [dot] com"),
    ("email", "jane.doe at gmail.com"),
    ("email", '"jane doe"@example.com'),
    ("email", "jane%40example.com"),
    ("email", "jane&#64;example.com"),
    ("email", "\uff4a\uff41\uff4e\uff45\uff20\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d"),
    ("id", "078-05-1120"),
    ("id", "QQ 12 34 56 C"),
    ("id", "12345678-Z"),
    ("id", "X1234567L"),
    ("id", "111222333"),
    ("id", "1 84 12 76 451 089 46"),
    ("id", "RSSMRA85T10A562S"),
    ("id", "44051401359"),
    ("id", "529.982.247-25"),
    ("id", "86 095 742 719"),
    ("id", "131052-308T"),
    ("id", "756.9217.0769.85"),
    ("id", "811228-9874"),
    ("id", "943 476 5919"),
    ("id", "85.07.30-033 28"),
    ("id", "1234567T"),
    ("id", "S1234567D"),
    ("id", "12.345.678-5"),
]
AROUND = ["{}", "My data: {}, thanks.", "Hello\n{}\nBye", "({})", "see scan_{}.pdf", "It is:{}"]
HARMLESS = [
    "order 12345678",
    "order #1234567",
    "2026-11-23",
    "23.11.2026",
    "11/23/2026 at 10:30",
    "2026-11-26T01:15:35.123456+00:00",
    "018f0000-1234-7000-8000-123456789012",
    "$2,099.00",
    "1,234,567.89 EUR",
    "took 1234567 ms",
    "2019-2020",
    "I bought it at example.com",
    "text-embedding-3-large@1024",
    "3 @ 5.00 each",
    "0.1234567890123",
    "SW1A 1AA, room 1234",
    "24/7, 10:30-11:45",
]


@pytest.mark.parametrize(("kind", "data"), KNOWN)
def test_known_examples_are_found_whole(kind: str, data: str) -> None:
    for around in AROUND:
        text = around.format(data)
        if around.startswith("see scan") and kind == "email":
            continue  # what is before and behind it may be part of the address
        assert [(found.kind, found.value) for found in find(text)] == [(kind, data)], text


@pytest.mark.parametrize("text", HARMLESS)
def test_orders_dates_and_amounts_are_not_taken_for_it(text: str) -> None:
    assert redact(text) == text


@given(st.uuids())
def test_an_id_of_ours_is_never_taken_for_it(one: UUID) -> None:
    """Dead letters are masked, and must still be redriven."""
    assert redact(f'{{"ticket_id":"{one}"}}') == f'{{"ticket_id":"{one}"}}'


def test_made_up_data_of_every_kind_is_found() -> None:
    """Other seeds than the one of the canary test."""
    made = [one for seed in range(5) for one in canaries(200, seed)]
    assert [one for one in made if one.bare in _bare(redact(f"It is {one.text}."))] == []


def _bare(text: str) -> str:
    return checks.bare(plain(text)).lower()


@pytest.mark.parametrize(
    ("check", "valid"),
    [
        (checks.card, "4111111111111111"),
        (checks.iban, "DE89370400440532013000"),
        (checks.uk_nhs, "9434765919"),
        (checks.nl_bsn, "111222333"),
        (checks.fr_nir, "184127645108946"),
        (checks.de_steuer_id, "86095742719"),
        (checks.pl_pesel, "44051401359"),
        (checks.br_cpf, "52998224725"),
        (checks.be_national_number, "85073003328"),
        (checks.ch_ahv, "7569217076985"),
        (checks.pt_nif, "123456789"),
    ],
)
def test_a_checksum_tells_a_wrong_digit(check: Callable[[str], bool], valid: str) -> None:
    assert check(valid)
    for place in range(len(valid) - 1, len(valid) - 4, -1):
        wrong = f"{valid[:place]}{(int(valid[place]) + 1) % 10}{valid[place + 1 :]}"
        assert not check(wrong), wrong


# Masking


@given(st.lists(st.sampled_from([data for _, data in KNOWN]) | st.text(max_size=20), max_size=6))
def test_what_is_masked_comes_back(pieces: list[str]) -> None:
    text = " , ".join(pieces)
    mask = Mask(beside=text)
    assert mask.restore(mask.hide(text)) == text


def test_the_same_data_has_the_same_placeholder_everywhere() -> None:
    mask = Mask()
    hidden = mask.hide({"message": "a@b.example or c@d.example", "passages": [{"text": "not a@b.example"}]})
    assert hidden == {"message": "[EMAIL_1] or [EMAIL_2]", "passages": [{"text": "not [EMAIL_1]"}]}


def test_a_placeholder_that_a_customer_wrote_stands_for_nothing() -> None:
    text = "write [EMAIL_1] for a@b.example"
    mask = Mask(beside=text)
    assert mask.hide(text) == "write [EMAIL_1] for [EMAIL_2]"
    assert mask.restore("[EMAIL_1] [EMAIL_2] [EMAIL_9]") == "[EMAIL_1] a@b.example [EMAIL_9]"


@pytest.mark.parametrize("spelled", ["[EMAIL_1]", "[email_1]", "[ EMAIL_1 ]", r"\[EMAIL_1\]", "[EMAIL 1]"])
def test_models_may_spell_a_placeholder_in_their_way(spelled: str) -> None:
    mask = Mask()
    mask.hide("a@b.example")
    assert mask.restore(f"to {spelled}.") == "to a@b.example."


def test_json_under_way_never_shows_half_a_placeholder() -> None:
    mask = Mask()
    mask.hide('"a b"@c.example')
    whole = json.dumps({"text": "to [EMAIL_1] now"})
    seen = [mask.restore_json(whole[:length]) for length in range(len(whole) + 1)]
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert json.loads(seen[-1]) == {"text": 'to "a b"@c.example now'}


def test_two_spellings_are_the_same_data() -> None:
    assert same("+44 (20) 7946-0958") == same("+442079460958")
    assert same(" Jane@Example.com") == same("jane@example.com")


def test_an_embedding_model_reads_words_instead() -> None:
    assert generalise("my card 4111 1111 1111 1111") == "my card card number"


@pytest.mark.parametrize("piece", ["1", "a@", "DE89", "(at)", "a at b dot ", '"@', "1 ", "1.", "a.", "\u200b1"])
def test_no_text_keeps_the_detector_busy(piece: str) -> None:
    redact(piece * (8_000 // len(piece)))
