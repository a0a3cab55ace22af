# ruff: noqa: RUF001 - punctuation of other languages is meant
"""Mail that a machine sent, and mail that only looks so."""

import pytest

from supportmax.domain.mail import AutoKind
from supportmax.services.mail import parse_mail
from tests.unit.mail.build import mail, multipart, plain


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Auto-Submitted: auto-replied\n", AutoKind.AUTO_REPLY),
        ("Auto-Submitted: auto-generated (rejected)\n", AutoKind.AUTO_REPLY),
        ("X-Auto-Response-Suppress: All\n", AutoKind.AUTO_REPLY),
        ("X-Autoreply: yes\n", AutoKind.AUTO_REPLY),
        ("X-Autorespond: vacation\n", AutoKind.AUTO_REPLY),
        ("Precedence: auto_reply\n", AutoKind.AUTO_REPLY),
        ("Precedence: junk\n", AutoKind.AUTO_REPLY),
        ("Return-Path: <>\n", AutoKind.AUTO_REPLY),
        ("Precedence: bulk\n", AutoKind.LIST),
        ("Precedence: list\n", AutoKind.LIST),
        ("List-Id: <dev.example.org>\n", AutoKind.LIST),
        ("List-Unsubscribe: <https://example.org/u>\n", AutoKind.LIST),
        ("X-Failed-Recipients: x@example.org\n", AutoKind.BOUNCE),
        ("Sender: MAILER-DAEMON@example.org\n", AutoKind.BOUNCE),
        ("Content-Type: message/delivery-status\n", AutoKind.BOUNCE),
        ('Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n', AutoKind.BOUNCE),
        ('Content-Type: multipart/report; report-type="disposition-notification"; boundary="b"\n', AutoKind.RECEIPT),
    ],
)
def test_signs_in_headers(headers: str, kind: AutoKind) -> None:
    parsed = parse_mail(mail("text", headers))
    assert parsed.auto_kind == kind
    assert parsed.auto_submitted


@pytest.mark.parametrize(
    "headers",
    [
        "",
        "Auto-Submitted: no\n",
        "X-Auto-Response-Suppress: None\n",
        "Precedence: first-class\n",
        "Return-Path: <ann@example.com>\n",
        "Feedback-Id:\n",
        "In-Reply-To: <1@pebblebank.example>\nReferences: <1@pebblebank.example>\n",
    ],
)
def test_people(headers: str) -> None:
    parsed = parse_mail(mail("text", headers))
    assert (parsed.auto_submitted, parsed.auto_kind) == (None, None)


def test_a_delivery_report_inside_an_ordinary_mail_is_a_bounce() -> None:
    report = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\n"
    assert parse_mail(multipart("mixed", plain("sorry"), report)).auto_kind == AutoKind.BOUNCE


def test_postmaster_is_a_person_unless_he_reports_undelivered_mail() -> None:
    def from_postmaster(subject: str) -> bytes:
        return f"From: Postmaster <postmaster@example.org>\nSubject: {subject}\n\ntext".encode()

    assert parse_mail(from_postmaster("A question about my card")).auto_kind is None
    assert parse_mail(from_postmaster("Undeliverable: your mail")).auto_kind == AutoKind.BOUNCE


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Out of office", "I am out of the office until Monday."),
        ("Automatische Antwort: Karte", "Ich bin bis 12. November nicht im Büro."),
        ("Réponse automatique : carte", "Je suis absente jusqu’au 12 novembre."),
        ("Respuesta automática: tarjeta", "Estoy fuera de la oficina."),
        ("Risposta automatica: carta", "Sono fuori ufficio fino al 12."),
        ("Automatisch antwoord: kaart", "Ik ben afwezig tot 12 november."),
        ("Automatyczna odpowiedź: karta", "Jestem nieobecna do 12 listopada."),
        ("Автоответ: карта", "Я отсутствую до 12 ноября."),
        ("Resposta automática: cartão", "Estou ausente até 12 de novembro."),
        ("Autosvar: kort", "Jag är frånvarande till den 12 november."),
    ],
)
def test_out_of_office_needs_subject_and_text(subject: str, body: str) -> None:
    def with_body(text: str) -> bytes:
        return f"From: a@example.com\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode()

    assert parse_mail(with_body(body)).auto_kind == AutoKind.AUTO_REPLY
    assert parse_mail(with_body("42")).auto_kind is None


def test_no_reply_sender_counts_unless_it_names_where_to_reply() -> None:
    robot = b"From: Shop <no-reply@shop.example>\nSubject: s\n\ntext"
    form = b"From: Shop <no-reply@shop.example>\nReply-To: ann@example.com\nSubject: s\n\ntext"
    assert parse_mail(robot).auto_kind == AutoKind.AUTO_REPLY
    assert parse_mail(form).auto_kind is None
