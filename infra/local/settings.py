"""The template's parameters for this machine: addresses and passwords of the stack, and what a person put into .env."""

import os
from pathlib import Path

from dotenv import dotenv_values

from infra.local import paths
from infra.local.postgres import RUNTIME_ROLE, Postgres
from infra.local.state import State

PREFIX = "SUPPORTMAX_"
# Settings that a person may give in .env or in the environment, and the parameter that carries each.
OPTIONAL = {
    "WORKSPACE_NAME": "WorkspaceName",
    "ADMIN_EMAIL": "AdminEmail",
    "ADMIN_PASSWORD": "AdminPassword",
    "MAIL_FROM": "MailFrom",
    "MAIL_REPLY_DOMAIN": "MailReplyDomain",
    "LLM_BASE_URL": "LlmBaseUrl",
    "LLM_API_KEY": "LlmApiKey",
    "LLM_MODEL": "LlmModel",
    "LLM_PRICE": "LlmPrice",
    "LLM_CHEAP_MODEL": "LlmCheapModel",
    "LLM_CHEAP_PRICE": "LlmCheapPrice",
    "LLM_FALLBACK_BASE_URL": "LlmFallbackBaseUrl",
    "LLM_FALLBACK_API_KEY": "LlmFallbackApiKey",
    "LLM_FALLBACK_MODEL": "LlmFallbackModel",
    "LLM_FALLBACK_PRICE": "LlmFallbackPrice",
    "LLM_DAILY_BUDGET_DOLLARS": "LlmDailyBudget",
    "LLM_OUTPUT_TOKENS": "LlmOutputTokens",
    "LLM_CALLS_A_SESSION": "LlmCallsASession",
    "LLM_CALLS_A_CUSTOMER": "LlmCallsACustomer",
    "EMBEDDINGS_BASE_URL": "EmbeddingsBaseUrl",
    "EMBEDDINGS_API_KEY": "EmbeddingsApiKey",
    "SALESFORCE_ENABLED": "SalesforceEnabled",
    "SALESFORCE_LOGIN_URL": "SalesforceLoginUrl",
    "SALESFORCE_CONSUMER_KEY": "SalesforceConsumerKey",
    "SALESFORCE_USERNAME": "SalesforceUsername",
    "SALESFORCE_PRIVATE_KEY": "SalesforcePrivateKey",
    "RESPONSE_PROMISE": "ResponsePromise",
    "ALLOWED_ORIGIN": "AllowedOrigin",
    "APP_URL": "AppUrl",
    "API_URL": "ApiAddress",
    "ALLOW_PRIVATE_ADDRESSES": "AllowPrivateAddresses",
    "WEBHOOK_DISABLE_AFTER_HOURS": "WebhookDisableAfterHours",
    "RATE_LIMIT_CALLER": "RateLimitCaller",
    "RATE_LIMIT_ADDRESS": "RateLimitAddress",
    "RATE_LIMIT_SIGN_IN": "RateLimitSignIn",
    "RATE_LIMIT_VISITOR": "RateLimitVisitor",
    "RATE_LIMIT_CHAT": "RateLimitChat",
    "LOG_LEVEL": "LogLevel",
}
SAMPLE_WORLD = {
    "WorkspaceName": "Pebblebank",
    "AdminEmail": "admin@pebblebank.example",
    "MailFrom": "support@pebblebank.example",
    "MailReplyDomain": "reply.pebblebank.example",
}


def given(file: Path = paths.ROOT / ".env") -> dict[str, str]:
    """Parameters from .env and, before it, from the environment; empty values count as not given."""
    values = {**dotenv_values(file), **os.environ} if file.exists() else dict(os.environ)
    found = {parameter: values.get(PREFIX + name) or "" for name, parameter in OPTIONAL.items()}
    return {parameter: value for parameter, value in found.items() if value}


def without_effect(file: Path = paths.ROOT / ".env") -> list[str]:
    """Names in .env that this stack does not take, usually misspelt."""
    names = dotenv_values(file) if file.exists() else {}
    return sorted(name for name in names if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in OPTIONAL)


def parameters(state: State, database: Postgres) -> dict[str, str]:
    """All parameters of the local deployment."""
    return {
        "DatabaseUrl": database.url(RUNTIME_ROLE, state.runtime_password),
        "MigrationDatabaseUrl": database.owner_url,
        "TokenSecret": state.token_secret,
        "AdminPassword": state.admin_password,
        "LogRetentionDays": "7",
        **SAMPLE_WORLD,
        **given(),
    }
