"""A customer in the chat: answered with the source, asked back, or handed over."""

import csv
from pathlib import Path
from uuid import UUID

import pytest

from supportmax.domain.answers import Turn
from supportmax.domain.errors import InvalidInput, NotFound, TooLarge
from supportmax.domain.ids import new_id
from supportmax.domain.knowledge import ArticleDraft
from supportmax.services.answering.phrases import phrases_in
from supportmax.services.prepare_workspace import WorkspaceSetup, prepare_workspace
from supportmax.services.read_articles import read_articles
from tests.articles import BANK_FEE, BASICS, CARD, CARD_FEE, CASH_FEE, PIN, SHARED
from tests.desk import PROMISE, Desk

WORDS = phrases_in("en")
SAMPLE = Path(__file__).parents[2] / "infra" / "sample"
CARD_LABELS = ("lost_or_stolen_card", "compromised_card", "pin_blocked", "card_linking")


def _turns(desk: Desk, session_id: UUID) -> list[Turn]:
    with desk.begin() as tx:
        return tx.turns.recent(session_id, 100)


def _said(desk: Desk, session_id: UUID) -> list[tuple[str, str]]:
    with desk.begin() as tx:
        return [(m.author_kind, m.body) for m in tx.messages.of_session(session_id, None, 100)]


def test_a_question_is_answered_verbatim_with_its_source(desk: Desk) -> None:
    desk.teach(BASICS)
    reply = desk.say("My card was swallowed by the machine, what now?")
    (source,) = reply.answer.citations
    assert (reply.answer.action, reply.ticket_id) == ("answer", None)
    assert (source.article_id, source.title) == (CARD.external_id, CARD.title)
    assert reply.answer.reply in CARD.body
    assert source.quote in CARD.body
    assert desk.tickets() == []


def test_a_turn_can_be_explained(desk: Desk) -> None:
    desk.teach(BASICS)
    reply = desk.say("How do I change my PIN?")
    (turn,) = _turns(desk, reply.session_id)
    assert (turn.question, turn.action, turn.usage.model) == ("How do I change my PIN?", "answer", "extractive")
    assert turn.retrieved[0]["article"] == PIN.external_id
    assert turn.confidence == pytest.approx(reply.answer.confidence)
    assert turn.latency_ms > 0


def test_a_follow_up_is_about_what_was_said_before(desk: Desk) -> None:
    """Alone, the second question would be about transfers, and not sure of it."""
    desk.teach(BASICS)
    first = desk.say("The machine swallowed my card")
    second = desk.say("and how long does that take?", first.session_id)
    alone = desk.say("and how long does that take?")
    assert [source.article_id for source in second.answer.citations] == [CARD.external_id]
    assert "three to five working days" in second.answer.reply
    assert alone.answer.action == "hand_over"


def test_a_change_of_topic_is_understood(desk: Desk) -> None:
    desk.teach(BASICS)
    first = desk.say("The machine swallowed my card")
    second = desk.say("How do I change my PIN?", first.session_id)
    assert [source.article_id for source in second.answer.citations] == [PIN.external_id]


def test_between_topics_the_desk_asks_back(desk: Desk) -> None:
    desk.teach(BASICS)
    asked = desk.say(SHARED)
    assert asked.answer.action == "clarify"
    offered = {(choice.article_id, choice.title) for choice in asked.answer.choices}
    assert offered == {(article.external_id, article.title) for article in (CARD_FEE, BANK_FEE, CASH_FEE)}
    assert all(title in asked.answer.reply for _, title in offered)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("words", ["{title}", "{number}", "Number {number}, please"])
def test_a_choice_is_understood_by_its_name_and_by_its_number(number: int, words: str, desk: Desk) -> None:
    desk.teach(BASICS)
    asked = desk.say(SHARED)
    title = asked.answer.choices[number - 1].title
    chosen = desk.say(words.format(title=title, number=number), asked.session_id)
    assert [source.title for source in chosen.answer.citations] == [title]


