"""Any server that speaks OpenAI's chat completions."""

import json
from functools import cached_property
from typing import Any

from supportmax.domain.answers import Usage
from supportmax.domain.errors import PermanentFailure, TransientFailure
from supportmax.ports import Completion


class OpenAICompatibleLLM:
    """`base_url` None is OpenAI itself. `deadline` in seconds holds for the whole call, retries included."""

    def __init__(self, model: str, api_key: str, base_url: str | None = None, deadline: float = 15.0) -> None:
        self._model = model
        self._api_key = api_key
        self._base_url = base_url or None
        self._deadline = deadline

    def complete(self, system: str, user: str, schema: dict[str, Any]) -> Completion:
        answer = self._ask(system, user, schema)
        text = (answer.choices[0].message.content if answer.choices else None) or ""
        return Completion(data=_as_object(text), usage=self._usage(answer))

    def _ask(self, system: str, user: str, schema: dict[str, Any]) -> Any:
        import openai

        try:
            return self._client.chat.completions.create(
                model=self._model,
                messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "strict": True, "schema": schema},
                },
                temperature=0,
            )
        except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError) as error:
            raise TransientFailure(f"language model: {type(error).__name__}") from error
        except openai.OpenAIError as error:
            raise PermanentFailure(f"language model: {type(error).__name__}: check SUPPORTMAX_LLM_*") from error

    def _usage(self, answer: Any) -> Usage:
        tokens = answer.usage
        return Usage(
            model=answer.model or self._model,
            input_tokens=tokens.prompt_tokens if tokens else 0,
            output_tokens=tokens.completion_tokens if tokens else 0,
        )

    @cached_property
    def _client(self) -> Any:
        import openai

        # One attempt: a second one would not fit into the turn's deadline, and the extractive answer is at hand.
        return openai.OpenAI(api_key=self._api_key, base_url=self._base_url, timeout=self._deadline, max_retries=0)


def _as_object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError:
        raise TransientFailure("language model: the answer is not JSON") from None
    if not isinstance(data, dict):
        raise TransientFailure("language model: the answer is not an object")
    return data
