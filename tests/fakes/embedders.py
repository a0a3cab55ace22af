"""Embedders that watch, or disturb, the real one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from supportmax.adapters.embedder.minilm import MiniLMEmbedder


@dataclass
class CountingEmbedder:
    """Remembers every text that was embedded."""

    inner: MiniLMEmbedder
    texts: list[str] = field(default_factory=list)

    @property
    def model(self) -> str:
        return self.inner.model

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts.extend(texts)
        return self.inner.embed(texts)


@dataclass
class InterruptedEmbedder:
    """Something else happens, once, while a text is being embedded: between reading and writing."""

    inner: MiniLMEmbedder
    meanwhile: Callable[[], object] | None

    @property
    def model(self) -> str:
        return self.inner.model

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors = self.inner.embed(texts)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return vectors