@pytest.mark.parametrize(
    ("words", "article"),
    [
        ("the one with cash", CASH_FEE),
        ("by card please", CARD_FEE),
        ("bank transfer", BANK_FEE),
        ("Cash!", CASH_FEE),
        ("I pay in a shop", CASH_FEE),
        ("I want to use my debit card", CARD_FEE),
    ],
)
def test_a_choice_is_understood_in_other_words(words: str, article: ArticleDraft, desk: Desk) -> None:
    desk.teach(BASICS)
    asked = desk.say(SHARED)
    chosen = desk.say(words, asked.session_id)
    assert [source.article_id for source in chosen.answer.citations] == [article.external_id]


@pytest.mark.parametrize("words", ["the second one", "second", "No. 2", "last", "the third"])
def test_a_choice_is_understood_by_its_place(words: str, desk: Desk) -> None:
    desk.teach(BASICS)
    asked = desk.say(SHARED)
    place = 1 if "second" in words or "2" in words else 2
    chosen = desk.say(words, asked.session_id)
    assert [source.title for source in chosen.answer.citations] == [asked.answer.choices[place].title]


def test_another_question_is_no_choice(desk: Desk) -> None:
    desk.teach(BASICS)
    asked = desk.say(SHARED)
    other = desk.say("The machine swallowed my card", asked.session_id)
    assert [source.article_id for source in other.answer.citations] == [CARD.external_id]


@pytest.mark.parametrize("words", ["None of these", "neither", "no", "something else"])
def test_whoever_meant_none_of_the_topics_gets_a_human(words: str, desk: Desk) -> None:
    desk.teach(BASICS)
    asked = desk.say(SHARED)
    reply = desk.say(words, asked.session_id)
    assert (reply.answer.action, reply.answer.reason) == ("hand_over", "none of the topics offered was meant")


def test_the_desk_does_not_ask_the_same_twice(desk: Desk) -> None:
    desk.teach(BASICS)
    asked = desk.say(SHARED)
    assert desk.say(SHARED, asked.session_id).answer.action == "hand_over"


def test_a_number_that_was_not_offered_chooses_nothing(desk: Desk) -> None:
    desk.teach(BASICS)
    asked = desk.say(SHARED)
    assert desk.say("7", asked.session_id).answer.action != "answer"


def test_what_no_article_knows_is_handed_over_with_a_promise(desk: Desk) -> None:
    desk.teach(BASICS)
    agent = desk.hire("Ada")
    reply = desk.say("What is your CEO's shoe size?")
    assert reply.answer.action == "hand_over"
    assert PROMISE in reply.answer.reply
    assert "#1" in reply.answer.reply
    desk.drain()
    ticket = desk.ticket()
    assert (ticket.id, ticket.status, ticket.channel) == (reply.ticket_id, "open", "chat")
    assert ticket.assignee_id == agent.id
    (escalation,) = desk.escalations()
    assert escalation["reason"] == "no article answers this with confidence"
    assert "Customer: What is your CEO's shoe size?" in escalation["summary"]
    assert escalation["assignee_id"] == agent.id


def test_the_agent_hears_of_it_in_the_app_and_by_mail(desk: Desk) -> None:
    agent = desk.hire("Ada")
    desk.say("What is your CEO's shoe size?")
    desk.drain()
    (note,) = desk.notes_to(agent)
    (mail,) = desk.mails_to("ada@desk.example")
    assert note.startswith("#1 What is your CEO's shoe size?")
    assert mail["Subject"] == "[#1] What is your CEO's shoe size?"
    assert "Customer: What is your CEO's shoe size?" in mail.get_content()
    assert len(desk.outbox()) == 1


def test_the_right_group_gets_it_and_in_it_the_agent_with_the_least_to_do(desk: Desk) -> None:
    desk.label("card_swallowed", ["The machine swallowed my card", "An ATM kept my card"], priority="high")
    desk.hire("Idle")
    busy, free = desk.hire("Busy", "card_swallowed"), desk.hire("Free", "card_swallowed")
    desk.say("I want to speak to a human, the ATM kept my card")
    desk.drain()
    first = desk.ticket()
    assert (first.category, first.priority) == ("card_swallowed", "high")
    assert first.assignee_id in {busy.id, free.id}
    desk.change(busy, first, assignee_id=busy.id)
    desk.say("I want to speak to a human, the machine swallowed my card")
    desk.drain()
    second = desk.tickets()[0]
    assert second.id != first.id
    assert second.assignee_id == free.id


