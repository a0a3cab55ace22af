"""The raw mail: whatever it says, it can be read again, and says where it belongs."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.conversation import AuthorKind, Message, Visibility
from supportmax.domain.errors import PermanentFailure
from supportmax.domain.ids import new_id
from supportmax.services.mail.compose import Envelope, raw_mail, reply_subject

ENVELOPE = Envelope("support@desk.example", "Täst, “Desk”", "support+token@desk.example")
atoms = st.text("abcDEF0123.+-=$_", min_size=1, max_size=120)
ids = st.builds(lambda local, domain: f"<{local}@{domain}>", atoms, atoms)
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)
lines = st.lists(words, min_size=1, max_size=12).map(" ".join)


def _message(
    body: str = "Hello", author: AuthorKind = "assistant", visibility: Visibility = "public", **fields: object
) -> Message:
    values: dict[str, object] = {
        "subject": "Re: Card",
        "mail_message_id": "<us@desk.example>",
        "recipient": "a@b.example",
    }
    return Message(
        id=new_id(),
        author_kind=author,
        visibility=visibility,
        channel="email",
        body=body,
        created_at=datetime.now(UTC),
        **(values | fields),  # type: ignore[arg-type]
    )


def _read(message: Message) -> EmailMessage:
    raw = raw_mail(message, ENVELOPE)
    assert max(map(len, raw.splitlines())) <= 998
    return message_from_bytes(raw, policy=policy.default)


@given(lines)
def test_any_subject_arrives(subject: str) -> None:
    assert _read(_message(subject=subject))["Subject"] == subject


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")))
def test_any_text_arrives(body: str) -> None:
    text = _read(_message(body)).get_content()
    assert text.rstrip("\n") == body.rstrip("\n")


@given(st.lists(ids, min_size=1, max_size=20))
def test_ids_arrive_as_they_are(references: list[str]) -> None:
    mail = _read(_message(in_reply_to=references[-1], mail_references=references))
    assert mail["References"].split() == references
    assert mail["In-Reply-To"].strip() == references[-1]


@pytest.mark.parametrize("subject", ["a\nBcc: all@x.example", "a\r\n\r\nbody", "a\n b", "\n"])
def test_no_subject_makes_a_header(subject: str) -> None:
    mail = _read(_message(subject=subject))
    assert mail["Bcc"] is None
    assert mail.get_content() == "Hello\n"
    assert "\n" not in mail["Subject"]


@pytest.mark.parametrize(
    ("author", "visibility", "submitted"),
    [
        ("assistant", "public", "auto-replied"),
        ("system", "public", "auto-replied"),
        ("system", "internal", "auto-generated"),
        ("agent", "public", None),
    ],
)
def test_a_machine_says_that_it_is_one(author: AuthorKind, visibility: Visibility, submitted: str | None) -> None:
    assert _read(_message(author=author, visibility=visibility))["Auto-Submitted"] == submitted


def test_who_and_where() -> None:
    mail = _read(_message())
    assert mail["From"].addresses[0].display_name == "Täst, “Desk”"
    assert mail["From"].addresses[0].addr_spec == "support@desk.example"
    assert mail["Reply-To"] == "support+token@desk.example"
    assert (mail["To"], mail["Message-ID"]) == ("a@b.example", "<us@desk.example>")
    assert mail["Date"].datetime.tzinfo is not None


@pytest.mark.parametrize("recipient", [None, ""])
def test_a_mail_to_nobody_can_never_be_sent(recipient: str | None) -> None:
    with pytest.raises(PermanentFailure, match="recipient"):
        raw_mail(_message(recipient=recipient), ENVELOPE)


@pytest.mark.parametrize(
    ("subject", "reply"),
    [("Card", "Re: Card"), ("Re: Card", "Re: Card"), ("RE: Card", "RE: Card"), ("a \n b", "Re: a b"), ("", "Re: ")],
)
def test_re_is_written_once(subject: str, reply: str) -> None:
    assert reply_subject(subject) == reply
