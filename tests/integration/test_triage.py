"""Triage: category, priority, group and language from labelled examples, or an honest "unsure"."""

from uuid import UUID

import pytest

from supportmax.domain.errors import InvalidInput
from supportmax.domain.ids import new_id
from supportmax.domain.tickets import Priority, Ticket
from supportmax.services.learn_examples import Example, learn_examples
from supportmax.services.manage_tickets import TicketRequest, delete_ticket, open_ticket
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from tests.articles import CARD, PIN, TRANSFER
from tests.desk import Desk

ABOUT_CARD = "My card is stuck in the cash machine"
FAR_AWAY = "The weather in the mountains was lovely and the sheep were calm"


def _opened(desk: Desk, body: str, **fields: object) -> Ticket:
    """A ticket through the API, triaged."""
    with desk.begin() as tx:
        admin = tx.users.list("admin")[0]
        ticket = open_ticket(tx, TicketRequest("A request", body, **fields), admin)  # type: ignore[arg-type]
    desk.drain()
    with desk.begin() as tx:
        return tx.tickets.get(ticket.id)


@pytest.fixture
def trained(desk: Desk) -> Desk:
    desk.label("card_swallowed", CARD.questions, priority="urgent")
    desk.label("change_pin", PIN.questions, priority="low")
    desk.label("transfer_timing", TRANSFER.questions)
    return desk


def _group(desk: Desk, name: str) -> UUID:
    with desk.begin() as tx:
        return next(group.id for group in tx.groups.list() if group.name == name)


def test_it_knows_what_its_examples_say(trained: Desk) -> None:
    ticket = _opened(trained, ABOUT_CARD)
    assert (ticket.category, ticket.priority) == ("card_swallowed", "urgent")
    assert ticket.group_id == _group(trained, "card_swallowed")
    assert trained.escalations(ticket) == []


def test_the_reason_is_the_nearest_examples(trained: Desk) -> None:
    triage = _opened(trained, ABOUT_CARD).triage
    assert triage is not None
    assert (triage["unsure"], triage["best_label"]) == (False, "card_swallowed")
    assert triage["neighbours"][0]["text"] == ABOUT_CARD
    assert triage["neighbours"][0]["similarity"] == pytest.approx(1, abs=0.01)
    assert 0 < triage["confidence"] <= 1


@pytest.mark.parametrize("text", [FAR_AWAY, "xyzzy"])
def test_far_from_every_example_it_is_unsure_and_a_human_decides(text: str, trained: Desk) -> None:
    agent = trained.hire("Ada")
    ticket = _opened(trained, text)
    assert ticket.category == "unsure"
    assert (ticket.triage or {})["unsure"] is True
    assert trained.escalations(ticket)[0]["reason"] == "triage is unsure what this is about"
    assert ticket.assignee_id == agent.id


def test_between_two_labels_that_share_their_examples_it_is_unsure(desk: Desk) -> None:
    for label in ("one", "other"):
        desk.label(label, CARD.questions)
    ticket = _opened(desk, ABOUT_CARD)
    assert ticket.category == "unsure"
    assert (ticket.triage or {})["best_label"] in {"one", "other"}


def test_without_any_examples_it_is_unsure(desk: Desk) -> None:
    ticket = _opened(desk, ABOUT_CARD)
    assert ticket.category == "unsure"
    assert (ticket.triage or {})["neighbours"] == []


def test_it_learns_at_once(trained: Desk) -> None:
    assert _opened(trained, FAR_AWAY).category == "unsure"
    trained.label("small_talk", [FAR_AWAY])
    assert _opened(trained, FAR_AWAY).category == "small_talk"


def test_examples_of_things_out_of_scope_make_it_unsure(trained: Desk) -> None:
    trained.label("oos", [FAR_AWAY, "I like sheep in the mountains"])
    ticket = _opened(trained, FAR_AWAY)
    assert ticket.category == "unsure"
    assert (ticket.triage or {})["best_label"] == "oos"


def test_the_same_example_twice_is_one(trained: Desk) -> None:
    def learn(*texts: str) -> int:
        examples = [Example(text, "change_pin") for text in texts]
        return learn_examples(trained.embedder, trained.store, trained.workspace_id, examples)

    assert learn("A new PIN please", "Another PIN please") == 2
    assert learn("A new PIN please", "A third PIN please") == 1


def test_an_unknown_label_teaches_nothing(trained: Desk) -> None:
    examples = [Example("text", "change_pin"), Example("text", "no_such_label")]
    with pytest.raises(InvalidInput, match="no_such_label"):
        learn_examples(trained.embedder, trained.store, trained.workspace_id, examples)
    with trained.begin() as tx:
        assert "text" not in [example.text for example in tx.examples.list(None, None, 100)]


def test_what_a_person_set_stays(trained: Desk) -> None:
    ticket = _opened(trained, ABOUT_CARD, category="change_pin", priority="high")
    assert (ticket.category, ticket.priority, ticket.group_id) == ("change_pin", "high", None)


@pytest.mark.parametrize(("chosen", "kept"), [("normal", "low"), ("low", "low"), ("high", "high")])
def test_a_priority_that_was_chosen_is_never_lowered(chosen: Priority, kept: Priority, trained: Desk) -> None:
    assert _opened(trained, "How do I change my PIN?", priority=chosen).priority == kept


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Guten Tag, meine Karte ist seit zwei Wochen nicht angekommen. Was kann ich tun?", "de"),
        ("Bonjour, je n'ai toujours pas reçu ma carte bancaire. Que dois-je faire ?", "fr"),
        ("Hello, I have been waiting for my card for two weeks. What can I do?", "en"),
        ("42", None),
    ],
)
def test_the_language_is_noted(text: str, language: str | None, desk: Desk) -> None:
    assert _opened(desk, text).language == language


def test_examples_of_another_workspace_do_not_vote(trained: Desk) -> None:
    workspace = prepare_workspace(trained.store, WorkspaceSetup("other", "O", "b@desk.example", "a password"), new_id())
    other = Desk(trained.store, workspace.id, trained.embedder, trained.database)
    with other.begin() as tx:
        admin = tx.users.list("admin")[0]
        open_ticket(tx, TicketRequest("A request", ABOUT_CARD), admin)
    trained.drain()
    assert other.ticket().category == "unsure"


def test_a_ticket_deleted_before_triage_is_left_alone(trained: Desk) -> None:
    with trained.begin() as tx:
        admin = tx.users.list("admin")[0]
        ticket = open_ticket(tx, TicketRequest("A request", ABOUT_CARD), admin)
        delete_ticket(tx, ticket.id, admin)
    trained.drain()
    with trained.begin() as tx:
        assert tx.tickets.get(ticket.id, deleted=True).triage is None
