"""A ticket's conversation as the copilot reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.conversation import Message
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction
from supportmax.services.answering.guard import MAX_CHARACTERS, visible_text
from supportmax.services.mail.message_text import question_of

PAGE = 200
# Of a longer conversation, its beginning: nobody has read on by then.
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything that was said in a ticket, oldest first."""

    ticket: Ticket
    messages: Sequence[Message]

    @property
    def asked(self) -> list[list[Message]]:
        """The customer's messages in runs: a run ends where somebody answered."""
        runs: list[list[Message]] = []
        answered = True
        for message in self.public:
            if message.author_kind != "customer":
                answered = True
            elif answered:
                runs.append([message])
                answered = False
            else:
                runs[-1].append(message)
        return runs

    @property
    def public(self) -> list[Message]:
        return [message for message in self.messages if message.visibility == "public"]

    def last(self, *authors: str, visibility: str = "public") -> Message | None:
        """The last message by one of `authors`."""
        said = (m for m in reversed(self.messages) if m.visibility == visibility and m.author_kind in authors)
        return next(said, None)


def conversation_of(tx: Transaction, ticket_id: UUID) -> Conversation:
    """Raises NotFound."""
    ticket = tx.tickets.get(ticket_id)
    messages: list[Message] = []
    page = tx.messages.of_ticket(ticket.id, None, PAGE)
    while page and len(messages) < MOST:
        messages += page
        page = tx.messages.of_ticket(ticket.id, page[-1].id, PAGE) if len(page) == PAGE else []
    return Conversation(ticket, messages)


def text_of(messages: Sequence[Message]) -> str:
    """What they ask, as one clean text."""
    return visible_text("\n".join(question_of(message) for message in messages))[:MAX_CHARACTERS]
