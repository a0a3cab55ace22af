"""What is no plain question: two at once, one's own account, anger, another language."""

import pytest

from supportmax.services.answering.intent import recognise
from supportmax.services.answering.phrases import phrases_in
from tests.articles import BASICS, CARD, PIN
from tests.desk import PROMISE, Desk

PIN_QUESTION = "How do I change my PIN?"
CARD_QUESTION = "What do I do if the machine swallowed my card?"


@pytest.fixture
def taught(desk: Desk) -> Desk:
    desk.teach(BASICS)
    return desk


def test_both_of_two_questions_are_answered(taught: Desk) -> None:
    answer = taught.say(f"{PIN_QUESTION} {CARD_QUESTION}").answer
    assert answer.action == "answer"
    assert {source.article_id for source in answer.citations} == {PIN.external_id, CARD.external_id}
    first, second = answer.reply.split("\n\n", 1)
    assert first in PIN.body
    assert second in CARD.body


def test_of_two_questions_the_one_that_can_be_is_answered_and_a_human_has_the_other(taught: Desk) -> None:
    reply = taught.say(f"{PIN_QUESTION} Who is the chairman of your board?")
    assert (reply.answer.action, reply.ticket_id) == ("hand_over", taught.ticket().id)
    answered, told = reply.answer.reply.split("\n\n")
    assert answered in PIN.body
    assert told.startswith("Your other question")
    assert [source.article_id for source in reply.answer.citations] == [PIN.external_id]


def test_one_question_in_two_sentences_has_one_answer(taught: Desk) -> None:
    answer = taught.say("The machine swallowed my card. Can you help me please?").answer
    assert (answer.action, len(answer.citations)) == ("answer", 1)


def test_what_only_the_account_knows_goes_to_a_human_with_the_article_as_a_pointer(taught: Desk) -> None:
    reply = taught.say("When will my transfer arrive?")
    assert (reply.answer.action, reply.answer.intent) == ("hand_over", "account")
    assert "In general: A transfer inside the country" in reply.answer.reply
    assert PROMISE in reply.answer.reply
    assert taught.ticket().id == reply.ticket_id


def test_anger_goes_to_a_human_and_matters_more(taught: Desk) -> None:
    reply = taught.say("This is ridiculous, third time I ask how to change my PIN!")
    assert (reply.answer.action, reply.answer.intent) == ("hand_over", "angry")
    assert "sorry" in reply.answer.reply
    taught.drain()
    assert taught.ticket().priority == "high"


def test_anger_in_a_running_chat_raises_its_ticket(taught: Desk) -> None:
    first = taught.say("I want to talk to a human")
    assert taught.ticket().priority == "normal"
    taught.say("I am furious, nobody answers!", first.session_id)
    assert taught.ticket().priority == "high"


@pytest.mark.parametrize(
    ("text", "language"),
    [("Guten Tag!", "de"), ("Bonjour", "fr"), ("Hola", "es"), ("Buongiorno", "it"), ("Hoi!", "nl"), ("Olá!", "pt")],
)
def test_small_talk_is_answered_in_its_language(text: str, language: str, taught: Desk) -> None:
    answer = taught.say(text).answer
    assert (answer.action, answer.reply) == ("small_talk", phrases_in(language).greeting)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich möchte mit einem Mitarbeiter sprechen", "de"),
        ("Je voudrais parler à un conseiller", "fr"),
        ("Quiero hablar con una persona", "es"),
        ("Vorrei parlare con un operatore", "it"),
        ("Ik wil graag met een medewerker spreken", "nl"),
        ("Quero falar com um atendente", "pt"),
    ],
)
def test_a_human_can_be_asked_for_in_any_of_these_languages(text: str, language: str, taught: Desk) -> None:
    reply = taught.say(text)
    assert (reply.answer.action, reply.answer.intent) == ("hand_over", "human")
    assert reply.answer.reply == phrases_in(language).asked_for.format(number=taught.ticket().number)


def test_a_question_in_another_language_than_the_articles_goes_to_a_human(taught: Desk) -> None:
    reply = taught.say("Der Geldautomat hat meine Karte geschluckt. Was soll ich jetzt tun?")
    assert (reply.answer.action, reply.answer.intent) == ("hand_over", "other_language")
    assert reply.answer.reply == phrases_in("de").other_language.format(number=taught.ticket().number)


@pytest.mark.parametrize("text", ["You people have wasted my whole day", "Your support is a joke"])
def test_anger_in_words_that_no_rule_knows_is_heard(text: str, taught: Desk) -> None:
    assert recognise(text) is None
    assert taught.say(text).answer.intent == "angry"
