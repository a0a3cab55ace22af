"""Transactions with every repository of one workspace at hand."""

from contextlib import AbstractContextManager
from typing import Any, Protocol
from uuid import UUID

from supportmax.domain.people import Workspace
from supportmax.ports.calibration import AnsweringSettingsRepository, CalibrationRepository
from supportmax.ports.conversation import (
    AttachmentRepository,
    Deliveries,
    InboundMailRepository,
    MessageRepository,
    SessionRepository,
)
from supportmax.ports.delivery import Inbox, Outbox, Watermarks
from supportmax.ports.embedding import EmbeddingIndexes
from supportmax.ports.improvement import AnswerHistory, Proposals, Ratings
from supportmax.ports.knowledge import ArticleRepository, ChunkRepository, TurnRepository
from supportmax.ports.model_calls import (
    Budget,
    CallCounts,
    CircuitBreakers,
    ModelCallRepository,
    SpendingReport,
)
from supportmax.ports.people import AuditLog, GroupRepository, NotificationRepository, UserRepository
from supportmax.ports.tickets import CRMLinks, EscalationRepository, TicketRepository
from supportmax.ports.triage import ExampleRepository, LabelRepository, TriageModelRepository


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
    def embedding(self) -> EmbeddingIndexes: ...
    @property
    def labels(self) -> LabelRepository: ...
    @property
    def examples(self) -> ExampleRepository: ...
    @property
    def triage_models(self) -> TriageModelRepository: ...
    @property
    def calibrations(self) -> CalibrationRepository: ...
    @property
    def answering_settings(self) -> AnsweringSettingsRepository: ...
    @property
    def model_calls(self) -> ModelCallRepository: ...
    @property
    def call_counts(self) -> CallCounts: ...
    @property
    def budget(self) -> Budget: ...
    @property
    def spending(self) -> SpendingReport: ...
    @property
    def circuit_breakers(self) -> CircuitBreakers: ...
    @property
    def ratings(self) -> Ratings: ...
    @property
    def answer_history(self) -> AnswerHistory: ...
    @property
    def proposals(self) -> Proposals: ...
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
    def begin(self, workspace_id: UUID, wait: bool = True) -> AbstractContextManager[Transaction]:
        """A transaction; leaving the block commits it, an exception rolls it back.

        Without `wait` the commit is only sent: what came of it shows in the thread's next transaction, and it is on the
        disk when that one is. So it is for what another transaction follows before anyone is told anything, and not for
        the outbox.
        """

    def find_workspace(self, slug: str = "", widget_key: str = "") -> UUID | None: ...
    def all_workspaces(self) -> list[UUID]: ...
