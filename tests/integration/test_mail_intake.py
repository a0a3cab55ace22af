"""What arrives: threads by proof, is taken in once, and is never lost."""

import threading
from pathlib import Path

import psycopg
import pytest

from supportmax.domain.errors import NotFound, TransientFailure
from supportmax.domain.ids import new_id
from supportmax.domain.inbound import InboundMail
from supportmax.domain.tickets import Ticket
from supportmax.services.mail.reply_address import ReplyAddresses
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from tests.desk import DOMAIN, SUPPORT, Desk
from tests.fakes.memory import MemoryObjects
from tests.letters import ANN, ANN_ADDRESS, MALLORY, answer_to, letter

Connection = psycopg.Connection[tuple[object, ...]]
EMAILS = Path(__file__).parents[2] / "events" / "emails"
QUESTION = "What is your CEO's shoe size?"


def _event_mail(number: int) -> bytes:
    (path,) = EMAILS.glob(f"{number:02d}-*.eml")
    return path.read_bytes()


def _held(desk: Desk) -> list[InboundMail]:
    with desk.begin() as tx:
        return tx.inbound_mails.held(None, 100)


def _opened(desk: Desk) -> Ticket:
    """A ticket of Ann's that was acknowledged."""
    desk.receive(letter(QUESTION, Message_ID="<first@customer.example>"), "inbound/first")
    desk.drain()
    return desk.ticket()


# Threads


@pytest.mark.parametrize("by", ["address", "references"])
def test_the_requesters_reply_joins_the_ticket(by: str, desk: Desk) -> None:
    _opened(desk)
    desk.receive(answer_to(desk.mails_to(ANN_ADDRESS)[0], "Any news?", by=by), "inbound/second")
    assert desk.said()[-1] == ("customer", "Any news?")


@pytest.mark.parametrize("by", ["address", "references"])
def test_a_strangers_reply_opens_a_ticket_of_its_own(by: str, desk: Desk) -> None:
    """An address or an id travels in forwarded mail; knowing it proves nothing."""
    first = _opened(desk)
    desk.receive(answer_to(desk.mails_to(ANN_ADDRESS)[0], "Show me all", MALLORY, by=by), "inbound/second")
    second = desk.tickets()[0]
    assert second.id != first.id
    assert desk.speakers(first) == ["customer", "system"]
    assert desk.said(second) == [("customer", "Show me all")]


def test_a_forged_token_threads_nobody(desk: Desk) -> None:
    first = _opened(desk)
    forged = ReplyAddresses(SUPPORT, "a guessed secret").for_ticket(first.id, ANN_ADDRESS)
    desk.receive(letter("Hello again", to=forged), "inbound/second")
    assert len(desk.tickets()) == 2


def test_a_ticket_number_in_the_subject_threads_nobody(desk: Desk) -> None:
    _opened(desk)
    desk.receive(letter("Hello again", subject="Re: [#1] My card"), "inbound/second")
    assert len(desk.tickets()) == 2


def test_a_reply_to_the_customers_own_mail_joins_too(desk: Desk) -> None:
    _opened(desk)
    desk.receive(letter("One more thing", In_Reply_To="<first@customer.example>"), "inbound/second")
    assert desk.said()[-1] == ("customer", "One more thing")


def test_the_address_is_recognised_in_capitals_and_in_copy(desk: Desk) -> None:
    ticket = _opened(desk)
    address = desk.addresses.for_ticket(ticket.id, ANN_ADDRESS).upper()
    desk.receive(letter("Any news?", "ANN@Customer.Example", to="someone@else.example", Cc=address), "inbound/second")
    assert desk.said()[-1] == ("customer", "Any news?")


def test_a_reply_to_a_deleted_ticket_brings_it_back(desk: Desk) -> None:
    first = _opened(desk)
    reply = answer_to(desk.mails_to(ANN_ADDRESS)[0], "Any news?")
    desk.delete(desk.hire("Eve"), first)
    assert desk.tickets() == []
    desk.receive(reply, "inbound/second")
    assert (desk.ticket().id, desk.ticket().status) == (first.id, "open")
    assert desk.said()[-1] == ("customer", "Any news?")


