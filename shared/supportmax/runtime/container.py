"""The adapters of one sandbox, each made on first use, so that a function pays only for what it touches."""

import sys
import time
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from supportmax.adapters.embedder.minilm import MiniLMEmbedder
from supportmax.adapters.objects.s3 import S3ObjectStore
from supportmax.adapters.objects.s3_links import S3FileLinks
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.adapters.queue.sqs import SQSDeadLetters, SQSQueueSender
from supportmax.domain.errors import PermanentFailure, Unauthorized
from supportmax.domain.events import Envelope
from supportmax.runtime import secret_values, settings
from supportmax.runtime.embedders import ActiveModels, EmbedderShelf
from supportmax.services.before_commit import before_commit
from supportmax.services.publish_outbox import publish
from supportmax.services.triage.corpus import Corpora

if TYPE_CHECKING:
    from supportmax.ports import CRM, Embedder, Mailer
    from supportmax.ports.identity import OpenIDProvider, SecretBox
    from supportmax.ports.webhooks import WebhookPost
    from supportmax.services.answer_question import Answerer
    from supportmax.services.ask_model import Models
    from supportmax.services.mail.reply_address import ReplyAddresses


MIN_SECRET = 32
# How long a widget key is believed without a look: one that was replaced stops working within this time.
KNOWN_SECONDS = 60.0


