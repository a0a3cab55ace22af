"""The chat's request and response bodies."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from supportmax.domain.answers import Action
from supportmax.domain.chats import Chat, ChatMessage, EndedBy, InCharge
from supportmax.domain.conversation import AuthorKind
from supportmax.runtime.http import Body
from supportmax.services.answering.guard import MAX_CHARACTERS
from supportmax.services.take_chat_turn import ChatReply


class SaidMessage(Body):
    """One message of a visitor."""

    # NUL goes with the other invisible characters: a customer cannot know that it is there.
    message: Annotated[str, AfterValidator(lambda text: text.replace("\x00", ""))] = Field(
        description="What the customer says.",
        examples=["My card was swallowed by the machine, what now?"],
        # A bound for the schema; the service names the real limit and answers 413.
        json_schema_extra={"minLength": 1, "maxLength": MAX_CHARACTERS},
    )


class ChatRequest(SaidMessage):
    """One message of a customer. Without `session_id` a new session begins."""

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
    position: int = Field(description="Its place in the order of the session; 0 in messages of before there were any.")

    @classmethod
    def of(cls, message: ChatMessage) -> "MessageView":
        return cls(
            id=message.id,
            author=message.author_kind,
            text=message.body,
            created_at=message.created_at,
            position=message.position,
        )


class SessionState(Body):
    """What changes in a session beside its messages."""

    in_charge: InCharge = Field(description="Who answers. While it is an `agent`, the assistant is silent.")
    agent_typing: bool
    visitor_read: int = Field(description="The `position` up to which the visitor has read.")
    agent_read: int = Field(description="The `position` up to which an agent has read.")
    ended_at: datetime | None
    ended_by: EndedBy | None

    @classmethod
    def of(cls, chat: Chat) -> "SessionState":
        return cls(**{name: getattr(chat, name) for name in cls.model_fields})


class MessagePage(Body):
    """Oldest first; `next_cursor` is null on the last page. To ask for news, send the last message's id as `after`."""

    messages: list[MessageView]
    next_cursor: str | None
    session: SessionState
