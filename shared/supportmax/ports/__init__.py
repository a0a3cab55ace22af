"""What the services need from outside, as small protocols. Adapters satisfy them by shape alone."""

from supportmax.ports.calibration import CalibrationRepository
from supportmax.ports.conversation import (
    AttachmentRepository,
    Deliveries,
    InboundMailRepository,
    MessageReader,
    MessageRepository,
    MessageWriter,
    SessionRepository,
)
from supportmax.ports.delivery import Inbox, Outbox, Watermarks
from supportmax.ports.embedding import Embedders, EmbeddingIndexes
from supportmax.ports.knowledge import (
    ArticleReader,
    ArticleRepository,
    ArticleWriter,
    ChunkRepository,
    ChunkSearch,
    ChunkWriter,
    TurnRepository,
)
from supportmax.ports.models import LLM, CallLimits, Completion, Embedder, NoCompletion, OnText, Prompt
from supportmax.ports.outside import CRM, DeadLetters, Mailer, ObjectStore, QueueSender
from supportmax.ports.pending import Pending
from supportmax.ports.people import (
    AuditLog,
    GroupRepository,
    NotificationRepository,
    UserReader,
    UserRepository,
    UserWriter,
)
from supportmax.ports.store import Store, Transaction, WorkspaceRepository, WorkspaceRow, WorkspaceStatistics
from supportmax.ports.tickets import CRMLinks, EscalationRepository, TicketReader, TicketRepository, TicketWriter
from supportmax.ports.triage import ExampleRepository, LabelRepository, TriageModelRepository

__all__ = [
    "CRM",
    "LLM",
    "ArticleReader",
    "ArticleRepository",
    "ArticleWriter",
    "AttachmentRepository",
    "AuditLog",
    "CRMLinks",
    "CalibrationRepository",
    "CallLimits",
    "ChunkRepository",
    "ChunkSearch",
    "ChunkWriter",
    "Completion",
    "DeadLetters",
    "Deliveries",
    "Embedder",
    "Embedders",
    "EmbeddingIndexes",
    "EscalationRepository",
    "ExampleRepository",
    "GroupRepository",
    "InboundMailRepository",
    "Inbox",
    "LabelRepository",
    "Mailer",
    "MessageReader",
    "MessageRepository",
    "MessageWriter",
    "NoCompletion",
    "NotificationRepository",
    "ObjectStore",
    "OnText",
    "Outbox",
    "Pending",
    "Prompt",
    "QueueSender",
    "SessionRepository",
    "Store",
    "TicketReader",
    "TicketRepository",
    "TicketWriter",
    "Transaction",
    "TriageModelRepository",
    "TurnRepository",
    "UserReader",
    "UserRepository",
    "UserWriter",
    "Watermarks",
    "WorkspaceRepository",
    "WorkspaceRow",
    "WorkspaceStatistics",
]
