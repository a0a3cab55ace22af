"""Do the endpoints of the settings answer? `doctor` asks each language model one tiny question."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from infra.local import paths
from infra.local.machine import Finding
from infra.local.settings import PREFIX
from supportmax.domain.errors import SupportMaxError
from supportmax.domain.prices import UNKNOWN
from supportmax.ports import CallLimits, Prompt
from supportmax.runtime.language_models import language_models
from supportmax.runtime.settings import Settings
from supportmax.services.ask_model import Provider

SECONDS = 20
QUESTION = Prompt(
    "check",
    "Answer with a JSON object.",
    '{"question": "Are you there?"}',
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["here"],
        "properties": {"here": {"type": "boolean"}},
    },
)


def settings_of(file: Path = paths.ROOT / ".env") -> Settings:
    """The settings of the functions, from .env and, before it, the environment. Raises ValidationError."""
    values = dotenv_values(file) if file.exists() else {}
    given: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in values.items()
        if name.startswith(PREFIX) and value and name not in os.environ
    }
    return Settings(**given)


def findings() -> Iterator[Finding]:
    """Wrong values first: with those nothing else can be found out."""
    try:
        given = settings_of()
    except ValidationError as error:
        for wrong in error.errors():
            name = PREFIX + "_".join(map(str, wrong["loc"])).upper()
            yield Finding(
                "settings", False, f"{name}: {wrong['msg'].removeprefix('Value error, ')}", "change it in .env"
            )
        return
    yield from _language_models(given)
    if given.embeddings_base_url or given.embeddings_api_key.get_secret_value():
        yield _embeddings(given)


def _language_models(given: Settings) -> Iterator[Finding]:
    if not given.llm_model:
        forgotten = given.llm_api_key.get_secret_value() or given.llm_base_url or given.llm_cheap_model
        detail = "none: answers are in the articles' own words"
        yield Finding("language model", not forgotten, detail, f"set {PREFIX}LLM_MODEL", hard=False)
        return
    for provider in language_models(given).providers:
        yield _language_model(provider)
        if provider.price == UNKNOWN:
            detail = f"no list price is known for {provider.llm.model}, so it counts as a dear model"
            yield Finding("price", False, detail, f"set {PREFIX}LLM_PRICE, _CHEAP_PRICE or _FALLBACK_PRICE", hard=False)


def _language_model(provider: Provider) -> Finding:
    what, started = f"{provider.llm.model} at {provider.name}", time.monotonic()
    try:
        provider.llm.complete(QUESTION, CallLimits(SECONDS, 1_000))
    except SupportMaxError as failure:
        return Finding("language model", False, f"{what} does not work: {failure.message}")
    return Finding("language model", True, f"{what} answered in {time.monotonic() - started:.1f} s")


def _embeddings(given: Settings) -> Finding:
    """Which model a workspace uses is its own matter: here only the endpoint and the key are tried."""
    import openai

    from supportmax.adapters.llm.client import open_client

    where = given.embeddings_base_url or "https://api.openai.com/v1"
    try:
        open_client(where, given.embeddings_api_key.get_secret_value()).models.list(timeout=SECONDS)
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        return Finding("embeddings", False, f"{where} refuses the key", f"check {PREFIX}EMBEDDINGS_API_KEY")
    except openai.APIConnectionError:
        return Finding("embeddings", False, f"{where} cannot be reached", f"check {PREFIX}EMBEDDINGS_BASE_URL")
    except openai.APIStatusError as error:  # not every server has a list of models
        if error.status_code >= 500:
            return Finding(
                "embeddings", False, f"{where} answers with {error.status_code}", "try again later", hard=False
            )
    return Finding("embeddings", True, f"{where} answers")
