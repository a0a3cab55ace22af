"""From, To, Subject, Date and message ids, as honest and as broken programs write them."""

from datetime import UTC, datetime

import pytest

from supportmax.domain.mail import MailAddress
from supportmax.services.mail import parse_mail


def _with(header: str) -> bytes:
    return header.encode("utf-8", "surrogateescape") + b"\nX-Mailer: test\nMIME-Version: 1.0\n\nhi\n"


@pytest.mark.parametrize(
    ("header", "address", "name"),
    [
        ("From: ann@example.com", "ann@example.com", ""),
        ("From: <ann@example.com>", "ann@example.com", ""),
        ("From: Ann Lee <ann@example.com>", "ann@example.com", "Ann Lee"),
        ('From: "Lee, Ann" <ann@example.com>', "ann@example.com", "Lee, Ann"),
        ("From: ann@example.com (Ann Lee)", "ann@example.com", "Ann Lee"),
        ("From: =?utf-8?B?SsO2cmc=?= <j@example.com>", "j@example.com", "Jörg"),
        ("From: =?iso-8859-1?Q?J=F6rg_M=FCller?= <j@example.com>", "j@example.com", "Jörg Müller"),
        ("From: =?UTF-8?B?Rm9vLCBCYXI=?= <f@example.com>", "f@example.com", "Foo, Bar"),
        ('From: "=?utf-8?Q?Zo=C3=AB?=" <z@example.com>', "z@example.com", "Zoë"),
        ("From: Jörg <j@example.com>", "j@example.com", "Jörg"),
        ("From: =?utf-8?Q?Za=C5?= =?utf-8?Q?=BC?= <z@example.com>", "z@example.com", "Zaż"),
        ("From: 'ann@example.com' <ann@example.com>", "ann@example.com", ""),
        ("From: Evil\u202e <ann@example.com>", "ann@example.com", "Evil"),
    ],
)
def test_sender(header: str, address: str, name: str) -> None:
    assert parse_mail(_with(header)).from_ == MailAddress(address, name)


def test_latin1_bytes_without_a_charset_are_read() -> None:
    assert parse_mail(b'From: "J\xf6rg" <j@example.com>\n\nhi').from_ == MailAddress("j@example.com", "Jörg")


def test_a_cut_utf8_name_keeps_its_readable_part() -> None:
    sender = parse_mail("From: Юникод".encode() + b"\xd0 <u@example.com>\n\nhi").from_
    assert sender is not None
    assert sender.name.startswith("Юникод")


@pytest.mark.parametrize("header", ["Subject: no sender", "From:", "From: nobody", "From: undisclosed-recipients:;"])
def test_no_sender(header: str) -> None:
    assert parse_mail(_with(header)).from_ is None


def test_several_recipients_also_with_semicolons_and_repeats() -> None:
    mail = parse_mail(
        _with("To: a@example.com; Bo <b@example.com>;\nCc: c@example.com,\n c@example.com, d@example.com")
    )
    assert [one.address for one in mail.to] == ["a@example.com", "b@example.com"]
    assert [one.address for one in mail.cc] == ["c@example.com", "d@example.com"]


def test_one_broken_recipient_does_not_hide_the_others() -> None:
    mail = parse_mail(_with('To: "open quote <a@example.com>, b@example.com'))
    assert "b@example.com" in [one.address for one in mail.to]


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("Subject: Hello", "Hello"),
        ("Subject: folded\n  line", "folded line"),
        ("Subject: =?utf-8?q?caf=C3=A9?=", "café"),
        ("Subject: =?utf-8?B?8J+Tsew=?= x", "📱\ufffd x"),
        ("Subject: Re: =?windows-1251?B?yuDw8uA=?= (2)", "Re: Карта (2)"),
        ("Subject: =?gb2312?B?v6jGrA==?=", "卡片"),
        ("Subject: =?iso-2022-jp?B?GyRCJSshPCVJGyhC?=", "カード"),
        ("Subject: =?no-such-charset?Q?plain_text?=", "plain text"),
        ("Subject: =?utf-8?B?not base64 !?=", None),
        ("Subject: =?utf-8?Q?never closed", "=?utf-8?Q?never closed"),
        ("Subject: NUL\x00 and \x1b[31mred", "NUL and [31mred"),
        ("X-Other: x", ""),
    ],
)
def test_subject(header: str, subject: str | None) -> None:
    parsed = parse_mail(_with(header)).subject
    assert parsed == subject if subject is not None else "\n" not in parsed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 2 Nov 2026 09:41:10 +0100", datetime(2026, 11, 2, 8, 41, 10, tzinfo=UTC)),
        ("2 Nov 2026 09:41 GMT", datetime(2026, 11, 2, 9, 41, tzinfo=UTC)),
        ("Mon, 02 Nov 2026 09:41:10 -0000", datetime(2026, 11, 2, 9, 41, 10, tzinfo=UTC)),
        ("Wed, 20 Sep 1995 00:19:00 (EDT) -0400", datetime(1995, 9, 20, 4, 19, tzinfo=UTC)),
        ("Mon, 2 Nov 2026 09:41:10 +0100 (CET)", datetime(2026, 11, 2, 8, 41, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("Mon, 32 Nov 2026 99:99:99 +0000", None),
        ("Fri, 31 Dec 9999 23:59:59 -1400", None),
        ("", None),
    ],
)
def test_date(value: str, expected: datetime | None) -> None:
    assert parse_mail(_with(f"Date: {value}")).date == expected


def test_thread_headers() -> None:
    mail = parse_mail(
        _with("Message-ID: <m@x>\nIn-Reply-To: your mail of Monday <a@x>\nReferences: <r@x>\n\t<a@x> <a@x> junk")
    )
    assert (mail.message_id, mail.in_reply_to, mail.references) == ("<m@x>", "<a@x>", ("<r@x>", "<a@x>"))


def test_message_id_without_brackets_gets_them() -> None:
    assert parse_mail(_with("Message-ID: 4711@x")).message_id == "<4711@x>"
