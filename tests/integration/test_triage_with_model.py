"""Where the examples are not sure, a language model may choose; it never closes a ticket, and is not needed."""

import json

import pytest

from supportmax.domain.tickets import Ticket
from supportmax.services.manage_tickets import TicketRequest, open_ticket
from tests.articles import CARD, PIN
from tests.desk import Desk
from tests.fakes.memory import ScriptedLLM

STRANGE = "My cat has eaten the letter with the codes"


@pytest.fixture
def trained(desk: Desk) -> Desk:
    desk.label("card_swallowed", CARD.questions, priority="urgent")
    desk.label("change_pin", PIN.questions)
    desk.label("junk", ["You have won a million, send us your account"], is_spam=True)
    desk.llm = ScriptedLLM()
    return desk


def _opened(desk: Desk, body: str) -> Ticket:
    with desk.begin() as tx:
        ticket = open_ticket(tx, TicketRequest("A request", body), tx.users.list("admin")[0])
    desk.drain()
    with desk.begin() as tx:
        return tx.tickets.get(ticket.id)


def _asked(desk: Desk) -> list[str]:
    assert desk.llm is not None
    return desk.llm.asked


def test_it_chooses_where_the_examples_are_unsure(trained: Desk) -> None:
    assert trained.llm is not None
    trained.llm.script.append({"label": "change_pin"})
    ticket = _opened(trained, STRANGE)
    assert ticket.category == "change_pin"
    assert (ticket.triage or {})["method"] == "language_model"
    assert trained.escalations(ticket) == []
    offered = json.loads(_asked(trained)[0])
    assert offered["message"] == STRANGE
    assert {one["label"] for one in offered["labels"]} == {"card_swallowed", "change_pin", "junk"}


def test_it_is_not_asked_where_they_are_sure(trained: Desk) -> None:
    assert _opened(trained, "How do I change my PIN?").category == "change_pin"
    assert _asked(trained) == []


@pytest.mark.parametrize("answer", ["none of these", "junk", "no_such_label", None])
def test_no_label_spam_or_nonsense_leaves_it_to_a_human(answer: str | None, trained: Desk) -> None:
    assert trained.llm is not None
    trained.llm.script.append({"label": answer})
    ticket = _opened(trained, STRANGE)
    assert ticket.category == "unsure"
    assert ticket.status != "closed"
    assert trained.escalations(ticket)[0]["reason"] == "triage is unsure what this is about"


def test_without_an_answer_a_human_decides(trained: Desk) -> None:
    assert _opened(trained, STRANGE).category == "unsure"
    assert _asked(trained)
