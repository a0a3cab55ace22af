"""A customer's mail: answered in its thread, or handed over with a word to both sides."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.domain.events import TicketClassified
from tests.articles import BASICS, CARD, PIN
from tests.desk import DOMAIN, PROMISE, SUPPORT, Desk
from tests.fakes.embedders import InterruptedEmbedder
from tests.letters import ANN_ADDRESS, answer_to, letter

EMAILS = Path(__file__).parents[2] / "events" / "emails"
QUESTION = "The machine swallowed my card. What now?"


@pytest.fixture
def taught(desk: Desk) -> Desk:
    """A desk that knows its articles, and how to tell mails about cards and PINs apart."""
    desk.teach(BASICS)
    desk.label("card_swallowed", [*CARD.questions, "My card. The machine swallowed my card. What now?"], "high")
    desk.label("change_pin", [*PIN.questions, "PIN. How do I change my PIN?"])
    return desk


def test_it_becomes_a_ticket_with_its_category_and_priority(taught: Desk) -> None:
    taught.receive(letter(QUESTION))
    taught.drain()
    ticket = taught.ticket()
    with taught.begin() as tx:
        requester = tx.users.get(ticket.requester_id) if ticket.requester_id else None
    assert (ticket.number, ticket.subject, ticket.channel) == (1, "My card", "email")
    assert (ticket.category, ticket.priority, ticket.language) == ("card_swallowed", "high", "en")
    assert requester is not None
    assert (requester.role, requester.name, requester.email) == ("customer", "Ann Lee", ANN_ADDRESS)


def test_it_is_answered_in_its_thread(taught: Desk) -> None:
    taught.receive(letter(QUESTION, Message_ID="<q2@customer.example>", References="<q1@customer.example>"))
    taught.drain()
    (mail,) = taught.outbox()
    assert mail["To"] == ANN_ADDRESS
    assert mail["From"] == f"Test desk <{SUPPORT}>"
    assert mail["Subject"] == "Re: My card"
    assert mail["In-Reply-To"] == "<q2@customer.example>"
    assert mail["References"].split() == ["<q1@customer.example>", "<q2@customer.example>"]
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Message-ID"].endswith(f"@{DOMAIN}>")
    assert taught.addresses.ticket_of(mail["Reply-To"], ANN_ADDRESS) == taught.ticket().id


def test_the_answer_is_the_articles_and_names_it(taught: Desk) -> None:
    taught.receive(letter(QUESTION))
    taught.drain()
    text = taught.outbox()[0].get_content()
    assert text.startswith("Hello Ann,")
    assert "Freeze the card in the app at once" in text
    assert f"Source: {CARD.title}" in text
    assert "#1" in text
    assert (taught.ticket().status, taught.speakers()) == ("pending", ["customer", "assistant"])
    assert taught.messages()[-1].delivery == "sent"


def test_a_long_message_id_stays_as_it_is(taught: Desk) -> None:
    """Ids of some providers are longer than a line; encoded like words (RFC 2047) they thread nowhere."""
    long = f"<{'DB9PR08MB6512' * 6}@DB9PR08MB6512.eurprd08.prod.outlook.example>"
    taught.receive(letter(QUESTION, Message_ID=long, References=f"<x{long[1:]}"))
    taught.drain()
    unfolded = re.sub(r"\n ", " ", taught.mailer.sent[0].raw.decode())
    assert f"\nIn-Reply-To: {long}\n" in unfolded
    assert f"\nReferences: <x{long[1:]} {long}\n" in unfolded


def test_a_subject_with_letters_of_any_language_survives(taught: Desk) -> None:
    taught.receive(letter(QUESTION, subject="Kärtchen “weg”, für immer 😢"))
    taught.drain()
    assert taught.mails_to(ANN_ADDRESS)[0]["Subject"] == "Re: Kärtchen “weg”, für immer 😢"


def test_what_nobody_can_answer_is_handed_over_and_acknowledged_once(taught: Desk) -> None:
    agent = taught.hire("Ada")
    taught.receive(letter("What is your CEO's shoe size?", subject="A question"), "inbound/1")
    taught.drain()
    taught.receive(letter("Well? Her shoe size?", subject="Re: A question"), "inbound/2")
    taught.drain()
    acknowledged = [mail.get_content() for mail in taught.mails_to(ANN_ADDRESS)]
    first = taught.tickets()[-1]
    assert "Our team has it as #1" in acknowledged[0]
    assert PROMISE in acknowledged[0]
    assert (first.status, first.assignee_id) == ("open", agent.id)
    assert taught.speakers(first) == ["customer", "system"]


def test_a_reply_to_the_acknowledgement_goes_to_the_agent_without_another(taught: Desk) -> None:
    agent = taught.hire("Ada")
    taught.receive(letter("What is your CEO's shoe size?"), "inbound/1")
    taught.drain()
    (acknowledgement,) = taught.mails_to(ANN_ADDRESS)
    taught.receive(answer_to(acknowledgement, "It is urgent!"), "inbound/2")
    taught.drain()
    assert len(taught.mails_to(ANN_ADDRESS)) == 1
    assert taught.speakers() == ["customer", "system", "customer"]
    assert taught.notes_to(agent)[0] == "New reply in #1: My card"


def test_the_agent_gets_the_case_by_mail(taught: Desk) -> None:
    taught.hire("Ada")
    taught.receive(letter("What is your CEO's shoe size?"))
    taught.drain()
    (mail,) = taught.mails_to(f"ada@{DOMAIN}")
    assert mail["Subject"] == "[#1] My card"
    assert "Why: triage is unsure" in mail.get_content()
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_second_mail_after_an_automatic_answer_goes_to_a_human(taught: Desk) -> None:
    agent = taught.hire("Ada")
    taught.receive(letter(QUESTION), "inbound/1")
    taught.drain()
    (answer,) = taught.outbox()
    taught.receive(answer_to(answer, "The machine swallowed my card, I said!"), "inbound/2")
    taught.drain()
    (escalation,) = taught.escalations()
    assert escalation["reason"] == "the customer wrote again after an automatic answer"
    assert (taught.ticket().status, taught.ticket().assignee_id) == ("open", agent.id)
    assert len(taught.mails_to(ANN_ADDRESS)) == 1


def test_another_day_another_answer(taught: Desk) -> None:
    taught.receive(letter(QUESTION), "inbound/1")
    taught.drain()
    _age(taught, timedelta(days=2))
    (answer,) = taught.outbox()
    taught.receive(answer_to(answer, "And how do I change my PIN?"), "inbound/2")
    taught.drain()
    assert len(taught.mails_to(ANN_ADDRESS)) == 2


def _age(desk: Desk, by: timedelta) -> None:
    with desk.database.transaction() as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(desk.workspace_id)])
        connection.execute("UPDATE messages SET created_at = created_at - %s", [by])


def test_german_mail_goes_to_a_human_who_learns_why(taught: Desk) -> None:
    (path,) = EMAILS.glob("08-*.eml")
    taught.label("card_arrival", ["Karte nicht angekommen. Ich warte seit zwei Wochen auf meine neue Karte."])
    taught.receive(path.read_bytes())
    taught.drain()
    assert taught.ticket().language == "de"
    assert len(taught.escalations()) == 1
    assert [message.author_kind for message in taught.messages()].count("assistant") == 0


def test_an_answer_in_a_language_no_article_is_written_in_is_not_sent(taught: Desk) -> None:
    """Even where triage was sure: the articles are in English."""
    taught.receive(letter("Der Geldautomat hat meine Karte geschluckt. Was kann ich jetzt tun?"))
    message = taught.messages()[0]
    with taught.begin() as tx:
        tx.outbox.add(TicketClassified(ticket_id=taught.ticket().id, message_id=message.id))
    taught.deliver(taught.queue.waiting.pop())
    taught.queue.waiting = type(taught.queue.waiting)(e for e in taught.queue.waiting if e.queue != "classify")
    taught.drain()
    assert taught.escalations()[0]["reason"].startswith("the message is written in another language (de)")


def test_spam_is_closed_and_gets_no_answer(taught: Desk) -> None:
    taught.label("spam", ["Cheap loans. Get a cheap loan now, no credit check, click here"], is_spam=True)
    taught.receive(letter("Get a cheap loan now, no credit check, click here!", subject="Cheap loans"))
    taught.drain()
    ticket = taught.ticket()
    assert (ticket.status, ticket.category, ticket.tags) == ("closed", "spam", ["spam"])
    assert taught.outbox() == []
    assert taught.escalations() == []


def test_a_human_who_takes_over_while_the_machine_is_thinking_silences_it(
    taught: Desk, embedder: MiniLMEmbedder
) -> None:
    agent = taught.hire("Ada")
    taught.receive(letter(QUESTION))
    taught.deliver(taught.queue.waiting.popleft())
    taught.embedder = InterruptedEmbedder(embedder, lambda: taught.reply(agent, taught.ticket(), "On my way."))
    taught.drain()
    assert taught.speakers() == ["customer", "agent"]
    assert [mail.get_content().strip() for mail in taught.mails_to(ANN_ADDRESS)] == ["On my way."]


def test_an_automatic_answer_that_waits_is_cancelled_when_a_human_replies(taught: Desk) -> None:
    agent = taught.hire("Ada")
    taught.receive(letter(QUESTION))
    for _ in ("classify", "respond"):
        taught.deliver(taught.queue.waiting.popleft())
    assert "email-send" in {envelope.queue for envelope in taught.queue.waiting}
    taught.reply(agent, taught.ticket(), "On my way.")
    taught.drain()
    assert [(m.author_kind, m.delivery) for m in taught.messages()][1:] == [
        ("assistant", "cancelled"),
        ("agent", "sent"),
    ]
    assert [mail.get_content().strip() for mail in taught.mails_to(ANN_ADDRESS)] == ["On my way."]


def test_an_agents_reply_is_no_automatic_mail(taught: Desk) -> None:
    agent = taught.hire("Ada")
    taught.receive(letter("What is your CEO's shoe size?", Message_ID="<q@customer.example>"))
    taught.drain()
    taught.reply(agent, taught.ticket(), "38")
    taught.drain()
    mail = taught.mails_to(ANN_ADDRESS)[-1]
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == (None, None)
    assert "<q@customer.example>" in mail["References"]
    assert taught.ticket().status == "pending"


def test_the_same_message_from_the_queue_again_answers_once(taught: Desk) -> None:
    taught.receive(letter(QUESTION))
    taught.drain()
    for envelope in [e for e in taught.processed if e.queue != "index"]:
        taught.deliver(envelope)
    taught.drain()
    assert len(taught.mailer.sent) == 1
    assert taught.speakers() == ["customer", "assistant"]


def test_the_same_hand_over_again_escalates_once(taught: Desk) -> None:
    agent = taught.hire("Ada")
    taught.receive(letter("What is your CEO's shoe size?"))
    taught.drain()
    for envelope in [e for e in taught.processed if e.queue in {"classify", "respond", "escalate", "email-send"}]:
        taught.deliver(envelope)
    taught.drain()
    assert len(taught.escalations()) == 1
    assert len(taught.notes_to(agent)) == 1
    assert len(taught.mailer.sent) == 2
