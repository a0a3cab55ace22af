"""Any server that speaks OpenAI's chat completions: OpenAI, Azure, vLLM, Ollama, and what others offer in this form."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from supportmax.adapters.llm.deadline import within
from supportmax.adapters.llm.dialect import Dialect
from supportmax.adapters.llm.failures import NothingDone, explained, wait_before_retry
from supportmax.adapters.llm.masking import hearing, masked, restored
from supportmax.adapters.llm.reading import (
    Incomplete,
    Refused,
    Spoken,
    Unreadable,
    estimated,
    events_in,
    first_choice,
    message_text,
    object_in,
    usage_in,
)
from supportmax.adapters.llm.schema import mismatch
from supportmax.domain.answers import Usage
from supportmax.domain.errors import PermanentFailure
from supportmax.ports import CallLimits, Completion, NoCompletion, OnText, Prompt

if TYPE_CHECKING:
    import openai

MAX_BYTES = 1_000_000
# Failures of the server, and answers that cannot be used.
TRIES = 3
# One for each parameter that a server may refuse, and one for the request that it takes.
ADAPTATIONS = 9


@dataclass(slots=True)
class _Call:
    """One call under way: what was asked, until when, and what it has cost so far."""

    prompt: Prompt
    limits: CallLimits
    on_text: OnText | None
    ends_at: float
    spent: Usage = field(default_factory=Usage)
    cut_off: bool = False

    @property
    def left(self) -> float:
        return self.ends_at - time.monotonic()


class OpenAICompatibleLLM:
    """`base_url` None is OpenAI itself; a query in it (Azure's `api-version`) goes with every request.

    `api_key`: the key, or what fetches it on first use; empty where the server wants none. `setting`: how the names of
    this model's settings begin, for what goes wrong.
    """

    def __init__(
        self,
        model: str,
        api_key: str | Callable[[], str],
        base_url: str | None = None,
        setting: str = "SUPPORTMAX_LLM",
    ) -> None:
        self.model = model
        self._api_key = api_key
        self._base_url = base_url or None
        self._setting = setting
        self._dialect = Dialect()

    def complete(self, prompt: Prompt, limits: CallLimits, on_text: OnText | None = None) -> Completion:
        """Personal data is masked on the way out and put back in what comes in."""
        ends_at = time.monotonic() + limits.seconds
        prompt, mask = masked(prompt)
        call = _Call(prompt, limits, hearing(on_text, mask), ends_at)
        try:
            return restored(within(limits.seconds, lambda: self._complete(call)), mask)
        except TimeoutError:
            raise NoCompletion(f"language model {self.model}: no answer in time", "timeout", None) from None

    def _complete(self, call: _Call) -> Completion:
        """Tries again only where the server has done no work; what was paid for once is not paid for again here."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._try(call)
            except NothingDone as failure:
                if attempt == TRIES or not wait_before_retry(failure, call.left):
                    raise
        raise AssertionError("the loop above returns or raises")

    def _try(self, call: _Call) -> Completion:
        """One answer, after as many requests as it takes to find out which parameters the server knows."""
        import openai

        for _ in range(ADAPTATIONS):
            request = self._dialect.request(
                call.prompt.system,
                call.prompt.user,
                call.prompt.schema,
                call.limits.output_tokens,
                call.on_text is not None,
            )
            try:
                return self._request(call, request)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._dialect.adapt(str(error), request):
                    raise explained(error, self.model, self._base_url, self._setting) from error
            except openai.OpenAIError as error:
                raise explained(error, self.model, self._base_url, self._setting) from error
        raise PermanentFailure(f"language model {self.model}: refuses every form of request: check {self._setting}_*")

    def _request(self, call: _Call, request: dict[str, Any]) -> Completion:
        create = self._client.chat.completions.with_streaming_response.create
        with create(model=self.model, timeout=max(call.left, 0.01), **request) as response:
            try:
                body = self._in_time(response.iter_bytes(), call)
                streamed = "event-stream" in response.headers.get("content-type", "")
                text = self._streamed(body, call) if streamed else self._whole(body, call)
                return self._completion(text, call)
            except Unreadable as error:
                raise self._unusable(error, call) from None

    def _unusable(self, error: Unreadable, call: _Call) -> NoCompletion:
        name = f"language model {self.model}"
        if isinstance(error, Refused):
            return NoCompletion(f"{name}: {error}", "refused", call.spent)
        if call.cut_off:
            limit = f"{call.limits.output_tokens} tokens: raise SUPPORTMAX_LLM_OUTPUT_TOKENS"
            return NoCompletion(f"{name}: the answer was cut off at {limit}", "cut_off", call.spent)
        self._dialect.spell_out()
        return NoCompletion(f"{name}: {error}", "invalid", None if isinstance(error, Incomplete) else call.spent)

    def _completion(self, text: str, call: _Call) -> Completion:
        data = object_in(text)
        if wrong := mismatch(data, call.prompt.schema):
            raise Unreadable(wrong)
        return Completion(data, call.spent)

    def _whole(self, body: Iterator[bytes], call: _Call) -> str:
        try:
            received = b"".join(body)
            document = json.loads(received)
        except (ValueError, RecursionError):
            raise Incomplete("the answer is not a completion in JSON") from None
        call.spent += usage_in(document, self.model) or estimated(self.model, call.prompt.user, received)
        choice = first_choice(document)
        call.cut_off = choice.get("finish_reason") == "length"
        return message_text(choice.get("message"))

    def _streamed(self, body: Iterator[bytes], call: _Call) -> str:
        said = Spoken(call.on_text)
        for document in events_in(_lines(body)):
            said.add(document, self.model)
        call.spent += said.usage or estimated(self.model, call.prompt.user, said.text.encode())
        call.cut_off = said.cut_off
        return message_text({"content": said.text, "refusal": said.refused})

    def _in_time(self, chunks: Iterator[bytes], call: _Call) -> Iterator[bytes]:
        """The body, unless it drips, breaks off or has no end: the client's own timeout bounds each wait only."""
        import httpx2

        size = 0
        try:
            for chunk in chunks:
                size += len(chunk)
                if call.left <= 0:
                    raise TimeoutError
                if size > MAX_BYTES:
                    raise Incomplete("the answer has no end")
                yield chunk
        except httpx2.TimeoutException as error:
            raise TimeoutError from error
        except httpx2.HTTPError as error:  # the client translates what comes before the body only
            raise NoCompletion(f"language model {self.model}: {type(error).__name__}", "disconnected", None) from error

    @cached_property
    def _client(self) -> "openai.OpenAI":
        from supportmax.adapters.llm.client import open_client

        return open_client(self._base_url, self._api_key if isinstance(self._api_key, str) else self._api_key())


def _lines(body: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in body:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode("utf-8", "replace").rstrip("\r") for line in whole)
    if rest:
        yield rest.decode("utf-8", "replace")