def test_the_chat_so_far_belongs_to_the_ticket(desk: Desk) -> None:
    desk.teach(BASICS)
    first = desk.say("The machine swallowed my card")
    desk.say("Let me talk to a human please", first.session_id)
    authors = [message.author_kind for message in desk.messages()]
    assert authors == ["customer", "assistant", "customer", "assistant"]


@pytest.mark.parametrize(
    "text", ["I want to talk to a human", "agent", "Can you connect me with a real person?", "let me speak to someone"]
)
def test_whoever_asks_for_a_human_gets_one(text: str, desk: Desk) -> None:
    desk.teach(BASICS)
    reply = desk.say(text)
    assert (reply.answer.action, reply.answer.reason) == ("hand_over", "the customer asked for a human")
    assert desk.ticket().id == reply.ticket_id


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", WORDS.greeting),
        ("Hi there!", WORDS.greeting),
        ("thanks a lot!", WORDS.thanks),
        ("ok, thank you", WORDS.thanks),
    ],
)
def test_small_talk_is_answered_without_looking_anything_up(text: str, words: str, desk: Desk) -> None:
    reply = desk.say(text)
    assert (reply.answer.action, reply.answer.reply) == ("small_talk", words)
    assert _turns(desk, reply.session_id)[0].retrieved == []
    assert desk.tickets() == []


def test_both_sides_are_kept_in_order(desk: Desk) -> None:
    desk.teach(BASICS)
    first = desk.say("hello")
    second = desk.say("How do I change my PIN?", first.session_id)
    assert second.session_id == first.session_id
    assert _said(desk, first.session_id) == [
        ("customer", "hello"),
        ("assistant", WORDS.greeting),
        ("customer", "How do I change my PIN?"),
        ("assistant", second.answer.reply),
    ]


def test_an_unknown_session_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.say("hello", new_id())


def test_a_session_of_another_workspace_is_not_found(desk: Desk) -> None:
    session_id = desk.say("hello").session_id
    other = prepare_workspace(desk.store, WorkspaceSetup("other", "Other"), new_id()).id
    with pytest.raises(NotFound):
        Desk(desk.store, other, desk.embedder, desk.database).say("hello", session_id)
    assert len(_said(desk, session_id)) == 2


@pytest.mark.parametrize(
    ("text", "error"),
    [("", InvalidInput), (" \n\t", InvalidInput), ("\u200b\u202e", InvalidInput), ("x" * 8_001, TooLarge)],
)
def test_a_message_that_cannot_be_taken_leaves_nothing(text: str, error: type[Exception], desk: Desk) -> None:
    with pytest.raises(error, match="message"):
        desk.say(text)
    with desk.begin() as tx:
        assert tx.workspace.counts()["sessions"] == 0


def test_invisible_characters_hide_nothing_from_the_agent(desk: Desk) -> None:
    session_id = desk.say("pass\u200bword \u202eabc\x00").session_id
    assert _said(desk, session_id)[0] == ("customer", "password abc")


def test_two_workspaces_answer_from_their_own_articles(desk: Desk) -> None:
    desk.teach(BASICS)
    workspace = prepare_workspace(desk.store, WorkspaceSetup("other", "Other"), new_id())
    other = Desk(desk.store, workspace.id, desk.embedder, desk.database)
    assert desk.say("How do I change my PIN?").answer.action == "answer"
    assert other.say("How do I change my PIN?").answer.action == "hand_over"


def test_examples_that_are_further_away_take_nothing_from_an_articles_own_question(desk: Desk) -> None:
    """The sample world as a newcomer has it: few examples of a label, none of them about blocking a card."""
    articles = [a for a in read_articles(SAMPLE / "kb") if a.external_id in {"lost-or-stolen-card", "compromised-card"}]
    desk.teach(articles)
    with (SAMPLE / "triage_examples.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] in CARD_LABELS]
    for label in CARD_LABELS:
        desk.label(label, [row["text"] for row in rows if row["label"] == label])
    reply = desk.say("How do I block my card?")
    assert reply.answer.action == "answer"
    assert [source.article_id for source in reply.answer.citations] == ["lost-or-stolen-card"]
