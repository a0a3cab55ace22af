"""Embedders that speed up, watch, or disturb the real one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supportmax.adapters.embedder.minilm import MiniLMEmbedder


class RememberingEmbedder(MiniLMEmbedder):
    """The real one, which reads no text twice: tests teach the same articles again and again."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._known: dict[str, list[float]] = {}

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= dict(zip(new, super().embed(new), strict=True))
        return [list(self._known[text]) for text in texts]


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
