"""The chat that a ticket came from, as agents see and steer it."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from functions.tickets.common import TicketId
from supportmax.domain.chats import Chat, EndedBy, InCharge, VisitorKind
from supportmax.domain.ids import parse_id
from supportmax.ports import Transaction
from supportmax.runtime.http import Body, SignedIn, Tools
from supportmax.services.steer_chat import Steering, steer_as_agent

router = APIRouter(tags=["Widget"])


class ChatSteering(Body):
    """What you do in the chat; a field that is left out stays."""

    typing: bool | None = Field(default=None, description="Say it every few seconds; it is forgotten after eight.")
    read: int | None = Field(default=None, ge=0, le=2**53, description="The `position` up to which you have read.")
    in_charge: InCharge | None = Field(
        default=None, description="`assistant` gives the chat back to it; `agent` silences it before you have replied."
    )
    end: bool = Field(default=False, description="Nobody writes in it any more; the ticket stays as it is.")


class ChatView(Body):
    """Who is in the chat, and who answers."""

    session_id: UUID
    visitor: VisitorKind | None = Field(
        description="What is known of them: nothing (`anonymous`), what they said themselves and nobody has checked "
        "(`claimed`), what the host site vouches for (`verified`). Null: the chat came by `POST /chat`."
    )
    visitor_name: str | None
    visitor_email: str | None
    visitor_subject: str | None = Field(description="A verified visitor's id at the host site.")
    in_charge: InCharge
    visitor_typing: bool
    agent_typing: bool
    visitor_read: int
    agent_read: int
    last_active_at: datetime
    ended_at: datetime | None
    ended_by: EndedBy | None

    @classmethod
    def of(cls, tx: Transaction, chat: Chat) -> "ChatView":
        verified = chat.requester_id if chat.visitor == "verified" else None
        subject = tx.visitor_identities.subject_of(verified) if verified else None
        own = cls.model_fields.keys() - {"session_id", "visitor_subject"}
        return cls(session_id=chat.id, visitor_subject=subject, **{name: getattr(chat, name) for name in own})


@router.get(
    "/v1/tickets/{ticket_id}/chat",
    summary="Get a ticket's chat",
    responses={404: {"description": "There is no such ticket, or it came by another way."}},
)
async def get_ticket_chat(ticket_id: TicketId, agent: SignedIn, tools: Tools) -> ChatView:
    """Who is there, what is known of them, whether they type, and what they have read."""
    wanted = parse_id(ticket_id, "ticket")
    with tools.store.begin(agent.workspace_id) as tx:
        return ChatView.of(tx, tx.chats.of_ticket(wanted))


@router.patch(
    "/v1/tickets/{ticket_id}/chat",
    summary="Steer a ticket's chat",
    responses={409: {"description": "The chat has ended, or the ticket is solved, closed or merged."}},
)
async def steer_ticket_chat(ticket_id: TicketId, body: ChatSteering, agent: SignedIn, tools: Tools) -> ChatView:
    """Show that you type or have read, take the chat, give it back to the assistant, or end it.

    A reply takes the chat as well. When the assistant hands over again, an agent is in charge again.
    """
    steered, wanted = parse_id(ticket_id, "ticket"), Steering(**body.model_dump())
    with tools.store.begin(agent.workspace_id) as tx:
        return ChatView.of(tx, steer_as_agent(tx, steered, wanted, agent.user))
