"""The chat's request and response bodies."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from supportmax.domain.answers import Action
from supportmax.domain.conversation import AuthorKind, Message
from supportmax.runtime.http import Body
from supportmax.services.answering.guard import MAX_CHARACTERS
from supportmax.services.take_chat_turn import ChatReply


class ChatRequest(Body):
    """One message of a customer. Without `session_id` a new session begins."""

    # NUL goes with the other invisible characters: a customer cannot know that it is there.
    message: Annotated[str, AfterValidator(lambda text: text.replace("\x00", ""))] = Field(
        description="What the customer says.",
        examples=["My card was swallowed by the machine, what now?"],
        # A bound for the schema; the service names the real limit and answers 413.
        json_schema_extra={"minLength": 1, "maxLength": MAX_CHARACTERS},
    )
    session_id: str | None = Field(default=None, description="The session to continue.")


class CitationView(Body):
    """A source of the answer: the article's id and title, and the passage it rests on."""

    article_id: str = Field(description="The article's own id (`external_id`).")
    title: str
    quote: str = Field(description="The passage, word for word, at most 300 characters.")


class ChoiceView(Body):
    """A topic to choose from."""

    title: str
    article_id: str = Field(description="The article's own id (`external_id`).")


class ChatResponse(Body):
    """`action` says what the desk did: answered, asked back (`choices`), handed over (`ticket_id`), or small talk."""

    session_id: UUID = Field(description="Send it with the next message of this customer.")
    reply: str = Field(description="What to show to the customer.")
    action: Action
    confidence: float = Field(ge=0, le=1, description="That the best article answers the question.")
    citations: list[CitationView] = Field(description="The sources of an `answer`; empty otherwise.")
    choices: list[ChoiceView] = Field(
        description="With `clarify`: the topics to choose from. Send the title of the chosen one back, or its number."
    )
    ticket_id: UUID | None = Field(description="The session's ticket, once a human was asked for.")
    message_id: UUID | None = Field(
        description="The reply in the session's messages, to rate it; null when a message was only passed on."
    )

    @classmethod
    def of(cls, reply: ChatReply) -> "ChatResponse":
        answer = reply.answer
        return cls(
            session_id=reply.session_id,
            reply=answer.reply,
            action=answer.action,
            confidence=round(answer.confidence, 4),
            citations=[CitationView(article_id=c.article_id, title=c.title, quote=c.quote) for c in answer.citations],
            choices=[ChoiceView(title=c.title, article_id=c.article_id) for c in answer.choices],
            ticket_id=reply.ticket_id,
            message_id=reply.message_id,
        )


class MessageView(Body):
    """A message as the customer sees it."""

    id: UUID
    author: AuthorKind
    text: str
    created_at: datetime

    @classmethod
    def of(cls, message: Message) -> "MessageView":
        return cls(id=message.id, author=message.author_kind, text=message.body, created_at=message.created_at)


class MessagePage(Body):
    """Oldest first; `next_cursor` is null on the last page."""

    messages: list[MessageView]
    next_cursor: str | None
