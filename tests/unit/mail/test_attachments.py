"""Names and sizes of attachments."""

import base64

import pytest

from supportmax.services.mail import parse_mail
from supportmax.services.mail.attachments import safe_name
from tests.unit.mail.build import html, mail, multipart, plain

PDF = "Content-Type: application/pdf\nContent-Disposition: attachment"
DATA = bytes(range(256)) * 3


def _file(headers: str, data: bytes = DATA) -> str:
    return f"{headers}Content-Transfer-Encoding: base64\n\n{base64.encodebytes(data).decode()}"


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ('Content-Type: application/pdf; name="a.pdf"\n', "a.pdf"),
        ('Content-Type: application/pdf\nContent-Disposition: attachment; filename="my file.pdf"\n', "my file.pdf"),
        (
            f"{PDF}; filename*=utf-8''%E2%82%AC%20rates.pdf\n",
            "€ rates.pdf",
        ),
        (
            f"{PDF};\n filename*0=long;\n filename*1=name.pdf\n",
            "longname.pdf",
        ),
        (
            f"{PDF};\n filename*0*=utf-8''K%C3%B6;\n filename*1*=ln.pdf\n",
            "Köln.pdf",
        ),
        ('Content-Type: application/pdf; name="=?utf-8?B?S8O2bG4ucGRm?="\n', "Köln.pdf"),
        ('Content-Type: application/pdf; name="Köln.pdf"\n', "Köln.pdf"),
        (f"{PDF}; filename*=nonsense''%FF%FE.pdf\n", None),
        (f"{PDF}; filename=50%25.pdf\n", "50%25.pdf"),
        (f"{PDF}\n", "attachment-1.pdf"),
        ("Content-Type: x-nothing\nContent-Disposition: attachment\n", "attachment-1.txt"),
        ('Content-Type: image/png; name="../../etc/passwd.png"\n', "passwd.png"),
        ('Content-Type: image/png; name="C:\\\\temp\\\\photo.png"\n', "photo.png"),
    ],
)
def test_name_and_decoded_size(headers: str, name: str | None) -> None:
    parsed = parse_mail(multipart("mixed", plain("see file"), _file(headers)))
    assert parsed.text == "see file"
    (attachment,) = parsed.attachments
    assert attachment.size == len(DATA) == len(attachment.content)
    assert attachment.content == DATA
    assert attachment.name == name if name else attachment.name.endswith(".pdf")


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("..", "attachment"),
        ("", "attachment"),
        (".htaccess", "htaccess"),
        ("a<b>|c?.txt", "a_b__c_.txt"),
        ("con.txt", "_con.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("new\r\nline.txt", "new line.txt"),
        ("x" * 400 + ".pdf", "x" * 176 + ".pdf"),
        ("ü" * 200 + ".pdf", "ü" * 88 + ".pdf"),
    ],
)
def test_safe_name(given: str, safe: str) -> None:
    assert safe_name(given) == safe


def test_inline_image_is_marked_with_its_content_id() -> None:
    image = _file('Content-Type: image/png; name="logo.png"\nContent-ID: <logo@x>\nContent-Disposition: inline\n')
    (logo,) = parse_mail(multipart("related", html('<img src="cid:logo@x">'), image)).attachments
    assert (logo.content_id, logo.inline, logo.content_type) == ("logo@x", True, "image/png")


def test_text_file_is_no_part_of_the_body() -> None:
    log = (
        'Content-Type: text/plain; name="log.txt"\nContent-Disposition: attachment; filename="log.txt"\n\nsecret lines'
    )
    parsed = parse_mail(multipart("mixed", plain("body"), log))
    assert parsed.text == "body"
    assert [(a.name, a.content) for a in parsed.attachments] == [("log.txt", b"secret lines")]


def test_mail_that_is_only_a_file() -> None:
    parsed = parse_mail(
        mail("aGVsbG8=", 'Content-Type: application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64\n')
    )
    assert (parsed.text, [(a.name, a.size) for a in parsed.attachments]) == ("", [("a.pdf", 5)])


def test_broken_base64_gives_what_can_be_read() -> None:
    part = 'Content-Type: application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64\n\naGVsbG8'
    (attachment,) = parse_mail(multipart("mixed", part)).attachments
    assert attachment.content.startswith(b"hel")


def test_nonsense_content_type_becomes_octet_stream() -> None:
    part = "Content-Type: text/\udcff\udcff\nContent-Disposition: attachment; filename=a.bin\n\nx"
    raw = multipart("mixed", "PLACEHOLDER").replace(b"PLACEHOLDER", part.encode("utf-8", "surrogateescape"))
    assert [a.content_type for a in parse_mail(raw).attachments] == ["application/octet-stream"]