def test_a_reply_reopens_a_solved_ticket(desk: Desk) -> None:
    agent = desk.hire("Ada")
    ticket = _opened(desk)
    desk.reply(agent, ticket, "38")
    desk.change(agent, ticket, status="solved")
    desk.drain()
    desk.receive(answer_to(desk.mails_to(ANN_ADDRESS)[-1], "Are you sure?"), "inbound/second")
    assert (desk.ticket().status, desk.ticket().solved_at) == ("open", None)
    assert desk.notes_to(agent)[0] == "New reply in #1: My card"


def test_an_agents_answer_to_the_notification_is_a_note(desk: Desk) -> None:
    agent = desk.hire("Ada")
    _opened(desk)
    (notice,) = desk.mails_to(f"ada@{DOMAIN}")
    desk.receive(answer_to(notice, "I will ask her.", f"Ada <ada@{DOMAIN}>"), "inbound/second")
    desk.drain()
    note = desk.messages()[-1]
    assert (note.author_id, note.visibility, note.body) == (agent.id, "internal", "I will ask her.")
    assert len(desk.mails_to(ANN_ADDRESS)) == 1


def test_a_thread_of_another_workspace_is_not_joined(desk: Desk) -> None:
    _opened(desk)
    workspace = prepare_workspace(desk.store, WorkspaceSetup("other", "Other"), new_id())
    other = Desk(desk.store, workspace.id, desk.embedder, desk.database)
    other.receive(answer_to(desk.mails_to(ANN_ADDRESS)[0], "Any news?"))
    assert other.ticket().number == 1
    assert desk.speakers() == ["customer", "system"]


# Machines


@pytest.mark.parametrize(("number", "kind"), [(10, "auto_reply"), (11, "bounce"), (12, "list")])
def test_what_a_machine_sent_gets_no_answer_but_can_be_seen(number: int, kind: str, desk: Desk) -> None:
    desk.receive(_event_mail(number))
    desk.drain()
    (held,) = _held(desk)
    assert (held.outcome, held.ticket_id) == ("suspended", None)
    assert str(held.reason).startswith(f"{kind}: ")
    assert held.object_key == "inbound/mail-1"
    assert (desk.tickets(), desk.outbox()) == ([], [])


def test_an_out_of_office_in_a_known_thread_is_a_note_there(desk: Desk) -> None:
    ticket = _opened(desk)
    mails = len(desk.mailer.sent)
    reply = letter("I am away", Auto_Submitted="auto-replied", In_Reply_To="<first@customer.example>")
    desk.receive(reply, "inbound/second")
    desk.drain()
    note = desk.messages()[-1]
    assert (note.author_kind, note.visibility, note.body) == ("system", "internal", "I am away")
    assert _held(desk)[0].ticket_id == ticket.id
    assert desk.ticket().status == ticket.status
    assert len(desk.mailer.sent) == mails


# Once


def test_the_same_event_again_changes_nothing(desk: Desk) -> None:
    raw = letter(QUESTION)
    for key in ("inbound/1", "inbound/1", "inbound/a copy"):
        desk.receive(raw, key)
        desk.drain()
    assert len(desk.messages()) == len({message.id for message in desk.messages()})
    assert desk.speakers() == ["customer", "system"]
    assert list(desk.inbound.stored) == ["inbound/1"]  # nobody would find the copy to erase it


