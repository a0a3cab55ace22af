"""What the services need from outside, as small protocols. Adapters satisfy them by shape alone."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from supportmax.domain.answers import Turn, Usage
from supportmax.domain.conversation import Attachment, Delivery, Message, Session
from supportmax.domain.crm import CaseChange, CaseLink, CaseSnapshot
from supportmax.domain.events import Envelope, Event, Queue
from supportmax.domain.inbound import InboundMail
from supportmax.domain.knowledge import Article, ArticleDraft, Chunk, Hit, IndexStatus, Vector
from supportmax.domain.people import Group, Role, User, Workspace
from supportmax.domain.tickets import NewTicket, Ticket, TicketFilter
from supportmax.domain.triage import Label, Neighbour


class Embedder(Protocol):
    """Text to vectors of 384 numbers, unit length."""

    @property
    def model(self) -> str:
        """Name and version; vectors of different models are never compared."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, in order."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a language model said, parsed against the asked schema, and what it cost."""

    data: dict[str, Any]
    usage: Usage


class LLM(Protocol):
    def complete(self, system: str, user: str, schema: dict[str, Any]) -> Completion:
        """One structured answer. Raises TransientFailure when no usable answer came in time."""


class QueueSender(Protocol):
    def send(self, envelopes: Sequence[Envelope]) -> list[UUID]:
        """Send each to its event's queue; returns the ids accepted. Raises TransientFailure if none was."""

    def depths(self) -> dict[Queue, int]:
        """Messages waiting in each queue."""


class DeadLetters(Protocol):
    def bury(self, body: str, reason: str) -> None:
        """Keep a message that can never be processed, with the reason. Raises TransientFailure if it was not kept."""


class ObjectStore(Protocol):
    def get(self, key: str) -> bytes:
        """The object's bytes. Raises NotFound."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store it, replacing what was there."""


class Mailer(Protocol):
    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        """Hand over one RFC 5322 message; returns the provider's id.

        Raises PermanentFailure if it was refused, TransientFailure if it was certainly not sent, and OutcomeUnknown
        if it may have been.
        """


class CRM(Protocol):
    def push_case(self, case: CaseSnapshot) -> CaseLink:
        """Create or update the case, its contact and comments; doing it twice changes nothing."""

    def changed_cases(self, since: datetime, limit: int) -> list[CaseChange]:
        """Cases changed after `since` (UTC), oldest change first; a little more than `limit` to finish a second."""


class SessionRepository(Protocol):
    def add(self, session_id: UUID, requester_id: UUID | None) -> Session: ...
    def get(self, session_id: UUID) -> Session:
        """Raises NotFound."""

    def touch(self, session_id: UUID) -> None:
        """Note that it is alive."""


class MessageReader(Protocol):
    def get(self, message_id: UUID) -> Message:
        """Raises NotFound."""

    def of_session(self, session_id: UUID, after: UUID | None, limit: int) -> list[Message]:
        """Public messages, oldest first."""

    def of_ticket(self, ticket_id: UUID, after: UUID | None, limit: int) -> list[Message]:
        """All messages, oldest first."""


class MessageWriter(Protocol):
    def add(self, message: Message) -> Message: ...
    def move_session_to_ticket(self, session_id: UUID, ticket_id: UUID) -> None:
        """The chat so far becomes part of the ticket."""

    def find_thread(self, mail_ids: Sequence[str], sender: str) -> UUID | None:
        """The ticket that knows one of these Message-IDs and in which `sender` takes part."""


class Deliveries(Protocol):
    def claim(self, message_id: UUID) -> Message | None:
        """Take a queued message for sending; None if another has it, or had it."""

    def record(
        self, message_id: UUID, state: Delivery, delivery_id: str | None = None, mail_message_id: str | None = None
    ) -> None:
        """What became of it; `mail_message_id` if the provider gave it another Message-ID."""

    def rescue(self, older_than: datetime) -> list[UUID]:
        """Messages left in `sending` since before then become `unknown`; returns their tickets."""


class AttachmentRepository(Protocol):
    def add(self, attachment: Attachment) -> None: ...
    def of_messages(self, message_ids: Sequence[UUID]) -> list[Attachment]: ...


