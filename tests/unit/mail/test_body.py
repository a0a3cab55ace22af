"""Which parts are the body, in which charset, and what plain text comes out."""

import pytest

from supportmax.services.mail import parse_mail
from tests.unit.mail.build import HEADERS, html, mail, multipart, plain


def _encoded(charset: str, data: bytes) -> bytes:
    return f"{HEADERS}Content-Type: text/plain; charset={charset}\n\n".encode() + data


def test_alternative_gives_text_and_safe_html() -> None:
    parsed = parse_mail(multipart("alternative", plain("Hello"), html("<b>Hello</b><script>x()</script>")))
    assert (parsed.text, parsed.html) == ("Hello", "<b>Hello</b>")


def test_html_only_becomes_text_with_marked_quotes() -> None:
    body = "<p>New &amp; old</p><blockquote>first<blockquote>deep</blockquote></blockquote><p>end</p>"
    text = parse_mail(mail(body, "Content-Type: text/html\n")).text
    assert [line for line in text.splitlines() if line] == ["New & old", "> first", "> > deep", "end"]


def test_empty_plain_part_yields_to_the_html() -> None:
    assert parse_mail(multipart("alternative", plain(" "), html("<p>Words</p>"))).text == "Words"


def test_note_about_html_yields_to_the_html() -> None:
    note = "Your mail client does not support HTML. Please view it in a browser."
    assert parse_mail(multipart("alternative", plain(note), html("<p>Words</p>"))).text == "Words"


def test_pieces_of_a_mixed_mail_stay_in_order() -> None:
    parsed = parse_mail(multipart("mixed", plain("one"), html("<p>two</p>"), plain("three")))
    assert parsed.text.split() == ["one", "two", "three"]
    assert parsed.html is not None
    assert "one" in parsed.html


def test_tracking_pixel_is_dropped_and_enclosed_image_kept() -> None:
    body = '<img src="https://t.example/p.gif"><img src="cid:logo@x"><a href="javascript:a()">l</a>'
    safe = parse_mail(mail(body, "Content-Type: text/html\n")).html
    assert safe is not None
    assert "cid:logo@x" in safe
    assert "t.example" not in safe
    assert "javascript" not in safe


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("utf-8", "Größe €".encode(), "Größe €"),
        ("iso-8859-1", "Größe".encode("latin-1"), "Größe"),
        ("iso-8859-1", "Preis 5 €".encode("cp1252"), "Preis 5 €"),
        ("us-ascii", "Größe".encode(), "Größe"),
        ("utf-8", "Größe".encode("latin-1"), "Größe"),
        ("x-unknown", "Größe".encode(), "Größe"),
        ("gb2312", "你好".encode("gbk"), "你好"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("base64", b"plain", "plain"),
        ("utf-16", "\ufeffHi".encode("utf-16-le"), "Hi"),
        ("utf-8", b"\xef\xbb\xbfHi", "Hi"),
    ],
)
def test_charsets(charset: str, data: bytes, text: str) -> None:
    assert parse_mail(_encoded(charset, data)).text == text


def test_html_charset_from_its_meta_tag() -> None:
    data = '<meta charset="windows-1250"><p>Łódź</p>'.encode("cp1250")
    assert parse_mail(f"{HEADERS}Content-Type: text/html\n\n".encode() + data).text.strip() == "Łódź"


def test_control_characters_and_nul_are_gone() -> None:
    assert parse_mail(mail("a\x00b\x07c\x1b[0m\r\nd\te")).text == "abc[0m\nd\te"


def test_surrogates_hidden_in_utf8_are_gone() -> None:
    parsed = parse_mail(HEADERS.encode() + b"Content-Type: text/plain; charset=utf-7\n\nx +2D3- y")
    assert parsed.text.encode().startswith(b"x")


def test_quoted_printable_and_base64_bodies() -> None:
    assert (
        parse_mail(mail("caf=C3=A9 =\nau lait", "Content-Transfer-Encoding: quoted-printable\n")).text == "café au lait"
    )
    assert parse_mail(mail("Y2Fmw6k", "Content-Transfer-Encoding: base64\n")).text == "café"


def test_flowed_paragraphs_are_joined() -> None:
    body = "one \ntwo\n\n> quoted \n> on\n-- \nAnn\n"
    text = parse_mail(mail(body, "Content-Type: text/plain; format=flowed\n")).text
    assert text == "one two\n\n> quoted on\n-- \nAnn"


def test_flowed_with_deleted_spaces() -> None:
    assert parse_mail(mail("一二 \n三四\n", "Content-Type: text/plain; format=flowed; delsp=yes\n")).text == "一二三四"


def test_multipart_that_lost_its_boundaries_shows_its_source() -> None:
    raw = mail("Hello there", 'Content-Type: multipart/mixed; boundary="gone"\n')
    assert parse_mail(raw).text == "Hello there"


def test_forward_as_attachment_shows_the_enclosed_text() -> None:
    inner = "From: b@example.com\nSubject: Inner\n\nPlease refund me"
    parsed = parse_mail(multipart("mixed", f"Content-Type: message/rfc822\n\n{inner}"))
    assert parsed.text == "Please refund me"
    assert [(a.name, a.content_type) for a in parsed.attachments] == [("Inner.eml", "message/rfc822")]
    assert parsed.attachments[0].content.endswith(b"Please refund me")


def test_html_that_no_parser_likes_gives_its_words() -> None:
    for body in ("<div>" * 5000 + "deep words", "<<<>>>& words", "<!-- only --> words", "<td>words"):
        assert "words" in parse_mail(mail(body, "Content-Type: text/html\n")).text


def test_signature_that_html_marks_is_folded() -> None:
    body = '<div>My card is gone.</div><div id="Signature">Ann Lee<br>Head of Things</div>'
    parsed = parse_mail(mail(body, "Content-Type: text/html\n"))
    assert parsed.reply_text == "My card is gone."
    assert "Head of Things" in parsed.quoted_text


def test_outlook_html_reply_is_trimmed() -> None:
    body = (
        "<p>Thanks.</p><hr><div id=divRplyFwdMsg><b>From:</b> S &lt;s@b.example&gt;<br><b>Sent:</b> Monday<br>"
        "<b>To:</b> Ann<br><b>Subject:</b> Card</div><p>old words</p>"
    )
    parsed = parse_mail(mail(body, "Content-Type: text/html\n"))
    assert parsed.reply_text == "Thanks."
    assert "old words" in parsed.quoted_text


def test_what_mail_parse_prints() -> None:
    raw = multipart("mixed", plain("Hi"), 'Content-Type: image/png; name="a.png"\n\nxyz', headers="Message-ID: <1@x>\n")
    assert parse_mail(raw).to_json_dict() == {
        "message_id": "<1@x>",
        "from": "Ann Lee <ann@example.com>",
        "to": ["support@pebblebank.example"],
        "subject": "Card",
        "date": None,
        "text": "Hi",
        "reply_text": "Hi",
        "attachments": [{"name": "a.png", "type": "image/png", "size": 3}],
        "auto_submitted": None,
        "error": None,
    }