class Container:
    """Everything a function can ask for."""

    def __init__(self, loaded: settings.Settings) -> None:
        self.settings = loaded

    @cached_property
    def database(self) -> Database:
        s = self.settings
        url = secret_values.database_url(s.database_url, s.database_secret_arn, "DATABASE_URL")
        return Database(url, s.statement_timeout_ms, None if s.prepare_threshold < 0 else s.prepare_threshold)

    @cached_property
    def store(self) -> PostgresStore:
        return PostgresStore(self.database, self._publish, before_commit)

    def _publish(self, workspace_id: UUID, envelopes: list[Envelope]) -> None:
        publish(self.store, self.queues, workspace_id, envelopes)

    @cached_property
    def queues(self) -> SQSQueueSender:
        return SQSQueueSender(self.settings.queue_urls)

    @cached_property
    def dead_letters(self) -> SQSDeadLetters:
        return SQSDeadLetters(self.settings.dead_letter_url)

    @cached_property
    def inbound(self) -> S3ObjectStore:
        return S3ObjectStore(self.settings.inbound_bucket)

    @cached_property
    def attachments(self) -> S3ObjectStore:
        return S3ObjectStore(self.settings.attachment_bucket)

    @cached_property
    def file_links(self) -> S3FileLinks:
        return S3FileLinks(self.settings.attachment_bucket)

    @cached_property
    def embedder(self) -> MiniLMEmbedder:
        return MiniLMEmbedder(self.settings.embedder_model_dir or layer_folder("model"), self.settings.embedder_threads)

    @cached_property
    def embedders(self) -> EmbedderShelf:
        return EmbedderShelf(self.embedder, self._remote_embedder)

    def _remote_embedder(self, model: str) -> "Embedder":
        from supportmax.adapters.embedder.openai_compatible import OpenAICompatibleEmbedder

        s = self.settings
        given = bool(s.embeddings_api_key.get_secret_value() or s.embeddings_api_key_secret_arn)
        key = s.embeddings_api_key, s.embeddings_api_key_secret_arn, "EMBEDDINGS_API_KEY"
        return OpenAICompatibleEmbedder(
            model, s.embeddings_base_url, (lambda: secret_values.plain(*key)) if given else None
        )

    def embedder_for(self, workspace_id: UUID) -> "Embedder":
        """The embedder with which this workspace's questions and articles can be compared."""
        return self.embedders.named(self._active_models.of(workspace_id))

    @cached_property
    def _active_models(self) -> ActiveModels:
        return ActiveModels(self.store)

    @cached_property
    def corpora(self) -> Corpora:
        """The labelled examples that this sandbox has read, by workspace."""
        return Corpora()

    @cached_property
    def models(self) -> "Models | None":
        """None without a model in the settings: answers are extractive then."""
        from supportmax.runtime.language_models import language_models, logged

        return logged(language_models(self.settings)) if self.settings.llm_model else None

    @cached_property
    def answerer(self) -> "Answerer":
        from supportmax.adapters.language import detect_language
        from supportmax.services.answer_question import Answerer

        return Answerer(self.embedder, self.models, detect_language, corpora=self.corpora)

    def answerer_for(self, workspace_id: UUID) -> "Answerer":
        """The answerer with the workspace's own embedding model."""
        return replace(self.answerer, embedder=self.embedder_for(workspace_id))

    @cached_property
    def mailer(self) -> "Mailer":
        from supportmax.adapters.mail.ses import SESMailer

        return SESMailer(self.settings.ses_configuration_set)

    @cached_property
    def reply_addresses(self) -> "ReplyAddresses":
        from supportmax.services.mail.reply_address import ReplyAddresses

        return ReplyAddresses(self.settings.reply_address, self.token_secret)

    @cached_property
    def secret_box(self) -> "SecretBox":
        from supportmax.adapters.secret_box import AESSecretBox

        return AESSecretBox(self.token_secret)

    @cached_property
    def openid(self) -> "OpenIDProvider":
        from supportmax.adapters.openid import HTTPOpenIDProvider
        from supportmax.adapters.public_http import PublicHTTP

        return HTTPOpenIDProvider(PublicHTTP(self.settings.allow_private_addresses))

    @cached_property
    def webhook_post(self) -> "WebhookPost":
        from supportmax.adapters.webhook_post import HTTPWebhookPost

        return HTTPWebhookPost(self.settings.allow_private_addresses)

    @cached_property
    def crm(self) -> "CRM":
        from supportmax.adapters.crm.salesforce import SalesforceCRM
        from supportmax.adapters.crm.salesforce_config import SalesforceConfig

        s = self.settings
        key = secret_values.plain(
            s.salesforce_private_key, s.salesforce_private_key_secret_arn, "SALESFORCE_PRIVATE_KEY"
        )
        return SalesforceCRM(
            SalesforceConfig(s.salesforce_consumer_key, s.salesforce_username, key, s.salesforce_login_url)
        )

    @cached_property
    def token_secret(self) -> str:
        secret = secret_values.plain(self.settings.token_secret, self.settings.token_secret_arn, "TOKEN_SECRET")
        if len(secret) < MIN_SECRET:  # RFC 7518, section 3.2: HS256 wants a key as long as its hash
            raise PermanentFailure(f"SUPPORTMAX_TOKEN_SECRET must have at least {MIN_SECRET} characters")
        return secret

    def workspace(self, widget_key: str = "") -> UUID:
        """The workspace a customer speaks to: that of the widget key, else the default one. Raises Unauthorized."""
        if widget_key:
            return self._find(widget_key=widget_key) or _refuse()
        found = self._find(slug=self.settings.default_workspace)
        if found is None:
            raise PermanentFailure(f"there is no workspace {self.settings.default_workspace!r}: run the migrations")
        return found

    def workspace_named(self, slug: str | None) -> UUID | None:
        """The workspace that somebody wants to sign in to; the default one unless they name another."""
        return self._find(slug=slug) if slug else self.workspace()

    def _find(self, slug: str = "", widget_key: str = "") -> UUID | None:
        known, since = self._workspaces.get((slug, widget_key), (None, 0.0))
        if known is None or time.monotonic() - since > KNOWN_SECONDS:
            known = self.store.find_workspace(slug, widget_key)
            if known:
                self._workspaces[slug, widget_key] = known, time.monotonic()
        return known

    @cached_property
    def _workspaces(self) -> dict[tuple[str, str], tuple[UUID, float]]:
        return {}


def layer_folder(name: str) -> Path:
    """A folder that a layer brings: Lambda puts layers under /opt, an emulator may not, but `python` lies beside it."""
    beside = (Path(entry).parent / name for entry in sys.path if Path(entry).name == "python")
    return next((folder for folder in beside if folder.is_dir()), Path("/opt") / name)


def _refuse() -> UUID:
    raise Unauthorized("The widget key is not known.")


@cache
def get() -> Container:
    """The container of this process."""
    return Container(settings.load())
