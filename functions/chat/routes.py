"""The endpoints a chat widget calls. Whoever holds a session's id may read it: ids are unguessable."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import AfterValidator, Field

from supportmax.domain.answers import Action
from supportmax.domain.conversation import AuthorKind, Message
from supportmax.domain.ids import parse_id
from supportmax.runtime.http import After, Body, CustomerWorkspace, Limit, Tools, cursor, page
from supportmax.services.answering.guard import MAX_CHARACTERS, accept_message
from supportmax.services.take_chat_turn import ChatReply, take_chat_turn

router = APIRouter(tags=["Chat"])


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


class ChatResponse(Body):
    """`action` says what the desk did: answered, asked back (`choices`), handed over (`ticket_id`), or small talk."""

    session_id: UUID = Field(description="Send it with the next message of this customer.")
    reply: str = Field(description="What to show to the customer.")
    action: Action
    confidence: float = Field(ge=0, le=1, description="That the best article answers the question.")
    citations: list[CitationView] = Field(description="The sources of an `answer`; empty otherwise.")
    choices: list[str] = Field(description="With `clarify`: the topics to choose from. Send the chosen one back.")
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
            choices=list(answer.choices),
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


@router.post(
    "/chat",
    summary="Take one chat turn",
    responses={
        401: {"description": "The widget key is not known."},
        404: {"description": "There is no such session."},
        413: {"description": "The message is too long."},
    },
)
async def chat(body: ChatRequest, tools: Tools, workspace_id: CustomerWorkspace) -> ChatResponse:
    """The desk answers from the knowledge base with its sources, asks back, or hands over to a human.

    A short follow-up such as *"and how long does that take?"* is understood in the light of the earlier turns.
    Once an agent has replied in the session's ticket, the machine stays silent and passes messages on.
    """
    text = accept_message(body.message)  # before anything is looked up
    session_id = parse_id(body.session_id, "session") if body.session_id else None
    promise = tools.settings.response_promise
    answerer = tools.answerer_for(workspace_id)
    return ChatResponse.of(take_chat_turn(answerer, tools.store, workspace_id, text, session_id, promise))


@router.get(
    "/v1/sessions/{session_id}/messages",
    summary="List a session's messages",
    responses={401: {"description": "The widget key is not known."}},
)
async def list_session_messages(
    session_id: Annotated[
        str, Path(description="A session's id, as `POST /chat` gave it.", json_schema_extra={"format": "uuid"})
    ],
    tools: Tools,
    workspace_id: CustomerWorkspace,
    after: After = None,
    limit: Limit = 50,
) -> MessagePage:
    """Oldest first, with replies of agents; internal notes are left out. Whoever holds the id may read it."""
    wanted = parse_id(session_id, "session")
    with tools.store.begin(workspace_id) as tx:
        tx.sessions.get(wanted)
        rows = tx.messages.of_session(wanted, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda m: m.id)
    return MessagePage(messages=[MessageView.of(m) for m in shown], next_cursor=next_cursor)
