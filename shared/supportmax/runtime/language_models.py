"""The language models of the settings, in the order in which they are tried."""

import logging
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from pydantic import SecretStr

from supportmax.adapters.llm.openai_compatible import OpenAICompatibleLLM
from supportmax.domain.errors import SupportMaxError
from supportmax.domain.prices import MILLION, price_of
from supportmax.ports import LLM, CallLimits, Completion, OnText, Prompt
from supportmax.runtime.logs import log
from supportmax.runtime.secret_values import plain
from supportmax.runtime.settings import Settings
from supportmax.services.ask_model import Limits, Models, Provider


class LoggedLLM:
    """A language model whose failures are in the logs."""

    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    @property
    def model(self) -> str:
        return self._llm.model

    def complete(self, prompt: Prompt, limits: CallLimits, on_text: OnText | None = None) -> Completion:
        try:
            return self._llm.complete(prompt, limits, on_text)
        except SupportMaxError as failure:
            log(logging.WARNING, "no answer of the language model", model=self.model, reason=failure.message)
            raise


def logged(models: Models) -> Models:
    return replace(models, providers=[replace(p, llm=LoggedLLM(p.llm)) for p in models.providers])


def language_models(s: Settings) -> Models:
    """The main model, the cheaper one, the one of another vendor."""
    key = _key(s.llm_api_key, s.llm_api_key_secret_arn, "LLM_API_KEY")
    providers = [_provider(s.llm_model, key, s.llm_base_url, s.llm_price)]
    if s.llm_cheap_model:
        providers.append(_provider(s.llm_cheap_model, key, s.llm_base_url, s.llm_cheap_price))
    if s.llm_fallback_model:
        other = _key(s.llm_fallback_api_key, s.llm_fallback_api_key_secret_arn, "LLM_FALLBACK_API_KEY")
        providers.append(
            _provider(
                s.llm_fallback_model, other, s.llm_fallback_base_url, s.llm_fallback_price, "SUPPORTMAX_LLM_FALLBACK"
            )
        )
    return Models(providers, _limits(s))


def _limits(s: Settings) -> Limits:
    return Limits(
        seconds=s.llm_deadline_seconds,
        output_tokens=s.llm_output_tokens,
        calls_a_session=s.llm_calls_a_session,
        calls_a_customer=s.llm_calls_a_customer,
        daily_budget_microusd=round(s.llm_daily_budget_dollars * MILLION),
    )


def _provider(
    model: str, key: Callable[[], str], base_url: str, price: str, setting: str = "SUPPORTMAX_LLM"
) -> Provider:
    llm = OpenAICompatibleLLM(model, key, base_url, setting)
    return Provider(urlsplit(base_url).netloc.rpartition("@")[2] or "api.openai.com", llm, price_of(model, price))


def _key(value: SecretStr, secret_arn: str, name: str) -> Callable[[], str]:
    """Fetched with the first call, so that a secret out of reach costs that call only. Own servers want no key."""
    return lambda: plain(value, secret_arn, name) if secret_arn or value.get_secret_value() else ""
