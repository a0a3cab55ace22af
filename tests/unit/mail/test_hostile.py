"""Nothing that arrives by mail may crash the parser or keep it busy."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportmax.domain.errors import InvalidInput
from supportmax.domain.mail import ParsedMail
from supportmax.services.mail import MAX_MAIL_BYTES, parse_mail
from tests.unit.mail.build import HEADERS, mail


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n \r\n",
        b"\x00\x00\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"%PDF-1.4\n1 0 obj",
        b"Just a text.\n\nNo headers.",
        b"Note: this\nlooks: like headers\n\nbut is none",
        bytes(range(256)) * 8,
    ],
)
def test_what_is_no_mail_is_said_in_one_line(raw: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"^Not a mail: [^\n]+\.$"):
        parse_mail(raw)


def test_too_big_a_mail_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at most"):
        parse_mail(HEADERS.encode() + b"\n" + b"x" * MAX_MAIL_BYTES)


def test_blank_lines_and_an_mbox_line_before_the_headers_are_ignored() -> None:
    assert parse_mail(b"   \n\r\n" + mail("hi")).subject == "Card"
    assert parse_mail(b"From ann Mon Nov  2 09:41:10 2026\n" + mail("hi")).subject == "Card"


def _nested(levels: int) -> bytes:
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    return f"{HEADERS}{opening}Content-Type: text/plain\n\nhi\n".encode()


BOMBS = {
    "deeply nested multiparts": _nested(3000),
    "nested below the recursion limit": _nested(300),
    "nested mails": f"{HEADERS}{'Content-Type: message/rfc822' + chr(10) * 2}".encode() * 2000,
    "very many parts": mail("--b\n\nx\n" * 50_000, "Content-Type: multipart/mixed; boundary=b\n"),
    "deep html": mail("<div>" * 100_000 + "x", "Content-Type: text/html\n"),
    "wide html": mail("<p>x<b>y</b></p>" * 30_000, "Content-Type: text/html\n"),
    "angle brackets": mail("<" * 500_000, "Content-Type: text/html\n"),
    "very many recipients": mail("x", f"Cc: {'a@b.example, ' * 20_000}\n"),
    "open comments": mail("x", f"Cc: {'(' * 50_000}\n"),
    "half encoded words": mail("x", f"X-A: b\nThread-Topic: {'=?a?q?' * 20_000}\nCc: {'=?a?q?' * 20_000}\n"),
    "one long line": mail("a@" * 1_000_000),
    "only dashes": mail("-" * 1_000_000),
    "drawn lines": mail("---\nfoo 12\n" * 20_000),
    "attributions": mail("On 1/1/2020 10:10 A <a@b.example> wrote:\n> x\n\ny\n\n> z\n\n" * 3_000),
    "footers": mail("hi\n" + ("----\n" + "a@b.example\n" * 10) * 2_000),
    "flowed": mail("word \n" * 200_000, "Content-Type: text/plain; format=flowed\n"),
    "parameters": mail(
        "x", "Content-Disposition: attachment; " + "".join(f"filename*{n}=x; " for n in range(3000)) + "\n"
    ),
}


@pytest.mark.parametrize("raw", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_end_soon(raw: bytes) -> None:
    start = time.process_time()
    _assert_storable(parse_mail(raw))
    assert time.process_time() - start < 10


def _assert_storable(parsed: ParsedMail) -> None:
    printed = json.dumps(parsed.to_json_dict(), ensure_ascii=False)
    everything = printed + (parsed.html or "") + parsed.quoted_text + repr(parsed.cc)
    assert "\x00" not in everything
    assert "\\u0000" not in printed
    everything.encode()  # lone surrogates have no bytes


SCRAPS = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\n\n",
    b"--b\n",
    b"(((",
    b'"',
    b">>>>",
    b"=?utf-8?b?",
    b"charset=utf-16",
    b"charset=idna",
    b"filename*0*=x''%ff",
    b"<blockquote>",
    b"Content-Type: message/rfc822\n\n",
    b"Content-Type: multipart/alternative; boundary=b\n",
    b"Content-Type: text/html\n",
    b"Content-Type: text/plain; format=flowed\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: uuencode\n",
    b"Date: 9 -1\n",
    b"On 1/1/2020 x <a@b> wrote:\n",
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS) | st.binary(max_size=30), max_size=25))
def test_any_bytes_after_a_header_parse(scraps: list[bytes]) -> None:
    _assert_storable(parse_mail(b"Subject: x\n" + b"".join(scraps)))
