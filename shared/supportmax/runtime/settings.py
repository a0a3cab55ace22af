"""Every setting, read from the environment once per sandbox. `.env.example` explains each."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from supportmax.domain.events import Queue
from supportmax.domain.prices import parse_price


class Settings(BaseSettings):
    """Names are those of the environment without `SUPPORTMAX_`. Unknown variables are ignored, wrong values refused."""

    model_config = SettingsConfigDict(env_prefix="SUPPORTMAX_", frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: SecretStr = SecretStr("")
    database_secret_arn: str = ""
    migration_database_url: SecretStr = SecretStr("")
    migration_database_secret_arn: str = ""
    statement_timeout_ms: int = Field(default=10_000, gt=0)
    # psycopg prepares a statement after this many uses; -1 never does, as poolers in transaction mode want it.
    prepare_threshold: int = 3
    token_secret: SecretStr = SecretStr("")
    token_secret_arn: str = ""

    default_workspace: str = "default"
    workspace_name: str = "Support"
    admin_email: str = ""
    admin_password: SecretStr = SecretStr("")
    response_promise: str = "A colleague will answer you here within one working day."

    queue_classify_url: str = ""
    queue_respond_url: str = ""
    queue_escalate_url: str = ""
    queue_email_send_url: str = ""
    queue_index_url: str = ""
    queue_crm_sync_url: str = ""
    queue_webhook_send_url: str = ""
    dead_letter_url: str = ""

    # The origin of the pages that may read answers in a browser.
    allowed_origin: str = "*"

    # Requests a minute: of one person or API key, of one address's visitors, of one address without a sign-in, of one
    # visitor's token, and messages of one chat.
    rate_limit_caller: int = Field(default=3_000, gt=0)
    rate_limit_address: int = Field(default=6_000, gt=0)
    rate_limit_sign_in: int = Field(default=120, gt=0)
    rate_limit_visitor: int = Field(default=600, gt=0)
    rate_limit_chat: int = Field(default=60, gt=0)

    # Where people use the desk; links in mails to agents begin with it.
    app_url: str = ""
    # Where customers reach the API; links in mails to them begin with it. Without it nobody is asked how the help was.
    api_url: str = ""
    # Identity providers and webhooks may be on this machine or in this network. Only where everybody who may set one up
    # is trusted.
    allow_private_addresses: bool = False

    # A webhook whose receiver has taken nothing for so long is switched off.
    webhook_disable_after_hours: float = Field(default=120, gt=0, le=8_760)

    attachment_bucket: str = ""
    inbound_bucket: str = ""
    mail_from: str = "support@example.com"
    mail_reply_domain: str = ""
    ses_configuration_set: str = ""

    # Empty: beside the `python` folder of the layer that brings the model.
    embedder_model_dir: Path | None = None
    embedder_threads: int = Field(default=1, ge=1, le=16)
    # Embedding models other than the local one; a workspace names the one that it uses.
    embeddings_base_url: str = ""
    embeddings_api_key: SecretStr = SecretStr("")
    embeddings_api_key_secret_arn: str = ""
    llm_base_url: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_api_key_secret_arn: str = ""
    llm_model: str = ""
    llm_deadline_seconds: float = Field(default=15, gt=0)
    # The longest answer, with the thoughts of a model that reasons; so much is set aside before each call.
    llm_output_tokens: int = Field(default=1_500, ge=100, le=100_000)
    # "INPUT/CACHED/OUTPUT", dollars per million tokens, where the list in domain/prices.py does not know the model.
    llm_price: str = ""
    # The same endpoint's cheaper model, for when the day's budget is nearly spent.
    llm_cheap_model: str = ""
    llm_cheap_price: str = ""
    # Another vendor, for when the first one is down.
    llm_fallback_base_url: str = ""
    llm_fallback_api_key: SecretStr = SecretStr("")
    llm_fallback_api_key_secret_arn: str = ""
    llm_fallback_model: str = ""
    llm_fallback_price: str = ""
    # Of each workspace that has no budget of its own.
    llm_daily_budget_dollars: float = Field(default=5, ge=0, le=1_000_000)
    # Calls in 24 hours; beyond them answers are extractive.
    llm_calls_a_session: int = Field(default=60, ge=0)
    llm_calls_a_customer: int = Field(default=200, ge=0)

    salesforce_enabled: bool = False
    salesforce_login_url: str = "https://login.salesforce.com"
    salesforce_consumer_key: str = ""
    salesforce_username: str = ""
    salesforce_private_key: SecretStr = SecretStr("")
    salesforce_private_key_secret_arn: str = ""

    log_level: str = "INFO"

    @field_validator("mail_from")
    @classmethod
    def _is_address(cls, value: str) -> str:
        local, at, domain = value.partition("@")
        if not (local and at and "." in domain):
            raise ValueError("must be a mail address such as support@example.com")
        return value

    @field_validator("llm_base_url", "llm_fallback_base_url", "embeddings_base_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            valid = not value or (parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0)
        except ValueError:
            valid = False
        if not valid:
            raise ValueError("must be an address such as https://api.example.com/v1")
        return value

    @field_validator("llm_price", "llm_cheap_price", "llm_fallback_price")
    @classmethod
    def _is_price(cls, value: str) -> str:
        if value:
            parse_price(value)
        return value

    @property
    def queue_urls(self) -> dict[Queue, str]:
        """The URL of each queue; empty for one that this function may not send to."""
        return {
            "classify": self.queue_classify_url,
            "respond": self.queue_respond_url,
            "escalate": self.queue_escalate_url,
            "email-send": self.queue_email_send_url,
            "index": self.queue_index_url,
            "crm-sync": self.queue_crm_sync_url,
            "webhook-send": self.queue_webhook_send_url,
        }

    @property
    def mail_domain(self) -> str:
        """The domain that receives the desk's mail and names its Message-IDs."""
        return self.mail_reply_domain or self.mail_from.partition("@")[2]

    @property
    def reply_address(self) -> str:
        """The desk's own address at the domain that receives its mail."""
        return f"{self.mail_from.partition('@')[0]}@{self.mail_domain}"


@cache
def load() -> Settings:
    """The settings of this process. Raises pydantic's ValidationError, which names each wrong variable."""
    return Settings()
