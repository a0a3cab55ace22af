"""Any server that speaks OpenAI's embeddings: OpenAI, vLLM, Ollama, text-embeddings-inference …"""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from supportmax.domain.embedding import ModelName
from supportmax.domain.errors import PermanentFailure, TransientFailure
from supportmax.domain.personal_data import generalise

# Small servers take no more by default, and a batch is short enough for one deadline.
BATCH = 32
# Models read 512 tokens or more; a chunk has at most 900 characters, and a long mail says early what it is about.
MAX_CHARACTERS = 2_000
TRIES = 3
FIRST_WAIT = 0.5
MAX_BYTES = 16_000_000


class _TryAgain(Exception):  # noqa: N818 - no error yet
    """It may work in `after` seconds (None: the server did not say)."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class OpenAICompatibleEmbedder:
    """`model` is `name` or `name@dimensions`; `base_url` empty is OpenAI itself; `key` None: the server wants none.

    `deadline` in seconds: for a batch of 32 texts with all its tries.
    """

    def __init__(
        self,
        model: str,
        base_url: str = "",
        key: Callable[[], str] | None = None,
        deadline: float = 10.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model
        self._name = ModelName.parse(model)
        self._base_url = base_url
        self._key = key
        self._deadline = deadline
        self._sleep = sleep
        self._asks_for_dimensions = self._name.dimensions is not None

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of unit length per text, in order. Texts beyond 2,000 characters are cut.

        Personal data is not sent: its kind is, in words.

        Raises TransientFailure when the server is down, slow, busy or sends nonsense, and PermanentFailure for a wrong
        key, an unknown model, and vectors of another length than the model's name says.
        """
        if not self._base_url and self._key is None:
            raise PermanentFailure(
                f"embeddings: {self.model} is not the local model and no endpoint is set: "
                "set SUPPORTMAX_EMBEDDINGS_BASE_URL or SUPPORTMAX_EMBEDDINGS_API_KEY"
            )
        clean = [generalise(text)[:MAX_CHARACTERS] if text.strip() else "." for text in texts]  # no server takes ""
        return [v for start in range(0, len(clean), BATCH) for v in self._embed_batch(clean[start : start + BATCH])]

    def _embed_batch(self, texts: Sequence[str]) -> list[list[float]]:
        ends_at = time.monotonic() + self._deadline
        for attempt in range(1, TRIES + 1):
            try:
                return self._ask(texts, ends_at)
            except _TryAgain as again:
                wait = FIRST_WAIT * 2 ** (attempt - 1) if again.after is None else again.after
                if attempt == TRIES or time.monotonic() + wait >= ends_at:
                    raise TransientFailure(f"embeddings: {again}: {self._where}") from again
                self._sleep(wait)
        raise AssertionError("unreachable")

    def _ask(self, texts: Sequence[str], ends_at: float) -> list[list[float]]:
        """One request; a second one without the wish for a length if the server refuses the first."""
        import openai

        try:
            return self._checked(self._send(texts, ends_at, self._asks_for_dimensions), len(texts))
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            if not self._asks_for_dimensions:
                raise self._refused(error) from error
            vectors = self._ask_plainly(texts, ends_at)
            self._asks_for_dimensions = False  # it has the wanted length without being asked
            return vectors

    def _ask_plainly(self, texts: Sequence[str], ends_at: float) -> list[list[float]]:
        import openai

        try:
            return self._checked(self._send(texts, ends_at, with_dimensions=False), len(texts))
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            raise self._refused(error) from error

    def _send(self, texts: Sequence[str], ends_at: float, with_dimensions: bool) -> bytes:
        """The body of the answer. Raises the client's errors only for requests that the server does not take."""
        import openai

        try:
            with self._client.embeddings.with_streaming_response.create(
                model=self._name.name,
                input=list(texts),
                encoding_format="float",
                timeout=max(0.1, ends_at - time.monotonic()),
                **({"dimensions": self._name.dimensions} if with_dimensions else {}),
            ) as response:
                return b"".join(_bounded(response.iter_bytes(), ends_at))
        except openai.APIConnectionError as error:
            raise _TryAgain(f"no answer ({type(error).__name__})") from error
        except (openai.RateLimitError, openai.InternalServerError) as error:
            raise _TryAgain(f"HTTP {error.status_code}", _retry_after(error)) from error
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise PermanentFailure(
                f"embeddings: {self._where} refuses the key: check SUPPORTMAX_EMBEDDINGS_API_KEY"
            ) from error
        except openai.NotFoundError as error:
            raise self._refused(error) from error

    def _refused(self, error: Any) -> PermanentFailure:
        return PermanentFailure(
            f"embeddings: {self._where} does not take the request (HTTP {error.status_code}): check the model's name, "
            f"{self._name.name}, and SUPPORTMAX_EMBEDDINGS_BASE_URL"
        )

    def _checked(self, body: bytes, count: int) -> list[list[float]]:
        """Unit vectors, as many as asked and as long as the model's name says."""
        vectors = _parse(body)
        if len(vectors) != count:
            raise _TryAgain(f"{len(vectors)} vectors for {count} texts")
        wanted = self._name.dimensions or len(vectors[0])
        if other := next((len(vector) for vector in vectors if len(vector) != wanted), None):
            raise PermanentFailure(
                f"embeddings: {self._name.name} at {self._where} has {other} dimensions instead of {wanted}: "
                f"name the model {self._name.name}@{other}, or check SUPPORTMAX_EMBEDDINGS_BASE_URL"
            )
        return [_unit(vector) for vector in vectors]

    @property
    def _where(self) -> str:
        return self._base_url or "api.openai.com"

    @cached_property
    def _client(self) -> Any:
        import openai

        # Without a URL of its own the client would look into the environment, where those of other programs are.
        url = self._base_url or "https://api.openai.com/v1"
        return openai.OpenAI(api_key=self._key() if self._key else "none", base_url=url, max_retries=0)


def _bounded(chunks: Iterator[bytes], ends_at: float) -> Iterator[bytes]:
    """The body, unless it drips, breaks off or does not end."""
    size = 0
    try:
        for chunk in chunks:
            size += len(chunk)
            if time.monotonic() > ends_at or size > MAX_BYTES:
                raise TimeoutError
            yield chunk
    except Exception as error:  # of the HTTP library below the client, which the client does not translate here
        raise _TryAgain(f"the answer broke off ({type(error).__name__})") from error


def _parse(body: bytes) -> list[list[float]]:
    """The vectors in the order of the texts. Raises _TryAgain for anything else."""
    try:
        rows = json.loads(body)["data"]
        ordered = sorted(rows, key=lambda row: int(row.get("index", 0)))
        vectors = [[float(number) for number in row["embedding"]] for row in ordered]
    except (AttributeError, LookupError, TypeError, ValueError):
        raise _TryAgain("the answer is not a list of vectors") from None
    if not all(vector and all(map(math.isfinite, vector)) and any(vector) for vector in vectors):
        raise _TryAgain("a vector is empty or holds no numbers")
    return vectors


def _unit(vector: list[float]) -> list[float]:
    length = math.hypot(*vector)
    return [number / length for number in vector]


def _retry_after(error: Any) -> float | None:
    """Seconds that the server asks for; None when it says nothing that is a number."""
    try:
        return max(0.0, float(error.response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None
