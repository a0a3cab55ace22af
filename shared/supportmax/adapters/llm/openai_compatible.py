"""Any server that speaks OpenAI's chat completions."""

import json
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from supportmax.domain.answers import Usage
from supportmax.domain.errors import PermanentFailure, TransientFailure
from supportmax.ports import Completion


class OpenAICompatibleLLM:
    """`base_url` None is OpenAI itself. `deadline` in seconds: for every wait, and for the answer once it has begun."""

    def __init__(self, model: str, api_key: str, base_url: str | None = None, deadline: float = 15.0) -> None:
        self._model = model
        self._api_key = api_key
        self._base_url = base_url or None
        self._deadline = deadline

    def complete(self, system: str, user: str, schema: dict[str, Any]) -> Completion:
        return _completion(self._ask(system, user, schema), self._model)

    def _ask(self, system: str, user: str, schema: dict[str, Any]) -> bytes:
        import openai

        try:
            with self._client.chat.completions.with_streaming_response.create(
                model=self._model,
                messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "strict": True, "schema": schema},
                },
                temperature=0,
            ) as response:
                return b"".join(self._in_time(response.iter_bytes()))
        except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError) as error:
            raise TransientFailure(f"language model: {type(error).__name__}") from error
        except openai.OpenAIError as error:
            raise PermanentFailure(f"language model: {type(error).__name__}: check SUPPORTMAX_LLM_*") from error

    def _in_time(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The body, unless it drips or breaks off: the client's own deadline only bounds the wait for each byte."""
        ends_at = time.monotonic() + self._deadline
        try:
            for chunk in chunks:
                if time.monotonic() > ends_at:
                    raise TimeoutError
                yield chunk
        except Exception as error:  # of the HTTP library below the client, which the client does not translate here
            raise TransientFailure(f"language model: {type(error).__name__}") from error

    @cached_property
    def _client(self) -> Any:
        import openai

        # One attempt: a second one would not fit into the turn's deadline, and the extractive answer is at hand.
        return openai.OpenAI(api_key=self._api_key, base_url=self._base_url, timeout=self._deadline, max_retries=0)


def _completion(body: bytes, model: str) -> Completion:
    """The document around the answer, and the answer in it; proxies and small servers send all sorts of things."""
    try:
        document = json.loads(body)
        data = json.loads(document["choices"][0]["message"]["content"])
        tokens = document.get("usage") or {}
        usage = Usage(
            model=str(document.get("model") or model),
            input_tokens=int(tokens.get("prompt_tokens", 0)),
            output_tokens=int(tokens.get("completion_tokens", 0)),
        )
    except (AttributeError, LookupError, TypeError, ValueError):
        raise TransientFailure("language model: the answer is not a completion in JSON") from None
    if not isinstance(data, dict):
        raise TransientFailure("language model: the answer is not an object")
    return Completion(data=data, usage=usage)
