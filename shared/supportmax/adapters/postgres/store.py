"""The store: transactions with every repository of one workspace at hand."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from uuid import UUID

from supportmax.adapters.postgres import (
    access,
    answering_settings,
    assignment,
    calibration,
    chats,
    conversation,
    delivery,
    embedding_indexes,
    identity,
    improvement,
    knowledge,
    macros,
    metrics,
    model_calls,
    people,
    privacy,
    rules,
    satisfaction,
    service_levels,
    ticket_details,
    ticket_search,
    ticket_vectors,
    ticket_work,
    tickets,
    traffic,
    triage,
    visitors,
    webhooks,
    widgets,
)
from supportmax.adapters.postgres.database import Connection, Database
from supportmax.adapters.postgres.repository import Repository
from supportmax.domain.events import Envelope
from supportmax.domain.people import Workspace
from supportmax.domain.time_buckets import EARLIEST
from supportmax.domain.touched import Touched
from supportmax.domain.webhooks import Happening
from supportmax.ports.store import Transaction


class WorkspaceRow(Repository):
    file = "workspaces"

    def get(self) -> Workspace:
        return self.one(Workspace, "get")

    def create(self, slug: str, name: str, widget_key: str) -> None:
        self.send("create", slug=slug, name=name, widget_key=widget_key)

    def change(self, name: str, widget_key: str, time_zone: str) -> None:
        self.send("change", name=name, widget_key=widget_key, time_zone=time_zone)

    def counts(self) -> dict[str, Any]:
        return self.rows("counts", since=self.value("counted_until") or EARLIEST)[0]

    def schema_version(self) -> str:
        return str(self.value("schema_version"))


class PostgresTransaction:
    """The repositories of one open transaction, each made on first use.

    `touched`: the tickets that were changed, or in which something was said. `waits`: for the commit.
    """

    def __init__(self, connection: Connection, workspace_id: UUID, waits: bool = True) -> None:
        self.workspace_id = workspace_id
        self.waits = waits
        self.touched = Touched()
        self._at = (connection, workspace_id)
        self.outbox = delivery.Outbox(*self._at)
        self._happened: list[Happening] = []
        self._telling = (*self._at, self._happened, self.touched)

    sessions = cached_property(lambda self: conversation.Sessions(*self._at))
    messages = cached_property(lambda self: conversation.Messages(*self._telling))
    chats = cached_property(lambda self: chats.Chats(*self._at))
    chat_states = cached_property(lambda self: chats.ChatStates(*self._at))
    chat_settings = cached_property(lambda self: chats.ChatSettingsOfWorkspace(*self._at))
    message_keys = cached_property(lambda self: chats.MessageKeys(*self._at))
    widget_keys = cached_property(lambda self: widgets.WidgetKeys(*self._at))
    widget_origins = cached_property(lambda self: widgets.WidgetOrigins(*self._at))
    visitor_keys = cached_property(lambda self: visitors.VisitorKeys(*self._at))
    visitor_identities = cached_property(lambda self: visitors.VisitorIdentities(*self._at))
    deliveries = cached_property(lambda self: conversation.Deliveries(*self._at))
    attachments = cached_property(lambda self: conversation.Attachments(*self._at))
    tickets = cached_property(lambda self: tickets.Tickets(*self._telling))
    ticket_finder = cached_property(lambda self: ticket_search.TicketFinder(*self._at))
    ticket_views = cached_property(lambda self: ticket_search.TicketViews(*self._at))
    ticket_vectors = cached_property(lambda self: ticket_vectors.TicketVectors(*self._at))
    tickets_by_meaning = cached_property(lambda self: ticket_vectors.TicketsByMeaning(*self._at))
    ticket_events = cached_property(lambda self: ticket_details.TicketEvents(*self._at))
    ticket_fields = cached_property(lambda self: ticket_details.TicketFields(*self._at))
    ticket_followers = cached_property(lambda self: ticket_details.TicketFollowers(*self._at))
    ticket_links = cached_property(lambda self: ticket_details.TicketLinks(*self._at))
    ticket_presence = cached_property(lambda self: ticket_work.TicketPresence(*self._at))
    uploads = cached_property(lambda self: ticket_work.Uploads(*self._at))
    jobs = cached_property(lambda self: ticket_work.Jobs(*self._at))
    rules = cached_property(lambda self: rules.Rules(*self._at))
    rule_firings = cached_property(lambda self: rules.RuleFirings(*self._at))
    rule_facts = cached_property(lambda self: rules.RuleFacts(*self._at))
    satisfaction = cached_property(lambda self: satisfaction.SatisfactionRatings(*self._at))
    satisfaction_settings = cached_property(lambda self: satisfaction.SatisfactionSettingsRow(*self._at))
    macros = cached_property(lambda self: macros.Macros(*self._at))
    canned_replies = cached_property(lambda self: macros.CannedReplies(*self._at))
    users = cached_property(lambda self: people.Users(*self._at))
    groups = cached_property(lambda self: people.Groups(*self._at))
    articles = cached_property(lambda self: knowledge.Articles(*self._at))
    chunks = cached_property(lambda self: knowledge.Chunks(*self._at))
    embedding = cached_property(lambda self: embedding_indexes.EmbeddingIndexes(*self._at))
    labels = cached_property(lambda self: triage.Labels(*self._at))
    examples = cached_property(lambda self: triage.Examples(*self._at))
    triage_models = cached_property(lambda self: triage.TriageModels(*self._at))
    calibrations = cached_property(lambda self: calibration.Calibrations(*self._at))
    answering_settings = cached_property(lambda self: answering_settings.AnsweringSettings(*self._at))
    model_calls = cached_property(lambda self: model_calls.ModelCalls(*self._at))
    call_counts = cached_property(lambda self: model_calls.CallCounts(*self._at))
    budget = cached_property(lambda self: model_calls.Budget(*self._at))
    spending = cached_property(lambda self: model_calls.SpendingReport(*self._at))
    metric_rollups = cached_property(lambda self: metrics.MetricRollups(*self._at))
    metric_reader = cached_property(lambda self: metrics.MetricReader(*self._at))
    circuit_breakers = cached_property(lambda self: model_calls.CircuitBreakers(*self._at))
    ratings = cached_property(lambda self: improvement.Ratings(*self._at))
    answer_history = cached_property(lambda self: improvement.AnswerHistory(*self._at))
    proposals = cached_property(lambda self: improvement.Proposals(*self._at))
    escalations = cached_property(lambda self: tickets.Escalations(*self._at))
    notifications = cached_property(lambda self: people.Notifications(*self._at))
    notification_preferences = cached_property(lambda self: people.NotificationPreferences(*self._at))
    inbound_mails = cached_property(lambda self: delivery.InboundMails(*self._at))
    turns = cached_property(lambda self: delivery.Turns(*self._at))
    inbox = cached_property(lambda self: delivery.Inbox(*self._at))
    audit = cached_property(lambda self: people.AuditLog(*self._at))
    crm_links = cached_property(lambda self: delivery.CRMLinks(*self._at))
    watermarks = cached_property(lambda self: delivery.Watermarks(*self._at))
    callers = cached_property(lambda self: access.Callers(*self._at))
    login_sessions = cached_property(lambda self: access.LoginSessions(*self._at))
    api_keys = cached_property(lambda self: access.APIKeys(*self._at))
    sign_in_attempts = cached_property(lambda self: access.SignInAttempts(*self._at))
    accounts = cached_property(lambda self: access.Accounts(*self._at))
    account_links = cached_property(lambda self: access.AccountLinks(*self._at))
    audit_reader = cached_property(lambda self: access.AuditReader(*self._at))
    second_factors = cached_property(lambda self: identity.SecondFactors(*self._at))
    recovery_codes = cached_property(lambda self: identity.RecoveryCodes(*self._at))
    identity_providers = cached_property(lambda self: identity.IdentityProviders(*self._at))
    oidc_attempts = cached_property(lambda self: identity.OIDCAttempts(*self._at))
    identities = cached_property(lambda self: identity.Identities(*self._at))
    rate_limits = cached_property(lambda self: traffic.RateLimits(*self._at))
    idempotency_keys = cached_property(lambda self: traffic.IdempotencyKeys(*self._at))
    webhook_endpoints = cached_property(lambda self: webhooks.WebhookEndpoints(*self._at))
    webhook_deliveries = cached_property(lambda self: webhooks.WebhookDeliveries(*self._at))
    business_hours = cached_property(lambda self: service_levels.Calendars(*self._at))
    sla_policies = cached_property(lambda self: service_levels.Policies(*self._at))
    ticket_clocks = cached_property(lambda self: service_levels.TicketClocks(*self._at))
    clocked_tickets = cached_property(lambda self: service_levels.ClockedTickets(*self._at))
    due_clocks = cached_property(lambda self: service_levels.DueClocks(*self._at))
    stale_clocks = cached_property(lambda self: service_levels.StaleClocks(*self._at))
    privacy = cached_property(lambda self: privacy.Privacy(*self._at))
    retention = cached_property(lambda self: privacy.Retention(*self._at))
    group_settings = cached_property(lambda self: assignment.GroupSettingsRepository(*self._at))
    agents = cached_property(lambda self: assignment.Agents(*self._at))
    skill_rules = cached_property(lambda self: assignment.SkillRules(*self._at))
    assignment = cached_property(lambda self: assignment.Assignment(*self._at))
    waiting_tickets = cached_property(lambda self: assignment.WaitingTickets(*self._at))
    workspace = cached_property(lambda self: WorkspaceRow(*self._at))

    def tell(self) -> None:
        """What happened becomes deliveries to whoever listens, in this very transaction."""
        if self._happened:
            webhooks.Listeners(*self._at).tell(self._happened, self.outbox)


class PostgresStore:
    """`before_commit` sees to the tickets that a transaction touched, within it.

    `after_commit` is told what a committed transaction put into the outbox, so that it goes out at once.
    """

    def __init__(
        self,
        database: Database,
        after_commit: Callable[[UUID, list[Envelope]], None] | None = None,
        before_commit: Callable[[Transaction, Touched], None] | None = None,
    ) -> None:
        self._database = database
        self._after_commit = after_commit
        self._before_commit = before_commit

    @contextmanager
    def begin(self, workspace_id: UUID, wait: bool = True) -> Iterator[PostgresTransaction]:
        with self._database.transaction(wait) as connection:
            transaction = PostgresTransaction(connection, workspace_id, wait)
            enter = "enter" if wait else "enter_without_waiting"
            connection.when_begun(lambda: transaction.workspace.send(enter))
            yield transaction
            if transaction.touched and self._before_commit:
                self._before_commit(transaction, transaction.touched)
            transaction.tell()
        if transaction.outbox.added and self._after_commit:
            self._after_commit(workspace_id, transaction.outbox.added)

    def find_workspace(self, slug: str = "", widget_key: str = "") -> UUID | None:
        with self._database.transaction() as connection:
            found = WorkspaceRow(connection, UUID(int=0)).value("find", slug=slug, widget_key=widget_key)
        return found if isinstance(found, UUID) else None

    def allows_origin(self, patterns: Sequence[str], workspace_id: UUID | None) -> bool:
        if workspace_id:
            with self.begin(workspace_id) as tx:
                return tx.widget_origins.allowed(patterns)
        with self._database.transaction() as connection:
            return widgets.WidgetOrigins(connection, UUID(int=0)).known(patterns)

    def all_workspaces(self) -> list[UUID]:
        with self._database.transaction() as connection:
            return [row["all_workspaces"] for row in WorkspaceRow(connection, UUID(int=0)).rows("all")]