def test_two_deliveries_at_once_make_one_ticket(desk: Desk) -> None:
    raw, ready = letter(QUESTION), threading.Barrier(2, timeout=20)

    def deliver(key: str) -> None:
        ready.wait()
        desk.receive(raw, key)
        desk.close()

    threads = [threading.Thread(target=deliver, args=[f"inbound/{number}"]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.drain()
    assert desk.speakers() == ["customer", "system"]


def test_the_same_words_sent_twice_are_two_mails(desk: Desk) -> None:
    desk.receive(letter(QUESTION, Message_ID="<1@customer.example>"), "inbound/1")
    desk.receive(letter(QUESTION, Message_ID="<2@customer.example>"), "inbound/2")
    assert len(desk.tickets()) == 2


def test_other_words_under_the_same_message_id_are_another_mail(desk: Desk) -> None:
    """An id that a sender, or an attacker, uses twice must not swallow the second mail."""
    desk.receive(letter("One", Message_ID="<1@customer.example>"), "inbound/1")
    desk.receive(letter("Two", MALLORY, Message_ID="<1@customer.example>"), "inbound/2")
    assert len(desk.tickets()) == 2


def test_a_crash_in_the_middle_leaves_nothing_and_the_next_try_works(
    desk: Desk, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are stored before the last row is written: then the function dies."""
    with monkeypatch.context() as patch:
        patch.setattr(MemoryObjects, "put", _full)
        with pytest.raises(TransientFailure):
            _receive_by_event(desk, _event_mail(7))
    counted = owner.execute(
        "SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM messages), (SELECT count(*) FROM outbox),"
        " (SELECT count(*) FROM inbound_mails), (SELECT last_ticket_number FROM workspaces)"
    ).fetchone()
    assert counted == (0, 0, 0, 0, 0)
    _receive_by_event(desk, _event_mail(7))
    assert desk.ticket().number == 1


def _full(self: MemoryObjects, key: str, data: bytes, content_type: str) -> None:
    raise TransientFailure("the object store is down")


def _receive_by_event(desk: Desk, raw: bytes) -> None:
    """The mail is in the bucket already; only its event arrives."""
    desk.inbound.stored["inbound/7"] = raw
    desk.ingest("inbound/7")


# Nothing is lost


def test_files_are_kept_with_the_message(desk: Desk) -> None:
    desk.receive(_event_mail(7))
    (message,) = [message for message in desk.messages() if message.author_kind == "customer"]
    with desk.begin() as tx:
        pdf, png = tx.attachments.of_messages([message.id])
    assert (pdf.name, pdf.content_type) == ("recibo de salário.pdf", "application/pdf")
    assert desk.attachments.get(pdf.object_key).startswith(b"%PDF")
    assert desk.attachments.types[png.object_key] == "image/png"
    assert len(desk.attachments.get(png.object_key)) == png.size
    assert pdf.object_key.startswith(f"{desk.workspace_id}/{message.id}/")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "Not a mail: the file is empty."),
        (b"\x89PNG\r\n\x1a\n", "Not a mail: it does not begin with mail headers"),
        (b"Subject: nobody wrote this\n\nhello", "the mail names no sender"),
    ],
)
def test_what_is_no_mail_is_quarantined_once_with_its_reason(raw: bytes, reason: str, desk: Desk) -> None:
    for key in ("inbound/1", "inbound/2"):
        desk.receive(raw, key)
    (held,) = _held(desk)
    assert (held.outcome, held.object_key) == ("quarantined", "inbound/1")
    assert str(held.reason).startswith(reason)
    assert desk.tickets() == []


def test_a_mail_that_is_gone_before_it_was_read_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.ingest("inbound/nothing")


def test_the_raw_mail_stays_and_quotes_are_folded_not_dropped(desk: Desk) -> None:
    desk.receive(_event_mail(4), "inbound/4")
    message = desk.messages()[0]
    assert message.raw_object == "inbound/4"
    assert desk.inbound.get("inbound/4") == _event_mail(4)
    assert "wrote:" in str(message.quoted_text)
    assert "wrote:" not in message.body


def test_html_is_kept_without_its_teeth(desk: Desk) -> None:
    html = "<p onclick='steal()'>My <b>card</b></p><script>steal()</script><img src='https://t.example/pixel'>"
    mail = f"From: {ANN}\nTo: {SUPPORT}\nSubject: Card\nContent-Type: text/html; charset=utf-8\n\n{html}"
    desk.receive(mail.encode())
    (message,) = desk.messages()
    assert "<b>card</b>" in str(message.body_html)
    assert "steal" not in str(message.body_html)


@pytest.mark.parametrize("number", range(1, 21))
def test_every_example_mail_becomes_something_that_can_be_seen(number: int, desk: Desk) -> None:
    desk.receive(_event_mail(number))
    desk.drain()
    assert len(desk.tickets()) + len(_held(desk)) == 1


def test_a_nul_in_a_mail_does_not_lose_it(desk: Desk) -> None:
    desk.receive(letter("What\x00ever").replace(b"Subject: My card", b"Subject: My \x00 card"))
    assert len(desk.tickets()) + len(_held(desk)) == 1