class TicketReader(Protocol):
    def get(self, ticket_id: UUID) -> Ticket:
        """Raises NotFound."""

    def lock(self, ticket_id: UUID) -> Ticket:
        """Like get, and nobody else changes it until this transaction ends."""

    def list(self, wanted: TicketFilter, after: UUID | None, limit: int) -> list[Ticket]:
        """Newest first, those older than `after`."""


class TicketWriter(Protocol):
    def add(self, new: NewTicket) -> Ticket: ...
    def update(self, ticket_id: UUID, changes: Mapping[str, Any]) -> Ticket:
        """Set these columns and count the version up. Raises NotFound."""

    def delete(self, ticket_id: UUID) -> None:
        """Raises NotFound."""


class TicketRepository(TicketReader, TicketWriter, Protocol):
    """Tickets of the workspace."""


class MessageRepository(MessageReader, MessageWriter, Protocol):
    """Messages of the workspace."""


class UserReader(Protocol):
    def get(self, user_id: UUID) -> User:
        """Raises NotFound."""

    def credentials(self, email: str) -> tuple[User, str] | None:
        """An agent or admin and the password hash; None if nobody signs in with that address."""

    def list(self, role: Role | None) -> list[User]: ...


class UserWriter(Protocol):
    def customer(self, email: str, name: str) -> User:
        """The person with that address, made a customer if new."""

    def add(self, role: Role, name: str, email: str, password_hash: str | None) -> User:
        """Raises Conflict if the address is taken."""


class UserRepository(UserReader, UserWriter, Protocol):
    """People of the workspace."""


class GroupRepository(Protocol):
    def list(self) -> list[Group]: ...
    def save(self, name: str, member_ids: Sequence[UUID]) -> Group:
        """Create the group, or add members to it."""

    def least_loaded(self, group_id: UUID | None) -> User | None:
        """The agent of the group (of all agents if None) with the fewest unsolved tickets."""


class ArticleReader(Protocol):
    def get(self, article_id: UUID) -> Article:
        """Raises NotFound."""

    def list(self, after: UUID | None, limit: int) -> list[Article]: ...
    def status(self, embedding_model: str) -> IndexStatus: ...


class ArticleWriter(Protocol):
    def save(self, draft: ArticleDraft, article_id: UUID | None = None) -> tuple[Article, str]:
        """Create or update by external id (or by `article_id`); the second is `created`, `updated` or `unchanged`."""

    def delete(self, article_id: UUID) -> None:
        """With all its chunks. Raises NotFound."""

    def mark_indexed(self, article_id: UUID, fingerprint: str | None, error: str | None = None) -> None: ...


class ArticleRepository(ArticleReader, ArticleWriter, Protocol):
    """Knowledge articles of the workspace."""


class ChunkWriter(Protocol):
    def vectors(self, article_id: UUID, model: str) -> dict[str, Vector]:
        """The text of each chunk that is already embedded with `model`, with its vector."""

    def replace(self, article_id: UUID, model: str, language: str, chunks: Sequence[Chunk]) -> None:
        """These are the article's chunks from now on."""


class ChunkSearch(Protocol):
    def search(self, vector: Vector, words: str, model: str, limit: int) -> list[Hit]:
        """The nearest chunks and those sharing words with `words`, up to `limit` of each; published articles only."""

    def body_of(self, article_id: UUID, vector: Vector, model: str) -> list[Hit]:
        """The article's own passages in reading order, each with its similarity."""


class ChunkRepository(ChunkWriter, ChunkSearch, Protocol):
    """Chunks of the workspace."""


class LabelRepository(Protocol):
    def list(self) -> list[Label]: ...
    def save(self, name: str, description: str, priority: str, group_id: UUID | None, is_spam: bool) -> Label: ...
    def by_name(self, name: str) -> Label:
        """Raises NotFound."""


class ExampleRepository(Protocol):
    def add(self, label_id: UUID, texts: Sequence[str], vectors: Sequence[Vector], model: str) -> int:
        """Returns how many were new."""

    def nearest(self, vector: Vector, model: str, limit: int) -> list[Neighbour]: ...
    def list(self, after: UUID | None, limit: int) -> list[dict[str, Any]]: ...


class EscalationRepository(Protocol):
    def add(
        self, ticket_id: UUID, reason: str, summary: str, group_id: UUID | None, assignee_id: UUID | None
    ) -> UUID: ...
    def of_ticket(self, ticket_id: UUID) -> list[dict[str, Any]]: ...


