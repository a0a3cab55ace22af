# ruff: noqa: RUF001 - punctuation of other languages is meant
"""The twenty mails in events/emails: what they were written to show."""

from pathlib import Path

import pytest

from supportmax.domain.mail import AutoKind, ParsedMail
from supportmax.services.mail import parse_mail

EMAILS = Path(__file__).parents[3] / "events" / "emails"


def _parse(number: int) -> ParsedMail:
    (path,) = EMAILS.glob(f"{number:02d}-*.eml")
    return parse_mail(path.read_bytes())


def test_there_are_twenty() -> None:
    assert len(list(EMAILS.glob("*.eml"))) == 20


@pytest.mark.parametrize("number", range(1, 21))
def test_every_mail_has_what_a_ticket_needs(number: int) -> None:
    mail = _parse(number)
    assert mail.from_ is not None
    assert mail.from_.address.split("@")[1].endswith(("example.com", "example.net", "example.org"))
    assert "support@pebblebank.example" in [one.address for one in mail.to]
    assert mail.subject and mail.message_id and mail.reply_text
    assert mail.date is not None
    assert (mail.date.year, mail.date.month) == (2026, 11)
    assert "Sent from my" not in mail.reply_text
    assert "wrote:" not in mail.reply_text


def test_only_the_three_automatic_mails_are_automatic() -> None:
    kinds = {number: _parse(number).auto_kind for number in range(1, 21)}
    assert {number: kind for number, kind in kinds.items() if kind} == {
        10: AutoKind.AUTO_REPLY,
        11: AutoKind.BOUNCE,
        12: AutoKind.LIST,
    }


@pytest.mark.parametrize(
    ("number", "begins", "ends"),
    [
        (1, "Good morning,", "Martha Oduya"),
        (2, "Hello Pebblebank team,", "Thank you – Tomáš Havel"),
        (4, "I typed the wrong PIN", "Liam"),
        (5, "Hello,", "karin.brandt@example.net"),
        (6, "I lost my wallet", "how do I get a new one?"),
        (8, "Guten Tag,", "Jörg Königsmann"),
        (9, "Bonjour,", "Amélie Lefèvre"),
        (19, "And how much does", "Martha"),
    ],
)
def test_reply_text(number: int, begins: str, ends: str) -> None:
    reply = _parse(number).reply_text
    assert reply.startswith(begins)
    assert reply.endswith(ends)


def test_attachments() -> None:
    files = _parse(7).attachments
    assert [(a.name, a.content_type, a.content[:4]) for a in files] == [
        ("recibo de salário.pdf", "application/pdf", b"%PDF"),
        ("screenshot.png", "image/png", b"\x89PNG"),
    ]


def test_the_follow_up_refers_to_the_first_mail() -> None:
    assert _parse(19).references == (_parse(1).message_id,)
