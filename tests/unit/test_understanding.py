"""Small talk, requests for a human, follow-ups, choices, and the question in a mail."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportmax.domain.answers import Action, Turn
from supportmax.domain.conversation import Channel, Message
from supportmax.domain.ids import new_id
from supportmax.services.answering.account import concerns_account
from supportmax.services.answering.contextualise import is_follow_up, standalone, topic_of
from supportmax.services.answering.decompose import questions_in
from supportmax.services.answering.intent import recognise
from supportmax.services.mail.message_text import MAX_CHARACTERS, bare_subject, question_of


def _intent(text: str) -> str | None:
    known = recognise(text)
    return known.intent if known else None


@pytest.mark.parametrize("text", ["hi", "Hello!", "Hey there", "GOOD MORNING", "good evening team.", "hi :)"])
def test_greetings(text: str) -> None:
    assert _intent(text) == "greeting"


@pytest.mark.parametrize("text", ["thanks", "Thank you so much!", "ok, thanks", "Great! Thank you for the help", "bye"])
def test_thanks(text: str) -> None:
    assert _intent(text) == "thanks"


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a human",
        "Can I speak with an agent please?",
        "connect me to a real person",
        "human",
        "Agent please!",
        "let me talk to someone",
        "I need to speak to somebody about my account",
        "put me through to a representative",
    ],
)
def test_requests_for_a_human(text: str) -> None:
    assert _intent(text) == "human"


@pytest.mark.parametrize(
    "text",
    [
        "Someone used my card",
        "If I lost my phone, what steps do I need to take to stop someone from using my account?",
        "How long does a transfer to someone abroad take?",
        "Am I talking to a real person?",
        "I sent money to someone else",
        "Can I give my card to someone else?",
        "My card was stolen by a person in the street",
        "hello, my card is gone",
        "thanks but it still does not work",
        "How do I change my PIN?",
        "Is there a fee?",
        "",
        "?",
    ],
)
def test_everything_else_is_looked_up(text: str) -> None:
    assert recognise(text) is None


@given(st.text())
def test_no_text_breaks_the_reading_of_it(text: str) -> None:
    assert _intent(text) in {None, "greeting", "thanks", "human", "angry"}
    assert concerns_account(text) in {True, False}
    assert all(question in text for question in questions_in(text))
    assert is_follow_up(text) in {True, False}


# Follow-ups


def _turn(question: str, action: Action = "answer", choices: tuple[str, ...] = ()) -> Turn:
    return Turn(
        id=new_id(),
        session_id=None,
        ticket_id=None,
        question=question,
        searched_for=question,
        action=action,
        confidence=1.0,
        article_id=None,
        retrieved=[],
        latency_ms=1.0,
        decision={"choices": [{"title": title, "article": title} for title in choices]},
    )


CARD = _turn("My card is gone")
CHOICE = _turn(
    "What does it cost?",
    "clarify",
    ("By card", "By transfer"),
)


@pytest.mark.parametrize(
    "text", ["and how long does that take?", "for free?", "What about abroad?", "when?", "is it ok"]
)
def test_a_follow_up_takes_the_topic_along(text: str) -> None:
    assert standalone(text, [CARD]) == f"My card is gone {text}"


@pytest.mark.parametrize("text", ["How do I change my PIN code?", "My bank transfer abroad has not arrived yet " * 2])
def test_a_question_that_stands_alone_leaves_the_topic(text: str) -> None:
    assert standalone(text, [CARD]) == text


def test_without_a_topic_nothing_is_taken_along() -> None:
    assert standalone("and now?", []) == "and now?"
    assert standalone("and now?", [_turn("hello", "small_talk"), _turn("shoe size?", "hand_over")]) == "and now?"


def test_small_talk_does_not_end_a_topic() -> None:
    turns = [_turn("thanks", "small_talk"), CARD]
    assert topic_of(turns) == CARD
    assert standalone("and how long?", turns) == "My card is gone and how long?"


@pytest.mark.parametrize(
    ("text", "title"),
    [("1", "By card"), ("2.", "By transfer"), ("Number 2, please", "By transfer"), ("the 1st one", "By card")],
)
def test_a_number_chooses_from_the_list(text: str, title: str) -> None:
    assert standalone(text, [CHOICE]) == title


@pytest.mark.parametrize("text", ["3", "0", "9", "12"])
def test_a_number_that_was_not_on_the_list_chooses_nothing(text: str) -> None:
    assert standalone(text, [CHOICE]) == f"What does it cost? {text}"


def test_words_narrow_the_question_that_was_asked_back() -> None:
    assert standalone("By transfer please", [CHOICE]) == "By transfer"
    assert standalone("With coins please", [CHOICE]) == "What does it cost? With coins please"


def test_a_number_after_an_answer_is_no_choice() -> None:
    assert standalone("2", [CARD]) == "My card is gone 2"


# Mails


def _message(body: str, subject: str = "", channel: Channel = "email") -> Message:
    return Message(
        id=new_id(), author_kind="customer", channel=channel, body=body, subject=subject, created_at=datetime.now(UTC)
    )


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: My card", "My card"),
        ("RE: Fwd: AW: My card", "My card"),
        ("Re[2]: My card", "My card"),
        ("Regarding my card", "Regarding my card"),
        ("  ", ""),
        (None, ""),
    ],
)
def test_a_subject_without_its_prefixes(subject: str | None, bare: str) -> None:
    assert bare_subject(subject) == bare


def test_greeting_and_closing_are_no_part_of_the_question() -> None:
    body = "Dear team,\n\nThe machine kept my card.\nWhat now?\n\nBest regards\nAnn Lee\nSent in haste"
    assert question_of(_message(body, "Re: Card")) == "Card. The machine kept my card. What now?"


def test_a_mail_of_nothing_but_a_greeting_keeps_it() -> None:
    assert question_of(_message("Hello,")) == "Hello,"


def test_a_chat_has_no_subject() -> None:
    assert question_of(_message("What now?", "Re: Card", "chat")) == "What now?"


@given(st.text(), st.text())
def test_a_question_is_never_too_long(body: str, subject: str) -> None:
    assert len(question_of(_message(body, subject))) <= MAX_CHARACTERS
