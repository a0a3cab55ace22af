"""A queued mail leaves at most once, and what did not certainly leave is seen by somebody."""

from collections import deque
from contextlib import suppress
from datetime import timedelta

import pytest

from supportmax.domain.conversation import Delivery, Message
from supportmax.domain.errors import OutcomeUnknown, PermanentFailure, SupportMaxError, TransientFailure
from supportmax.domain.people import User
from supportmax.services.maintain import maintain
from supportmax.services.manage_tickets import TicketRequest, open_ticket
from tests.articles import CARD
from tests.desk import DOMAIN, Desk
from tests.letters import ANN_ADDRESS, letter


class Waiting:
    """An agent's reply that waits in the queue."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.agent: User = desk.hire("Ada")
        desk.receive(letter("What is your CEO's shoe size?"))
        desk.drain()
        desk.mailer.sent.clear()
        self.message_id = desk.reply(self.agent, desk.ticket(), "38").id
        (self.envelope,) = [e for e in desk.queue.waiting if e.queue == "email-send"]
        desk.queue.waiting.clear()

    def send(self, *failures: SupportMaxError) -> None:
        self.desk.mailer.failures = deque(failures)
        self.desk.deliver(self.envelope)

    def delivery(self) -> Delivery | None:
        return self.message.delivery

    @property
    def message(self) -> Message:
        with self.desk.begin() as tx:
            return tx.messages.get(self.message_id)

    @property
    def notes(self) -> list[str]:
        return self.desk.notes_to(self.agent)


@pytest.fixture
def waiting(desk: Desk) -> Waiting:
    return Waiting(desk)


def test_it_is_sent_and_recorded(waiting: Waiting) -> None:
    waiting.send()
    assert (waiting.delivery(), waiting.message.delivery_id) == ("sent", "delivery-1")
    assert [mail.recipient for mail in waiting.desk.mailer.sent] == [ANN_ADDRESS]


def test_delivered_again_it_is_not_sent_again(waiting: Waiting) -> None:
    waiting.send()
    waiting.send()
    assert len(waiting.desk.mailer.sent) == 1


def test_a_passing_failure_puts_it_back_and_the_next_try_sends_it_once(waiting: Waiting) -> None:
    with pytest.raises(TransientFailure):
        waiting.send(TransientFailure("throttled"))
    assert waiting.delivery() == "queued"
    waiting.send()
    waiting.send()
    assert waiting.delivery() == "sent"
    assert len(waiting.desk.mailer.sent) == 1


def test_a_refused_mail_has_failed_and_the_agent_hears_of_it(waiting: Waiting) -> None:
    with pytest.raises(PermanentFailure):
        waiting.send(PermanentFailure("address is on the suppression list"))
    assert waiting.delivery() == "failed"
    assert waiting.notes[0] == f"Mail to {ANN_ADDRESS} in #1: failed. address is on the suppression list"
    waiting.send()
    assert waiting.desk.mailer.sent == []


def test_a_mail_that_may_have_left_is_never_sent_twice(waiting: Waiting) -> None:
    waiting.send(OutcomeUnknown("the connection broke"))
    assert waiting.delivery() == "unknown"
    assert waiting.notes[0] == f"Mail to {ANN_ADDRESS} in #1: unknown. the connection broke"
    waiting.send()
    assert waiting.desk.mailer.sent == []


def test_a_function_that_died_while_sending_leaves_an_unknown_mail_and_word_of_it(waiting: Waiting) -> None:
    with waiting.desk.begin() as tx:
        assert tx.deliveries.claim(waiting.message_id) is not None
    waiting.send()
    assert waiting.delivery() == "sending"
    _age_claim(waiting, timedelta(minutes=11))
    assert maintain(waiting.desk.store, waiting.desk.queue)["rescued"] == 1
    assert waiting.delivery() == "unknown"
    assert waiting.notes[0] == "It is unknown whether a mail in #1 was sent: please check."
    waiting.send()
    assert waiting.desk.mailer.sent == []


def test_a_mail_that_is_being_sent_right_now_is_left_alone(waiting: Waiting) -> None:
    with waiting.desk.begin() as tx:
        tx.deliveries.claim(waiting.message_id)
    _age_claim(waiting, timedelta(minutes=9))
    assert maintain(waiting.desk.store, waiting.desk.queue)["rescued"] == 0
    assert waiting.delivery() == "sending"


def _age_claim(waiting: Waiting, by: timedelta) -> None:
    with waiting.desk.database.transaction() as connection:
        connection.execute("SELECT set_config('supportmax.workspace', %s, true)", [str(waiting.desk.workspace_id)])
        connection.execute("UPDATE messages SET delivery_claimed_at = delivery_claimed_at - %s", [by])


def test_a_mail_whose_ticket_was_deleted_goes_nowhere(waiting: Waiting) -> None:
    waiting.desk.delete(waiting.agent, waiting.desk.ticket())
    waiting.send()
    assert (waiting.desk.mailer.sent, waiting.delivery()) == ([], "cancelled")


@pytest.mark.parametrize("outcome", [PermanentFailure("bad address"), OutcomeUnknown("the connection broke")])
def test_an_automatic_answer_that_did_not_leave_goes_to_a_human(outcome: SupportMaxError, desk: Desk) -> None:
    """Nobody has the ticket yet, so nobody would see the failure."""
    agent = desk.hire("Ada")
    desk.teach([CARD])
    desk.label("card_swallowed", CARD.questions)
    desk.receive(letter("The machine swallowed my card"))
    desk.mailer.failures.append(outcome)
    with suppress(PermanentFailure):
        desk.drain()
    desk.drain()
    (escalation,) = desk.escalations()
    assert "Mail to [email] in #1: " in escalation["reason"]
    assert desk.ticket().assignee_id == agent.id


def test_a_subject_of_several_lines_is_one_line_in_the_mail(desk: Desk) -> None:
    """Through the API a subject may hold a line break; in a header it would be an injection."""
    agent = desk.hire("Ada")
    with desk.begin() as tx:
        request = TicketRequest("Hello\nBcc: everyone@elsewhere.example", "Help", ANN_ADDRESS)
        open_ticket(tx, request, agent)
    desk.drain()
    (mail,) = desk.mails_to(f"ada@{DOMAIN}")
    assert mail["Subject"] == "[#1] Hello Bcc: everyone@elsewhere.example"
    assert mail["Bcc"] is None


def test_nobody_to_write_to_means_no_mail(desk: Desk) -> None:
    """A ticket without a requester's address gets the reply as a message only."""
    agent = desk.hire("Ada")
    with desk.begin() as tx:
        ticket = open_ticket(tx, TicketRequest("Phone call", "Help"), agent)
    message = desk.reply(agent, ticket, "Done.")
    desk.drain()
    assert (message.delivery, message.recipient) == (None, None)
    assert desk.mails_to("None") == []
    assert desk.speakers() == ["customer", "agent"]


def test_both_names_of_a_sent_mail_thread_its_answer(waiting: Waiting) -> None:
    """Ours, and the one that the mail service writes over it."""
    waiting.desk.message_id_domain = "mail.service.example"
    waiting.send()
    assert waiting.message.mail_message_id == "<delivery-1@mail.service.example>"
    reply = letter("Thank you", In_Reply_To="<delivery-1@mail.service.example>")
    waiting.desk.receive(reply, "inbound/second")
    assert waiting.desk.said()[-1] == ("customer", "Thank you")
