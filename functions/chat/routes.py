"""The endpoints a chat widget calls. Whoever holds a session's id may read it: ids are unguessable."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field

from supportmax.domain.answers import Action
from supportmax.domain.conversation import AuthorKind, Message
from supportmax.domain.ids import parse_id
from supportmax.runtime.http import After, Body, CustomerWorkspace, Limit, Problem, Tools, cursor, page
from supportmax.services.answering.guard import MAX_CHARACTERS
from supportmax.services.take_chat_turn import ChatReply, take_chat_turn

router = APIRouter(tags=["Chat"])
PROBLEMS: dict[int | str, dict[str, Any]] = {code: {"model": Problem} for code in (400, 401, 404, 413, 422, 503)}


class ChatRequest(Body):
    """One message of a customer. Without `session_id` a new session begins."""

    message: str = Field(
        description=f"What the customer says, at most {MAX_CHARACTERS:,} characters.",
        examples=["My card was swallowed by the machine, what now?"],
        # A bound for the schema; the service names the real limit and answers 413.
        json_schema_extra={"minLength": 1, "maxLength": MAX_CHARACTERS},
    )
    session_id: str | None = Field(default=None, description="The session to continue.")


class CitationView(Body):
    """A source of the answer: the article's id and title, and the passage it rests on."""

    article_id: str
    title: str
    quote: str


class ChatResponse(Body):
    """`action` says what the desk did: answered, asked back (`choices`), handed over (`ticket_id`), or small talk."""

    session_id: UUID
    reply: str
    action: Action
    confidence: float = Field(ge=0, le=1)
    citations: list[CitationView]
    choices: list[str]
    ticket_id: UUID | None

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


@router.post("/chat", responses=PROBLEMS, summary="Take one chat turn")
async def chat(body: ChatRequest, tools: Tools, workspace_id: CustomerWorkspace) -> ChatResponse:
    session_id = parse_id(body.session_id, "session") if body.session_id else None
    promise = tools.settings.response_promise
    return ChatResponse.of(take_chat_turn(tools.answerer, tools.store, workspace_id, body.message, session_id, promise))


@router.get("/v1/sessions/{session_id}/messages", responses=PROBLEMS, summary="List a session's messages")
async def list_messages(
    session_id: Annotated[str, Path(description="A session's id.")],
    tools: Tools,
    workspace_id: CustomerWorkspace,
    after: After = None,
    limit: Limit = 50,
) -> MessagePage:
    wanted = parse_id(session_id, "session")
    with tools.store.begin(workspace_id) as tx:
        tx.sessions.get(wanted)
        rows = tx.messages.of_session(wanted, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda m: m.id)
    return MessagePage(messages=[MessageView.of(m) for m in shown], next_cursor=next_cursor)