class NotificationRepository(Protocol):
    def add(self, user_id: UUID, ticket_id: UUID | None, text: str) -> None: ...
    def of_user(self, user_id: UUID, after: UUID | None, limit: int) -> list[dict[str, Any]]: ...


class InboundMailRepository(Protocol):
    def seen(self, fingerprint: str) -> bool:
        """Whether this mail was dealt with; others with the same fingerprint wait until this transaction ends."""

    def add(self, mail: InboundMail) -> None: ...
    def held(self, after: UUID | None, limit: int) -> list[InboundMail]:
        """Suspended and quarantined mail, newest first."""


class TurnRepository(Protocol):
    def add(self, turn: Turn) -> None: ...
    def recent(self, session_id: UUID, limit: int) -> list[Turn]:
        """Newest first."""

    def machine_mails(self, ticket_id: UUID, since: datetime) -> int:
        """How many automatic mails the ticket had since then."""


class Outbox(Protocol):
    def add(self, event: Event) -> Envelope:
        """Publish `event` if, and only if, this transaction commits."""

    def claim_due(self, older_than: datetime, limit: int) -> list[Envelope]:
        """Unpublished ones that nobody claimed since then, oldest first."""

    def mark_published(self, ids: Sequence[UUID]) -> None: ...


class Inbox(Protocol):
    def first_time(self, consumer: str, message_id: UUID) -> bool:
        """Remember it in this transaction; False if it was processed before."""

    def prune(self, older_than: datetime) -> int:
        """Forget what is older, published outbox rows too; returns how many."""


class AuditLog(Protocol):
    def add(
        self, actor: str, action: str, subject_kind: str, subject_id: UUID | None, detail: Mapping[str, Any]
    ) -> None: ...


class CRMLinks(Protocol):
    def claim(self, ticket_id: UUID) -> bool:
        """Take the ticket for pushing; False while another push of it is under way."""

    def save(self, ticket_id: UUID, link: CaseLink) -> None:
        """Record the push and end the claim."""


class Watermarks(Protocol):
    def get(self, name: str) -> datetime | None: ...
    def advance(self, name: str, reached: datetime) -> None:
        """Forward only."""


class WorkspaceRepository(Protocol):
    def get(self) -> Workspace: ...
    def create(self, slug: str, name: str, widget_key: str) -> None:
        """Make the workspace of this transaction; nothing if the slug is taken."""


class WorkspaceStatistics(Protocol):
    def counts(self) -> dict[str, Any]:
        """Totals for the metrics page, by one query."""

    def schema_version(self) -> str:
        """The newest migration that was applied."""


class WorkspaceRow(WorkspaceRepository, WorkspaceStatistics, Protocol):
    """The workspace itself, and figures about it."""


class Transaction(Protocol):
    """One transaction in one workspace: all of it happens, or none."""

    @property
    def workspace_id(self) -> UUID: ...
    @property
    def sessions(self) -> SessionRepository: ...
    @property
    def messages(self) -> MessageRepository: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def attachments(self) -> AttachmentRepository: ...
    @property
    def tickets(self) -> TicketRepository: ...
    @property
    def users(self) -> UserRepository: ...
    @property
    def groups(self) -> GroupRepository: ...
    @property
    def articles(self) -> ArticleRepository: ...
    @property
    def chunks(self) -> ChunkRepository: ...
    @property
    def labels(self) -> LabelRepository: ...
    @property
    def examples(self) -> ExampleRepository: ...
    @property
    def escalations(self) -> EscalationRepository: ...
    @property
    def notifications(self) -> NotificationRepository: ...
    @property
    def inbound_mails(self) -> InboundMailRepository: ...
    @property
    def turns(self) -> TurnRepository: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def crm_links(self) -> CRMLinks: ...
    @property
    def watermarks(self) -> Watermarks: ...
    @property
    def workspace(self) -> WorkspaceRow: ...


class Store(Protocol):
    def begin(self, workspace_id: UUID) -> AbstractContextManager[Transaction]:
        """A transaction; leaving the block commits it, an exception rolls it back."""

    def find_workspace(self, slug: str = "", widget_key: str = "") -> UUID | None: ...
    def all_workspaces(self) -> list[UUID]: ...
